"""Distribution of a ward's changes to every stream; owned by the board's event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

import msgspec

from edge_agent.board.bed_view import broken_view
from edge_agent.board.feed import BoardFeed, BodyKind
from edge_agent.board.pending import Frame, Pending
from edge_agent.board.shapes import ShownBed, ShownVital, ShownWard, Snapshot, VitalsEvent
from edge_agent.board.ward_state import Surroundings, WardState

_TICK_S: Final = 0.9
"""Wall seconds between two rounds of vital signs and beats: a reading is on the page in 1 s."""
_MOST_STREAMS: Final = 256
"""Streams at once: every screen and phone of a large ward; more are refused."""
_WIDE: Final = frozenset({BodyKind.GATEWAY, BodyKind.CONTEXT})
"""Kinds of bodies that change more beds than the one they name."""
_LOG = logging.getLogger(__name__)
_encode: Final = msgspec.json.Encoder().encode


class _Beat(msgspec.Struct, frozen=True):
    seq: int
    now_ms: int


def _frame(seq: int, event: str, content: object) -> Frame:
    lines = (b"id: %d\n" % seq, b"event: %s\n" % event.encode(), b"data: ", _encode(content))
    return Frame(seq, b"".join((*lines, b"\n\n")))


class Hub:
    """The newest events of a ward, and the streams that send them.

    Parameters
    ----------
    now_ms
        Clock of the ward, UTC milliseconds.
    around
        Returns what the board itself adds to the state of the ward.
    """

    def __init__(
        self,
        feed: BoardFeed,
        state: WardState,
        now_ms: Callable[[], int],
        around: Callable[[], Surroundings],
    ) -> None:
        self._feed = feed
        self._state = state
        self._now_ms = now_ms
        self._around = around
        # Above every number of an earlier run, which sent fewer than one event per millisecond.
        self._first_seq = self._seq = now_ms()
        self._beds: dict[str, Frame] = {}
        self._cores: dict[str, ShownBed] = {}
        """Beds as sent last, without vital signs."""
        self._vitals: dict[str, Mapping[str, ShownVital]] = {}
        """Vital signs as sent last."""
        self._vitals_frame = self._ward_frame = Frame(self._seq, b"")
        self._ward: ShownWard | None = None
        self._all_vitals = Frame(-1, b"")
        self._beat = b""
        self._streams: dict[Pending, None] = {}
        self._wake: Callable[[], None] = _nobody_runs
        self._broken: set[str] = set()
        """Beds that could not be shown."""

    @property
    def seq(self) -> int:
        """Number of the newest event."""
        return self._seq

    @property
    def beds(self) -> Mapping[str, ShownBed]:
        """Every bed as sent last, without vital signs."""
        return self._cores

    async def run(self) -> None:
        """Distribute changes until cancelled."""
        loop = asyncio.get_running_loop()
        is_changed = asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(is_changed.set)

        self._wake = wake
        self._feed.listen(wake)
        due_s = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due_s):
                    await is_changed.wait()
            is_changed.clear()
            self.take_urgent()
            if loop.time() >= due_s:
                self.tick()
                due_s = max(due_s + _TICK_S, loop.time())

    def note_change(self) -> None:
        """Look at the board's own part of the state soon."""
        self._wake()

    def take_urgent(self) -> None:
        """Take everything but vital signs, and wake the streams that have news."""
        now_ms = self._now_ms()
        bodies = self._feed.urgent()
        for body in bodies:
            self._state.fold(body, now_ms)
        is_wide = any(body.kind in _WIDE for body in bodies)
        named = {body.bed_id for body in bodies}
        known = self._state.bed_ids
        self._send_beds(known if is_wide else (bed for bed in known if bed in named), now_ms)
        self._send_ward(now_ms)

    def tick(self) -> None:
        """Take the vital signs, see what time has changed, and send a beat on every stream."""
        now_ms = self._now_ms()
        for body in self._feed.vitals():
            self._state.fold(body, now_ms)
        changed = self._send_beds(self._state.bed_ids, now_ms)
        self._send_ward(now_ms)
        if changed:
            self._seq += 1
            event = VitalsEvent.of(self._seq, now_ms, {bed: self._vitals[bed] for bed in changed})
            self._vitals_frame = _frame(self._seq, "vitals", event)
        self._beat = _frame(self._seq, "beat", _Beat(self._seq, now_ms)).text
        for stream in self._streams:
            stream.note_tick(has_vitals=bool(changed))

    def _send_beds(self, bed_ids: Iterable[str], now_ms: int) -> list[str]:
        """Send the beds that changed; return those of which only vital signs changed."""
        quiet = []
        for bed_id in bed_ids:
            bed = self._shown(bed_id, now_ms)
            core = msgspec.structs.replace(bed, vitals={})
            has_news = bed.vitals != self._vitals.get(bed_id)
            self._vitals[bed_id] = bed.vitals
            if core != self._cores.get(bed_id):
                self._cores[bed_id] = core
                self._seq += 1
                self._beds[bed_id] = _frame(self._seq, "bed", bed)
                for stream in self._streams:
                    stream.note_bed(bed_id)
            elif has_news:
                quiet.append(bed_id)
        return quiet

    def _shown(self, bed_id: str, now_ms: int) -> ShownBed:
        """Return a bed, or that it cannot be shown: one bed's mistake must not end the board."""
        try:
            return self._state.bed(bed_id, now_ms)
        except Exception:  # noqa: BLE001 - the other beds are shown
            if bed_id not in self._broken:
                _LOG.exception("board: %s cannot be shown", bed_id)
            self._broken.add(bed_id)
            return broken_view(bed_id, "")

    def _send_ward(self, now_ms: int) -> None:
        ward = self._state.ward(now_ms, self._cores.values(), self._around())
        if ward != self._ward:
            self._ward = ward
            self._seq += 1
            self._ward_frame = _frame(self._seq, "ward", ward)
            for stream in self._streams:
                stream.note_ward()

    def join(self, after: int | None) -> Pending | None:
        """Return a new stream; None where there are too many.

        Parameters
        ----------
        after
            Number of the last event that the page has; None for a page that has nothing.
        """
        if len(self._streams) >= _MOST_STREAMS:
            return None
        stream = Pending(self, after)
        self._streams[stream] = None
        return stream

    def leave(self, stream: Pending) -> None:
        """Forget a stream."""
        self._streams.pop(stream, None)

    @property
    def streams(self) -> int:
        """Number of open streams."""
        return len(self._streams)

    def close(self) -> None:
        """End every stream."""
        for stream in self._streams:
            stream.close()

    def knows(self, seq: int) -> bool:
        """Return True if an event with this number may have been sent in this run."""
        return self._first_seq <= seq <= self._seq

    def changed_after(self, seq: int) -> list[str]:
        """Return the beds that changed after an event."""
        return [bed_id for bed_id, frame in self._beds.items() if frame.seq > seq]

    def ward_changed_after(self, seq: int) -> bool:
        """Return True if the ward changed after an event."""
        return self._ward_frame.seq > seq

    def snapshot(self) -> Frame:
        """Return everything as one event."""
        now_ms = self._now_ms()
        self._send_ward(now_ms)
        assert self._ward is not None, "the ward was just computed"
        beds = tuple(
            msgspec.structs.replace(core, vitals=self._vitals[bed_id])
            for bed_id, core in self._cores.items()
        )
        return _frame(self._seq, "snapshot", Snapshot(self._seq, now_ms, self._ward, beds))

    def newest(self, bed_ids: Iterable[str], *, with_ward: bool) -> list[Frame]:
        """Return the newest events of some beds and of the ward, in order."""
        frames = [self._beds[bed_id] for bed_id in bed_ids]
        if with_ward:
            frames.append(self._ward_frame)
        return sorted(frames, key=lambda frame: frame.seq)

    def vitals(self, after: int, *, has_missed: bool) -> Frame:
        """Return the newest vital signs: those of the last second, or all where that is too few."""
        if not has_missed and self._vitals_frame.seq > after:
            return self._vitals_frame
        if self._all_vitals.seq != self._seq:
            event = VitalsEvent.of(self._seq, self._now_ms(), self._vitals)
            self._all_vitals = _frame(self._seq, "vitals", event)
        return self._all_vitals

    @property
    def beat(self) -> bytes:
        """The newest beat."""
        return self._beat


def _nobody_runs() -> None:
    pass
