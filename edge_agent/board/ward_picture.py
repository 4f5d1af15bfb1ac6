"""A whole ward at a moment, for those who look at it now and then instead of all the time."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.board.feed import BoardFeed
from edge_agent.board.shapes import Snapshot
from edge_agent.board.vital_view import Limit
from edge_agent.board.ward_state import Surroundings, WardPlace, WardState


def _nothing_around() -> Surroundings:
    return Surroundings()


class WardPicture:
    """The state of a ward, folded from its feed when somebody looks; owned by one thread.

    Parameters
    ----------
    limit
        Function that returns the age in seconds from which a value of a kind and site is stale.
    now_ms
        Clock of the ward, UTC milliseconds.
    pace
        Ward seconds per second.
    around
        Function that returns the part of the state that a board keeps, such as its screens.
    """

    def __init__(
        self,
        place: WardPlace,
        limit: Limit,
        now_ms: Callable[[], int],
        pace: float = 1.0,
        around: Callable[[], Surroundings] = _nothing_around,
    ) -> None:
        self.feed = BoardFeed()
        """Takes the bodies, from any thread."""
        self._now_ms = now_ms
        self._around = around
        self._state = WardState(place, limit, pace)
        self._looks = 0

    def fold(self) -> None:
        """Take what has arrived into the state."""
        now_ms = self._now_ms()
        for body in (*self.feed.urgent(), *self.feed.vitals()):
            self._state.fold(body, now_ms)

    def snapshot(self) -> Snapshot:
        """Return the ward as it is now."""
        self.fold()
        now_ms = self._now_ms()
        self._looks += 1
        beds = tuple(self._state.bed(bed_id, now_ms) for bed_id in self._state.bed_ids)
        ward = self._state.ward(now_ms, beds, self._around())
        return Snapshot(self._looks, now_ms, ward, beds)
