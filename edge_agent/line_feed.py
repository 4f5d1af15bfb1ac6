"""A recorded line as a feed: its bytes through the driver's session at the recorded moments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.bed_line import FromDevice, session_options
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge_agent.config import LineSection
    from edge_agent.drivers.base import Session
    from edge_agent.model.bed_events import DevicePlace
    from edge_agent.recording import RecordedPiece

TICK_S: Final = 0.25
"""Feed seconds between two ticks of the session, as a port without a byte gives them."""
_TICK_NS: Final = round(TICK_S * 1e9)


@dataclass(frozen=True, slots=True)
class LineFeed:
    """What passed on the line of one device.

    The session only listens: what the host said when the line was recorded is not said again.
    """

    place: DevicePlace
    line: LineSection
    """The driver and how it is set up; the port is not opened."""
    start: Instant
    """When the recording began."""
    pieces: Sequence[RecordedPiece]
    """What the device sent, in order of time."""

    @property
    def end(self) -> Instant:
        """The moment at which the silence after the last byte has settled what it left open."""
        last_s = self.pieces[-1].offset_s if self.pieces else 0.0
        return self.start.plus(last_s + driver(self.line.driver).silence_s + TICK_S)

    def play(self, since: Instant, until: Instant) -> Iterator[FromDevice]:
        """Yield what the session reports in a part of the recording; it opens at `since`.

        Beyond the last byte the line is silent.
        """
        options = replace(session_options(self.place.device_id, self.line), listen_only=True)
        session = driver(self.line.driver).open_session(options)
        tick = _grid_before(since)
        for piece in self.pieces:
            at = self.start.plus(piece.offset_s)
            if at < since:
                continue
            if at > until:
                break
            while (due := tick.plus(TICK_S)) < at:
                tick = due
                yield from self._told(session, b"", tick)
            yield from self._told(session, piece.data, at)
        while (due := tick.plus(TICK_S)) <= until:
            tick = due
            yield from self._told(session, b"", tick)

    def _told(self, session: Session, data: bytes, at: Instant) -> Iterator[FromDevice]:
        events = session.receive(data, at) if data else []
        events += session.tick(at)
        if events:
            yield FromDevice(self.place, tuple(events), at)


def _grid_before(at: Instant) -> Instant:
    """Return the newest moment, at `at` or before, on the grid of ticks."""
    since_ns = at.monotonic_ns % _TICK_NS
    return Instant(at.monotonic_ns - since_ns, at.utc_ns - since_ns)


def feed_instant(utc_ns: int) -> Instant:
    """Return a moment on the time of a feed, whose monotonic clock is its UTC."""
    return Instant(utc_ns, utc_ns)
