"""What is known of a patient besides the monitor: who, what was given, what people entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.plan import TreatmentKind

if TYPE_CHECKING:
    from simulators.patient import Patient


@dataclass(frozen=True, slots=True)
class ContextEvent:
    """One thing entered, and when."""

    at_s: float
    """Patient time."""
    kind: str
    """A treatment's kind, or what was entered: infusion, symptom, ice, transfusion, flag."""
    value: str
    amount: float | None = None
    """Of oxygen in l/min, of fluids in l; None where no amount is entered."""
    until_s: float | None = None
    """When it ends; None for what has no end."""


def context_events(patient: Patient) -> tuple[ContextEvent, ...]:
    """Return a patient's context in order of time; the infusion first where there was one."""
    person, plan = patient.person, patient.plan
    events = [ContextEvent(entry.at_s, entry.kind, entry.value) for entry in plan.entries]
    for given in plan.treatments:
        is_run = given.until_s > given.at_s
        has_amount = given.kind in {TreatmentKind.OXYGEN, TreatmentKind.FLUIDS}
        events.append(
            ContextEvent(
                at_s=given.at_s,
                kind=given.kind.value,
                value=given.name,
                amount=given.amount if has_amount else None,
                until_s=given.until_s if is_run else None,
            )
        )
    events.sort(key=lambda event: (event.at_s, event.kind, event.value))
    infusion = ContextEvent(person.infused_s, "infusion", person.product)
    return (infusion, *events) if person.product else tuple(events)
