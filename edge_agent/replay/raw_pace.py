"""Pace of a line's raw bytes: by the time in the data, else by the speed of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from edge_agent.drivers.base import DriverSpec, Session, SessionOptions
from edge_agent.model.durations import DAY_S
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    Direction,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.recorded.line_file import RecordedPiece
from edge_agent.replay.line_feed import feed_instant
from simulators.links.replay import Piece, cut_evenly, cut_intellivue

_BITS_PER_BYTE: Final = 10  # start, eight data, stop
_CHUNK: Final = re.compile(rb"[^\r\n\x1c\x7e]{0,63}(?:[\r\n\x1c\x7e]|[^\r\n\x1c\x7e])", re.DOTALL)
"""Bytes up to one that can end a line, a message or a frame, so that no piece holds two of them."""
_TIME_OF_DAY: Final = re.compile(
    rb"(?<![\d:])([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?![\d:]).{0,400}\Z", re.DOTALL
)
_LONGEST_STEP_S: Final = DAY_S
"""Longest step of time, seconds; a longer one is a clock that was set, or another recording after
the first; design start value."""
_RESTART_S: Final = -60.0
"""Smallest step back that means a set clock, seconds; less is a late message (IntelliVue waves)."""


@dataclass(frozen=True, slots=True)
class Paced:
    """Raw bytes, cut and timed."""

    pieces: tuple[RecordedPiece, ...]
    words: str
    """Human-readable source of the times."""


def pace(spec: DriverSpec, options: SessionOptions, data: bytes) -> Paced:
    """Return the bytes of a line at the pace of the time in them, or of the line.

    Parameters
    ----------
    options
        Options of its session, which only listens.
    """
    if spec.name == "philips_intellivue":
        return Paced(_received(cut_intellivue(data)), _BY_DATA)
    clock = _DataClock()
    pieces = _received(_timed(spec.open_session(options), data, clock))
    if clock.has_time:
        return Paced(pieces, _BY_DATA + clock.words())
    rate = spec.serial.baud / _BITS_PER_BYTE
    words = f"at the speed of the line ({spec.serial.baud} baud): the data hold no time"
    return Paced(_received(cut_evenly(data, rate)), words)


_BY_DATA: Final = "by the time in the data"


class _DataClock:
    """Sum of the time that passes between the moments in the data."""

    def __init__(self) -> None:
        self.offset_s = 0.0
        self.has_time = False
        self._newest: dict[str, float] = {}  # seconds on each of the device's clocks
        self._jumps = 0

    def note(self, name: str, moment_s: float) -> None:
        """Add a moment on one of the device's clocks."""
        self.has_time = True
        newest_s = self._newest.setdefault(name, moment_s)
        step_s = moment_s - newest_s
        if name == _OF_DAY and step_s < -DAY_S / 2:
            step_s += DAY_S  # midnight
        if 0 <= step_s <= _LONGEST_STEP_S:
            self.offset_s += step_s
        elif step_s >= _RESTART_S and step_s < 0:
            return
        else:
            self._jumps += 1
        self._newest[name] = moment_s

    def words(self) -> str:
        """Return what is odd about the time; empty where nothing is."""
        if not self._jumps:
            return ""
        return f"; where it jumps ({self._jumps} times), no time passes"


_OF_DAY: Final = "time of day"


def _timed(session: Session, data: bytes, clock: _DataClock) -> Iterator[Piece]:
    """Yield the bytes of each message once the session has decoded it."""
    at = feed_instant(0)
    held = b""
    for found in _CHUNK.finditer(data):
        held += found[0]
        events = session.receive(found[0], at)
        if not events:
            continue
        moment = _moment(events) or _time_of_day(events, held)
        if moment is not None:
            clock.note(*moment)
        yield Piece(held, clock.offset_s)
        held = b""
    if held:
        yield Piece(held, clock.offset_s)


def _moment(events: Sequence[SessionEvent]) -> tuple[str, float] | None:
    """Return the name and time of a device's clock, None where the events hold none."""
    said = [e for e in events if isinstance(e, NumericsReceived | DeviceAlarmsChanged)]
    numerics = chain.from_iterable(e.numerics for e in said if isinstance(e, NumericsReceived))
    times = [event.device_now for event in said]
    times += [numeric.measured_at for numeric in numerics]
    return next((shown for time in times if (shown := _shown(time)) is not None), None)


def _shown(time: DeviceTime) -> tuple[str, float] | None:
    if time.elapsed_ns is not None:
        return "elapsed", time.elapsed_ns / 1e9
    return None if time.wall_ns is None else ("wall", time.wall_ns / 1e9)


def _time_of_day(events: Sequence[SessionEvent], held: bytes) -> tuple[str, float] | None:
    """Return the time of day in a line with numbers but no date."""
    found = _TIME_OF_DAY.search(held)
    if found is None or not any(isinstance(event, NumericsReceived) for event in events):
        return None
    hours, minutes, seconds = (int(part) for part in found.groups())
    return _OF_DAY, hours * 3600.0 + minutes * 60 + seconds


def _received(pieces: Iterator[Piece]) -> tuple[RecordedPiece, ...]:
    return tuple(RecordedPiece(p.offset_s, Direction.FROM_DEVICE, p.data) for p in pieces)
