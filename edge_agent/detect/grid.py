"""The grid of event time: steps at which every bed is evaluated, live, restored or replayed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind

STEP_S: Final = 10
"""Seconds between evaluations of the rules; expectations of a course fall on this grid."""
MINUTE_STEPS: Final = 6
STEP_NS: Final = STEP_S * 10**9
# Steps for which a running value is held while none arrives; an explicit "no value" ends it at
# once. design start value, unvalidated
HOLD_STEPS: Final[Mapping[VitalKind, int]] = MappingProxyType(
    {
        VitalKind.HEART_RATE: 3,
        VitalKind.PULSE_RATE: 3,
        VitalKind.SPO2: 3,
        VitalKind.PERFUSION_INDEX: 3,
        VitalKind.RESPIRATORY_RATE: 6,
        VitalKind.ART_SYSTOLIC: 1,
        VitalKind.ART_MEAN: 1,
        VitalKind.ART_DIASTOLIC: 1,
        VitalKind.TEMPERATURE: 30,
        VitalKind.ETCO2: 6,
    }
)

SETTLE_S: Final = 2.0
"""Grace period before a step is closed by the clock instead of by the bed's next reading, so that a
slightly late reading still counts and the beds of a ward are not all evaluated at the same moment.
"""
_CATCH_UP_STEPS: Final = 360
"""Steps in one hour; older ones were not monitored and are not evaluated afterwards."""


class StepGrid:
    """Newest evaluated step of event time of each bed.

    Parameters
    ----------
    monitored_since
        Start of monitoring; no step that ended before is due.
    """

    def __init__(self, monitored_since: Instant) -> None:
        self._monitored_since = monitored_since
        self._first = monitored_since.monotonic_ns // STEP_NS
        self._evaluated: dict[str, int] = {}

    def evaluated_ns(self, bed_id: str) -> int:
        """Return the monotonic end of a bed's newest evaluated step."""
        return self._evaluated.get(bed_id, self._first) * STEP_NS

    def reopen_from(self, bed_id: str, at: Instant) -> None:
        """Make a bed's steps that end at `at` or later due again."""
        self._evaluated[bed_id] = (at.monotonic_ns - 1) // STEP_NS

    def skip_unmonitored(self) -> None:
        """Make no step due that ended before monitoring began."""
        self._evaluated.clear()

    def due_before(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the ends of the due steps before `at`, and count them as evaluated."""
        return self._due(bed_id, (at.monotonic_ns - 1) // STEP_NS, at)

    def due_by_clock(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the due steps that ended `SETTLE_S` ago, for a moment without a reading."""
        settled = at.plus(-SETTLE_S)
        return self._due(bed_id, settled.monotonic_ns // STEP_NS, at)

    def due_with(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the due steps up to the one that contains `at` that ended before monitoring began.

        Steps that ended after the start of monitoring are left to `due_before` and `due_by_clock`.
        """
        end = at.plus(-at.monotonic_ns % STEP_NS / 1e9)
        last = min(end, self._monitored_since)
        return self._due(bed_id, last.monotonic_ns // STEP_NS, last)

    def _due(self, bed_id: str, last: int, at: Instant) -> list[Instant]:
        """Return the due steps up to `last`, at most one hour, and count them as evaluated."""
        evaluated = self._evaluated.get(bed_id, self._first)
        if last <= evaluated:
            return []
        self._evaluated[bed_id] = last
        clock_ns = at.utc_ns - at.monotonic_ns
        ends_ns = [step * STEP_NS for step in range(evaluated + 1, last + 1)[-_CATCH_UP_STEPS:]]
        return [Instant(end_ns, end_ns + clock_ns) for end_ns in ends_ns]
