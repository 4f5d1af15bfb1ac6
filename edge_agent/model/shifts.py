"""The people on duty at a moment, also in the night in which clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from edge_agent.model.duty import Duty, Person, Shift, WardPlan
from edge_agent.model.local_time import first_ns

_DAYS: Final = (-1, 0, 1)
"""Days, counted from today, on which the present shift and the next one can begin."""


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A ward plan with the shift that works at a moment."""

    plan: WardPlan
    shift: Shift | None = None
    """None without a ward file: nobody can be called."""
    ends_ns: int | None = None
    """Change to the next shift, ns since 1970 UTC; None without a shift."""

    @property
    def shift_name(self) -> str:
        """Name of the shift; empty without one."""
        return "" if self.shift is None else self.shift.name

    def person(self, duty: Duty, bed_id: str) -> Person | None:
        """Return the person who has a duty for a bed; None where nobody has."""
        if self.shift is None:
            return None
        nurse = self.shift.nurses.get(bed_id, "")
        holders = {
            Duty.NURSE: nurse,
            Duty.BUDDY: self.shift.buddies.get(nurse, ""),
            Duty.CHARGE: self.shift.charge,
            Duty.RAPID_RESPONSE: self.shift.rapid_response,
        }
        return self.plan.people.get(holders[duty])


def on_duty_at(plan: WardPlan, zone: tzinfo, utc_ns: int) -> OnDuty:
    """Return the people on duty at a moment.

    A shift begins when the ward's clock first shows its time of day, or jumps over it.
    """
    today = datetime.fromtimestamp(utc_ns // 10**9, zone).date()
    begins = sorted(_begins(plan, zone, today), key=lambda begin: begin[0])
    past = [shift for at_ns, shift in begins if at_ns <= utc_ns]
    if not past:
        return OnDuty(plan)
    ends_ns = next((at_ns for at_ns, _ in begins if at_ns > utc_ns), None)
    return OnDuty(plan, past[-1], ends_ns)


def _begins(plan: WardPlan, zone: tzinfo, today: date) -> Iterator[tuple[int, Shift]]:
    """Yield the begin of each shift, ns since 1970 UTC, from yesterday to tomorrow."""
    for day in _DAYS:
        on = today + timedelta(days=day)
        for shift in sorted(plan.shifts, key=lambda shift: shift.begins):
            yield first_ns(datetime.combine(on, shift.begins, zone)), shift
