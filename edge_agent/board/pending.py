"""Events that one stream has not sent yet.

A stream does not queue events: it remembers which beds it has not sent since their last change, and
sends the newest of each. So a slow client costs no memory and nobody waits for it, no change of
state is ever lost, and a stream that comes back after a pause gets exactly what changed since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as every stream sends it."""

    seq: int
    text: bytes


class Source(Protocol):
    """The newest events of a ward."""

    @property
    def beat(self) -> bytes:
        """The newest beat."""

    def knows(self, seq: int) -> bool:
        """Return True if an event with this number may have been sent in this run."""

    def changed_after(self, seq: int) -> list[str]:
        """Return the beds that changed after an event."""

    def ward_changed_after(self, seq: int) -> bool:
        """Return True if the ward changed after an event."""

    def snapshot(self) -> Frame:
        """Return everything as one event."""

    def newest(self, bed_ids: Iterable[str], *, with_ward: bool) -> list[Frame]:
        """Return the newest events of some beds and of the ward, in order."""

    def vitals(self, after: int, *, has_missed: bool) -> Frame:
        """Return the newest vital signs: those of the last second, or all where too few."""


class Pending:
    """The events that one client has not been sent yet."""

    def __init__(self, hub: Source, after: int | None) -> None:
        self._hub = hub
        is_resumed = after is not None and hub.knows(after)
        self._sent = after if after is not None and is_resumed else 0
        """Number of the newest event sent."""
        self._needs_snapshot = not is_resumed
        self._beds = dict.fromkeys(hub.changed_after(self._sent)) if is_resumed else {}
        self._has_ward = is_resumed and hub.ward_changed_after(self._sent)
        self._has_vitals = self._has_missed = is_resumed
        self._has_beat = is_resumed
        self._is_closed = False
        self._is_ready = asyncio.Event()
        self._is_ready.set()

    def note_bed(self, bed_id: str) -> None:
        """Note that a bed changed."""
        self._beds[bed_id] = None
        self._is_ready.set()

    def note_ward(self) -> None:
        """Note that the ward changed."""
        self._has_ward = True
        self._is_ready.set()

    def note_tick(self, *, has_vitals: bool) -> None:
        """Note that a second has passed."""
        if has_vitals:
            # What is still waiting from the second before would be left out of this one.
            self._has_missed = self._has_missed or self._has_vitals
            self._has_vitals = True
        self._has_beat = True
        self._is_ready.set()

    def close(self) -> None:
        """End the stream."""
        self._is_closed = True
        self._is_ready.set()

    async def is_live(self) -> bool:
        """Wait until there is something to send; return False once the stream is closed."""
        await self._is_ready.wait()
        return not self._is_closed

    @property
    def beats(self) -> bool:
        """True if a beat is due with the next part."""
        return self._has_beat

    def take(self) -> bytes:
        """Return the next part to send: changes of state before vital signs and the beat."""
        hub = self._hub
        if self._needs_snapshot:
            self._needs_snapshot = self._has_ward = self._has_vitals = self._has_missed = False
            self._beds.clear()
            return self._mark(hub.snapshot())
        if self._beds or self._has_ward:
            frames = hub.newest(self._beds, with_ward=self._has_ward)
            self._beds, self._has_ward = {}, False
            return b"".join(map(self._mark, frames))
        self._is_ready.clear()
        parts = []
        if self._has_vitals:
            parts.append(self._mark(hub.vitals(self._sent, has_missed=self._has_missed)))
            self._has_vitals = self._has_missed = False
        if self._has_beat:
            parts.append(hub.beat)
            self._has_beat = False
        return b"".join(parts)

    def _mark(self, frame: Frame) -> bytes:
        self._sent = max(self._sent, frame.seq)
        return frame.text
