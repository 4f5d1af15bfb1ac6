"""A recorded line as a feed: its bytes pass through the driver's session at recorded times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.config.gateway_file import LineSection
from edge_agent.drivers.base import Session
from edge_agent.drivers.registry import driver
from edge_agent.lines.settings import session_options
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.durations import LINE_TICK_S
from edge_agent.recorded.line_file import RecordedPiece

_TICK_NS: Final = round(LINE_TICK_S * 1e9)


@dataclass(frozen=True, slots=True)
class LineFeed:
    """Recorded data of one device's line.

    The session only listens: the bytes that the host sent during the recording are not sent again.
    """

    place: DevicePlace
    line: LineSection
    """Driver and its settings; the port is not opened."""
    start: Instant
    """Start of the recording."""
    pieces: Sequence[RecordedPiece]
    """Data from the device, in order of time."""

    @property
    def end(self) -> Instant:
        """End of the silence after the last byte, when the session has settled its last frame."""
        last_s = self.pieces[-1].offset_s if self.pieces else 0.0
        return self.start.plus(last_s + driver(self.line.driver).silence_s + LINE_TICK_S)

    def play(self, since: Instant, until: Instant) -> Iterator[FromDevice]:
        """Yield the session's events in a part of the recording; the session opens at `since`.

        After the last byte the line is silent.
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
            while (due := tick.plus(LINE_TICK_S)) < at:
                tick = due
                yield from self._events(session, b"", tick)
            yield from self._events(session, piece.data, at)
        while (due := tick.plus(LINE_TICK_S)) <= until:
            tick = due
            yield from self._events(session, b"", tick)

    def _events(self, session: Session, data: bytes, at: Instant) -> Iterator[FromDevice]:
        events = session.receive(data, at) if data else []
        events += session.tick(at)
        if events:
            yield FromDevice(self.place, tuple(events), at)


def _grid_before(at: Instant) -> Instant:
    """Return the newest moment, at `at` or before, on the grid of ticks."""
    since_ns = at.monotonic_ns % _TICK_NS
    return Instant(at.monotonic_ns - since_ns, at.utc_ns - since_ns)


def feed_instant(utc_ns: int) -> Instant:
    """Return a moment on a feed's clocks; its monotonic clock is its UTC."""
    return Instant(utc_ns, utc_ns)
