"""The moments at which a bed is judged: one grid of event time, live, restored or replayed."""

from __future__ import annotations

from typing import Final

from edge_agent.detect.vectors import EVALUATE_EVERY_S
from edge_agent.model.clock import Instant

SETTLE_S: Final = 2.0
"""How long the clock leaves it to a bed to end a step by its next reading: one that is late on its
way still counts, and the beds of a ward are not all judged at the same moment."""
_STEP_NS: Final = round(EVALUATE_EVERY_S * 1e9)
_CATCH_UP_STEPS: Final = 360
"""An hour: what lies further back than this was not watched, and is not judged afterwards."""


class StepGrid:
    """Knows up to which step of event time each bed has been judged.

    Parameters
    ----------
    watched_since
        No step that was over before is due.
    """

    def __init__(self, watched_since: Instant) -> None:
        self._watched_since = watched_since
        self._first = watched_since.monotonic_ns // _STEP_NS
        self._judged: dict[str, int] = {}

    def judged_ns(self, bed_id: str) -> int:
        """Return the monotonic end of the newest step that a bed was judged at."""
        return self._judged.get(bed_id, self._first) * _STEP_NS

    def go_back(self, bed_id: str, at: Instant) -> None:
        """Have the steps that end at `at` or later become due again for a bed."""
        self._judged[bed_id] = (at.monotonic_ns - 1) // _STEP_NS

    def come_forward(self) -> None:
        """Have no step be due that was over before watching began."""
        self._judged.clear()

    def due_before(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the ends of steps before `at` that have not been judged, and count them judged."""
        return self._due(bed_id, (at.monotonic_ns - 1) // _STEP_NS, at)

    def due_by_clock(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the same for a moment at which nothing came: steps over for `SETTLE_S`."""
        settled = at.plus(-SETTLE_S)
        return self._due(bed_id, settled.monotonic_ns // _STEP_NS, at)

    def due_with(self, bed_id: str, at: Instant) -> list[Instant]:
        """Return the same, with the step `at` lies in where it was over when watching began."""
        end = at.plus(-at.monotonic_ns % _STEP_NS / 1e9)
        last = min(end, self._watched_since)
        return self._due(bed_id, last.monotonic_ns // _STEP_NS, last)

    def _due(self, bed_id: str, last: int, at: Instant) -> list[Instant]:
        judged = self._judged.get(bed_id, self._first)
        if last <= judged:
            return []
        self._judged[bed_id] = last
        utc_less_monotonic_ns = at.utc_ns - at.monotonic_ns
        ends_ns = [step * _STEP_NS for step in range(judged + 1, last + 1)[-_CATCH_UP_STEPS:]]
        return [Instant(end_ns, end_ns + utc_less_monotonic_ns) for end_ns in ends_ns]
