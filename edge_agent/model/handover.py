"""The open calls of a ward as the next shift takes them over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.model.calls import Call, CalledPerson, CallState
from edge_agent.model.duty import Duty
from edge_agent.model.shifts import OnDuty


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One open call, answered or not, with the people who have it from now on."""

    call: Call
    nurse: str
    """Person id of the bed's nurse on duty; of the nurse in charge where the bed has none."""
    called: tuple[CalledPerson, ...]
    """Everybody called for it who has not been relieved."""


def handover_of(calls: Iterable[Call], on_duty: OnDuty) -> list[HandedOver]:
    """Return the open calls: unanswered ones first, then by priority, then by bed."""
    listed = [call for call in calls if call.state is not CallState.OVER and not call.is_test]
    listed.sort(key=lambda c: (c.state is not CallState.CALLING, -c.priority, c.bed_id))
    return [_handed_over(call, on_duty) for call in listed]


def _handed_over(call: Call, on_duty: OnDuty) -> HandedOver:
    holders = (on_duty.person(duty, call.bed_id) for duty in (Duty.NURSE, Duty.CHARGE))
    nurse = next((holder.person_id for holder in holders if holder is not None), "")
    working = tuple(person for person in call.called if person.relieved_at is None)
    return HandedOver(call, nurse, working)
