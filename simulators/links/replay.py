"""Playback of a recorded byte stream to a host, at the pace of its own time stamps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from edge_agent.model.clock import Clock, Instant
from simulators.monitors.intellivue.wire import BOF, EOF, ESCAPE, FLIP, TICKS_PER_S

Progress = Callable[[int, int], None]
"""Called after each piece with the bytes played and the bytes in all."""

_READER_POLL_S: Final = 0.001  # wall seconds between two checks of what the host has read
_READER_IS_AWAY_S: Final = 0.1  # wall seconds; shorter waits are made up for
_LONGEST_NAP_S: Final = 0.5
_SETTLE_LOOKS: Final = 50  # at the end: `unread` may not count bytes on their way yet
_PORT_BUFFER: Final = 4096  # a terminal holds at most this for its reader
_RESTART_TICKS: Final = 60 * TICKS_PER_S  # no stream lags this far: the monitor was restarted


class Cable(Protocol):
    """The device's end of a cable, as playback needs it."""

    def read(self) -> bytes:
        """Return the bytes that the host wrote; empty where it wrote none."""

    def write_some(self, data: bytes) -> int:
        """Return the number of bytes that the cable accepted, possibly 0."""

    def unread(self) -> int:
        """Return the number of bytes that wait for the host."""

    def was_flushed(self) -> bool:
        """Return whether the host has discarded waiting bytes since the last call."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a recording, and their time."""

    data: bytes
    offset_s: float
    """Seconds since the start of the recording; never less than that of the piece before."""


def cut_evenly(data: bytes, bytes_per_s: float, chunk: int = 64) -> Iterator[Piece]:
    """Yield the recording in chunks at a constant rate, for streams without times of their own."""
    for start in range(0, len(data), chunk):
        yield Piece(data[start : start + chunk], start / bytes_per_s)


def cut_intellivue(data: bytes) -> Iterator[Piece]:
    """Yield an IntelliVue recording frame by frame, timed by the relative time of its poll replies.

    A frame without relative time, or with an older one (waves lag behind numerics), takes the time
    of the piece before. Layout: Philips, IntelliVue Data Export Interface Programming Guide, 4535
    642 59271, poll data result.
    """
    newest: int | None = None
    offset_ticks = 0
    for start, end in _frame_spans(data):
        ticks = _relative_time(_unescaped(data[start:end]))
        if ticks is not None:
            step = _signed(ticks - newest) if newest is not None else 0
            offset_ticks += max(0, step)
            if newest is None or step > 0 or step < -_RESTART_TICKS:
                newest = ticks
        yield Piece(data[start:end], offset_ticks / TICKS_PER_S)


def _signed(difference: int) -> int:
    """Return the difference of two 32-bit counters, from -2**31 to 2**31 - 1."""
    return (difference + 2**31) % 2**32 - 2**31


def _frame_spans(data: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(data):
        end = data.find(EOF, start)
        end = len(data) if end < 0 else end + 1
        yield start, end
        start = end


def _unescaped(wire: bytes) -> bytes:
    body = bytearray()
    begin = wire.rfind(BOF) + 1
    escaped = False
    for byte in wire[begin:]:
        if byte == ESCAPE:
            escaped = True
        else:
            body.append(byte ^ FLIP if escaped else byte)
            escaped = False
    return bytes(body)


def _relative_time(body: bytes) -> int | None:
    """Return the relative time of a poll reply; None for any other frame."""
    if body[4:8] != b"\xe1\x00\x00\x02" or body[8:10] not in {b"\x00\x02", b"\x00\x05"}:
        return None
    inside = body[14:] if body[9] == 5 else body[12:]  # a linked result has state and count
    action = inside[12:14]
    if inside[2:4] != b"\x00\x07" or action not in {b"\x0c\x16", b"\xf1\x3b"}:
        return None
    begin = 20 if action == b"\xf1\x3b" else 18  # an extended poll has a sequence number before it
    field = inside[begin : begin + 4]
    return int.from_bytes(field, "big") if len(field) == 4 else None


class Replay:
    """Plays pieces through a link; while no host reads, it waits and its own time stands still.

    Parameters
    ----------
    pieces
        Recording, cut and timed.
    link
        Link on which a host listens; bytes from the host are ignored.
    clock
        Clock of the ward.
    speed
        Recorded seconds per ward second.
    on_progress
        Called in the playing thread.
    """

    def __init__(
        self,
        pieces: Sequence[Piece],
        link: Cable,
        clock: Clock,
        speed: float = 1.0,
        on_progress: Progress | None = None,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed is {speed}; want > 0")
        self._pieces = pieces
        self._link = link
        self._clock = clock
        self._speed = speed
        self._on_progress = on_progress
        self._stopped = threading.Event()
        self._recent = b""

    def run(self) -> bool:
        """Play to the end; return True once the host has read everything, False after `stop`."""
        total = sum(len(piece.data) for piece in self._pieces)
        done = 0
        begun = self._clock.now()
        held_s = 0.0
        for piece in self._pieces:
            self._sleep_until(begun.plus(piece.offset_s / self._speed + held_s))
            reached = self._clock.now()
            self._recent = (self._recent + piece.data)[-_PORT_BUFFER:]
            self._forget_flush()
            if not (self._write(piece.data) and self._delivered(len(piece.data))):
                return False
            waited_s = self._clock.now().seconds_since(reached)
            if waited_s > _READER_IS_AWAY_S * self._clock.factor:
                held_s += waited_s
            done += len(piece.data)
            if self._on_progress:
                self._on_progress(done, total)
        return all(self._delivered(0) for _ in range(_SETTLE_LOOKS))

    def stop(self) -> None:
        """End `run` soon, from another thread."""
        self._stopped.set()

    def _sleep_until(self, due: Instant) -> None:
        while not self._stopped.is_set() and (left_s := due.seconds_since(self._clock.now())) > 0:
            self._stopped.wait(min(_LONGEST_NAP_S, left_s / self._clock.factor))

    def _forget_flush(self) -> None:
        """Ignore a flush that came while no bytes waited."""
        self._link.read()
        self._link.was_flushed()

    def _delivered(self, written: int) -> bool:
        """Wait until the host has read all; resend bytes that it flushed on opening the port."""
        waiting = written
        while not self._stopped.wait(_READER_POLL_S):
            unread = self._link.unread()  # before `read`: a flush in between must not look read
            self._link.read()
            if self._link.was_flushed() and waiting:
                self._write(self._recent[-waiting:])
            elif not unread:
                return True
            else:
                waiting = unread
        return False

    def _write(self, data: bytes) -> bool:
        rest = data
        while rest and not self._stopped.is_set():
            self._link.read()
            written = self._link.write_some(rest)
            rest = rest[written:]
            if not written:
                self._stopped.wait(_READER_POLL_S)
        return not rest
