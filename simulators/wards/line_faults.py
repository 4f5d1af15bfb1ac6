"""Faults of one line over ward time: scheduled and random, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.durations import DAY_S
from simulators.links.faults import FaultyLine
from simulators.links.uart import misread
from simulators.wards.ward_plan import (
    UNDAMAGED,
    BedPlan,
    LineFault,
    LineFaultKind,
    RandomFaults,
    RandomSpans,
)

HELD_LIMIT: Final = 65_536
"""Largest number of bytes that a stalled line holds, the newest: the buffer of a terminal server. A
minute of a 9600-baud line is 57,600 bytes."""


@dataclass(frozen=True, slots=True)
class FaultSpan:
    """A fault that began, and its scheduled end."""

    bed_id: str
    fault: LineFault
    begins: Instant
    ends: Instant | None
    """None for a fault without an end."""

    def record(self) -> dict[str, object]:
        """Return the span as values for JSON; times in seconds since the ward began, and UTC."""
        fault = self.fault
        found: dict[str, object] = {
            "bed": self.bed_id,
            "fault": fault.kind.value,
            "from_s": fault.from_s,
            "to_s": fault.to_s,
            "from_utc_ns": self.begins.utc_ns,
            "to_utc_ns": self.ends.utc_ns if self.ends else None,
            "drawn": fault.is_drawn,
        }
        for name in ("drop_per_byte", "flip_per_byte", "truncate_per_chunk", "repeat_per_chunk"):
            if rate := getattr(fault.rates, name):
                found[name] = rate
        if fault.kind is LineFaultKind.WRONG_BAUD:
            found["baud_ratio"] = fault.baud_ratio
        if fault.kind is LineFaultKind.CLOCK_STEP:
            found["by_s"] = fault.clock_step_s
        return found


def drawn_faults(random: RandomFaults, seed: str, day: int) -> tuple[LineFault, ...]:
    """Return the random faults that begin on one day of the ward; its first day is 0."""
    return tuple(fault for spans in random.spans for fault in _drawn(spans, seed, day))


def _drawn(spans: RandomSpans, seed: str, day: int) -> Iterator[LineFault]:
    """Yield random faults of one kind: exponential intervals, uniform lengths."""
    if spans.per_day <= 0:
        return
    chance = Random(f"{seed} {spans.kind} day {day}")
    passed_days = chance.expovariate(spans.per_day)
    while passed_days < 1:
        from_s = (day + passed_days) * DAY_S
        to_s = from_s + chance.uniform(spans.shortest_s, spans.longest_s)
        yield LineFault(spans.kind, from_s, to_s, is_drawn=True)
        passed_days += chance.expovariate(spans.per_day)


class LineFaults:
    """State of the faults of a bed's line.

    `move_to` advances it round by round. A fault strikes in every round that it overlaps since the
    round before, so that no fault is too short to be seen.

    Parameters
    ----------
    bed
        Bed with the faults.
    seed
        Seed of the ward.
    began
        Time at which the ward began.
    note_fault
        Called with each fault as it begins; None for no call.
    """

    def __init__(
        self,
        bed: BedPlan,
        seed: int,
        began: Instant,
        note_fault: Callable[[FaultSpan], None] | None = None,
    ) -> None:
        self._bed = bed
        self._seed = f"{seed} {bed.bed_id}"
        self._began = began
        self._note_fault = note_fault
        self._coming = list(bed.faults)
        rates = bed.random_faults.rates
        if rates != UNDAMAGED:
            self._coming.append(
                LineFault(LineFaultKind.NOISE, 0.0, None, is_drawn=True, rates=rates)
            )
        self._days_drawn = 0
        self._active: dict[LineFault, FaultyLine] = {}
        self._last_s = float("-inf")
        self._held = bytearray()

    def move_to(self, at: Instant) -> None:
        """Begin and end faults up to `at`; moments must not run backwards."""
        now_s = at.seconds_since(self._began)
        while self._days_drawn * DAY_S <= now_s:
            self._coming += drawn_faults(self._bed.random_faults, self._seed, self._days_drawn)
            self._days_drawn += 1
        over = [f for f in self._active if f.to_s is not None and f.to_s <= self._last_s]
        for fault in over:
            del self._active[fault]
        begun = sorted(
            (f for f in self._coming if f.from_s <= now_s), key=lambda f: (f.from_s, f.kind)
        )
        self._coming = [f for f in self._coming if f.from_s > now_s]
        for fault in begun:
            self._begin(fault)
        self._last_s = now_s

    def is_on(self, kind: LineFaultKind) -> bool:
        """Return whether a fault of a kind is active."""
        return any(fault.kind is kind for fault in self._active)

    @property
    def clock_step_s(self) -> float:
        """Offset of the monitor's wall clock in seconds; negative for a clock that is behind."""
        return sum(fault.clock_step_s for fault in self._active)

    def to_host(self, data: bytes, at: Instant) -> bytes:
        """Return the bytes that arrive at the host now; call it without data to end a stall."""
        for fault, line in self._active.items():
            data = line.pass_on(data, at)
            if fault.kind is LineFaultKind.WRONG_BAUD:
                data = misread(data, fault.baud_ratio)
        self._held += data
        if self.is_on(LineFaultKind.STALL):
            del self._held[:-HELD_LIMIT]
            return b""
        passed = bytes(self._held)
        self._held.clear()
        return passed

    def to_monitor(self, data: bytes) -> bytes:
        """Return the bytes that arrive at the monitor; only wrong rates damage this direction."""
        for fault in self._active:
            if fault.kind is LineFaultKind.WRONG_BAUD:
                data = misread(data, 1.0 / fault.baud_ratio)
        return data

    def forget(self) -> None:
        """Discard the bytes that a stall holds, as an unplugged line does."""
        self._held.clear()

    def _begin(self, fault: LineFault) -> None:
        seed = Random(f"{self._seed} {fault.kind} {fault.from_s}").getrandbits(63)
        self._active[fault] = FaultyLine(fault.rates, seed)
        if self._note_fault:
            ends = None if fault.to_s is None else self._began.plus(fault.to_s)
            begins = self._began.plus(fault.from_s)
            self._note_fault(FaultSpan(self._bed.bed_id, fault, begins, ends))
