"""Facts about a patient besides the monitor's: age, weight, treatments and entries of staff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice, PatientEntry
from simulators.patients.patient import Patient
from simulators.patients.plan import TreatmentKind

DEVICES: Final[Mapping[str, OxygenDevice]] = MappingProxyType(
    {
        **{device.value: device for device in OxygenDevice},
        "high-flow nasal cannula": OxygenDevice.HIGH_FLOW_CANNULA,
        "non-rebreather mask": OxygenDevice.NON_REBREATHER,
    }
)
"""Oxygen devices by the names that treatments and scenarios use."""
_NAMED_KINDS: Final[Mapping[str, EntryKind]] = MappingProxyType(
    {
        "infusion": EntryKind.INFUSION,
        "dose": EntryKind.INFUSION,
        "symptom": EntryKind.SYMPTOM,
        "flag": EntryKind.FLAG,
        **{
            kind.value: kind
            for kind in (
                EntryKind.VASOPRESSOR,
                EntryKind.ANTIPYRETIC,
                EntryKind.TOCILIZUMAB,
                EntryKind.STEROID,
                EntryKind.FLUIDS,
                EntryKind.CONSCIOUSNESS,
                EntryKind.CRS,
                EntryKind.AWAY,
                EntryKind.BASELINE,
            )
        },
    }
)
"""Kinds entered by name, some with an amount and an end."""
_PROCEDURES: Final = frozenset({"procedure", "pain"})
_START, _STOP = "start", "stop"


@dataclass(frozen=True, slots=True)
class TimedEntry:
    """One entry and its time."""

    at_s: float
    """Patient time, seconds."""
    kind: str
    """Kind of treatment, or of entry: infusion, symptom, ice, transfusion, flag."""
    value: str
    amount: float | None = None
    """Oxygen in l/min, fluids in l; None where no amount is entered."""
    until_s: float | None = None
    """End, patient time in seconds; None where there is no end."""
    entered_s: float | None = None
    """Time at which staff enter it; None for at once."""


def context_events(patient: Patient) -> tuple[TimedEntry, ...]:
    """Return a patient's context in order of time; the infusion first where there was one."""
    person, plan = patient.person, patient.plan
    events = [TimedEntry(entry.at_s, entry.kind, entry.value) for entry in plan.entries]
    for given in plan.treatments:
        is_run = given.until_s > given.at_s
        has_amount = given.kind in {TreatmentKind.OXYGEN, TreatmentKind.FLUIDS}
        events.append(
            TimedEntry(
                at_s=given.at_s,
                kind=given.kind.value,
                value=given.name,
                amount=given.amount if has_amount else None,
                until_s=given.until_s if is_run else None,
            )
        )
    events.sort(key=lambda event: (event.at_s, event.kind, event.value))
    infusion = TimedEntry(person.infused_s, "infusion", person.product)
    return (infusion, *events) if person.product else tuple(events)


def patient_entries(
    patient: Patient, start_utc_ns: int, events: Sequence[TimedEntry] | None = None
) -> tuple[PatientEntry, ...]:
    """Return the entries that careful staff would make, in order of the times they concern.

    At the start of the stay they enter age and weight, and that the patient has neither oxygen, nor
    a vasopressor, nor a treatment that could hide a fever.

    Parameters
    ----------
    start_utc_ns
        UTC time of patient time 0, ns since 1970.
    events
        Events as staff of a ward enter them, late or not at all; None for all of them at once.
    """
    person, patient_id = patient.person, f"sim-{patient.seed}"
    facts = [
        _Fact(0.0, EntryKind.AGE, amount=round(person.age_years, 2)),
        _Fact(0.0, EntryKind.WEIGHT, amount=round(person.weight_kg, 1)),
        _Fact(0.0, EntryKind.OXYGEN, OxygenDevice.AIR),
        *(_Fact(0.0, kind, NONE) for kind in _NONE_AT_START),
        *_facts(context_events(patient) if events is None else events),
    ]
    facts.sort(key=lambda fact: fact.at_s)
    return tuple(
        PatientEntry(
            entry_id=f"{patient_id}/{number}",
            patient_id=patient_id,
            kind=fact.kind,
            at_utc_ns=_utc_ns(start_utc_ns, fact.at_s),
            name=fact.name,
            amount=fact.amount,
            until_utc_ns=None if fact.until_s is None else _utc_ns(start_utc_ns, fact.until_s),
            site=fact.site,
            entered_utc_ns=_utc_ns(
                start_utc_ns, max(0.0, fact.at_s if fact.entered_s is None else fact.entered_s)
            ),
        )
        for number, fact in enumerate(facts)
    )


_NONE_AT_START: Final = (
    EntryKind.VASOPRESSOR,
    EntryKind.ANTIPYRETIC,
    EntryKind.TOCILIZUMAB,
    EntryKind.STEROID,
)
"""Treatments that no patient has had at the start of a stay."""


@dataclass(frozen=True, slots=True)
class _Fact:
    """An entry in patient time."""

    at_s: float
    kind: EntryKind
    name: str = ""
    amount: float | None = None
    until_s: float | None = None
    site: str = ""
    entered_s: float | None = None


def _facts(events: Sequence[TimedEntry]) -> Iterator[_Fact]:
    """Yield the entries that an event leads to; none for an event that is not entered."""
    for event in events:
        for fact in _facts_of(event, events):
            yield replace(fact, entered_s=event.entered_s)


def _facts_of(event: TimedEntry, events: Sequence[TimedEntry]) -> Iterator[_Fact]:
    match event.kind:
        case "oxygen":
            device, flow = DEVICES[event.value], event.amount or None
            yield _Fact(event.at_s, EntryKind.OXYGEN, device, flow, event.until_s)
        case "ice":
            yield _Fact(event.at_s, EntryKind.ICE, amount=float(event.value))
        case "culture":
            yield _Fact(event.at_s, EntryKind.FLAG, "culture")
        case "spot":
            warm = VitalKind.TEMPERATURE
            yield _Fact(event.at_s, EntryKind.SPOT, warm, event.amount, site=event.value)
        case "flag" if event.value in _PROCEDURES:
            yield _Fact(event.at_s, EntryKind.PROCEDURE, event.value)
        case "transfusion" if event.value == _START:
            yield _Fact(event.at_s, EntryKind.TRANSFUSION, "unit", None, _stop_s(event, events))
        case kind if kind in _NAMED_KINDS:
            amount, until_s = event.amount, event.until_s
            yield _Fact(event.at_s, _NAMED_KINDS[kind], event.value, amount, until_s)


def _stop_s(started: TimedEntry, events: Sequence[TimedEntry]) -> float | None:
    """Return the stop of a transfusion, patient time in seconds; None where none is entered."""
    stops = (e.at_s for e in events if e.kind == started.kind and e.value == _STOP)
    return min((at_s for at_s in stops if at_s >= started.at_s), default=None)


def _utc_ns(start_utc_ns: int, patient_s: float) -> int:
    return start_utc_ns + round(patient_s * 1e9)
