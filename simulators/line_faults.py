"""Faults of one line as ward time passes: on cue and by chance, the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from simulators.faults import FaultyLine
from simulators.uart import misread
from simulators.ward_plan import UNDAMAGED, LineFault, LineFaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_agent.model.clock import Instant
    from simulators.ward_plan import BedPlan, RandomFaults, RandomSpans

DAY_S: Final = 86_400.0
HELD_LIMIT: Final = 65_536
"""Bytes a stalled line keeps, the newest: the buffer of a terminal server; a minute of the fastest
line, 9600 baud, is 57,600 bytes."""


@dataclass(frozen=True, slots=True)
class FaultSpan:
    """A fault that began, and when it is to end."""

    bed_id: str
    fault: LineFault
    begins: Instant
    ends: Instant | None
    """None: never."""

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
    """Return the faults that begin by chance on one day of the ward, 0 its first."""
    return tuple(fault for spans in random.spans for fault in _drawn(spans, seed, day))


def _drawn(spans: RandomSpans, seed: str, day: int) -> Iterator[LineFault]:
    """Give the faults of one kind: beginnings far apart by chance, lengths all equally likely."""
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
    """What is wrong with a bed's line now.

    `move_to` takes it from round to round; a fault strikes every round since whose predecessor it
    has been there at any moment, so that none is too short to be seen.

    Parameters
    ----------
    bed
        Has the faults.
    seed
        Of the ward.
    began
        When the ward began.
    tell
        Told of each fault as it begins; None for nobody.
    """

    def __init__(
        self,
        bed: BedPlan,
        seed: int,
        began: Instant,
        tell: Callable[[FaultSpan], None] | None = None,
    ) -> None:
        self._bed = bed
        self._seed = f"{seed} {bed.bed_id}"
        self._began = began
        self._tell = tell
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
        """Let faults begin and end; moments must not run backwards."""
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
        """Return whether there is a fault of a kind."""
        return any(fault.kind is kind for fault in self._active)

    @property
    def clock_step_s(self) -> float:
        """How far the monitor's wall clock is ahead of where it was, negative for behind."""
        return sum(fault.clock_step_s for fault in self._active)

    def to_host(self, data: bytes, at: Instant) -> bytes:
        """Return what comes out at the host's end; call it with no data to end a stall."""
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
        """Return what comes out at the monitor's end: only wrong rates harm this way."""
        for fault in self._active:
            if fault.kind is LineFaultKind.WRONG_BAUD:
                data = misread(data, 1.0 / fault.baud_ratio)
        return data

    def forget(self) -> None:
        """Lose what a stall holds, as a line does that is unplugged."""
        self._held.clear()

    def _begin(self, fault: LineFault) -> None:
        seed = Random(f"{self._seed} {fault.kind} {fault.from_s}").getrandbits(63)
        self._active[fault] = FaultyLine(fault.rates, seed)
        if self._tell:
            ends = None if fault.to_s is None else self._began.plus(fault.to_s)
            begins = self._began.plus(fault.from_s)
            self._tell(FaultSpan(self._bed.bed_id, fault, begins, ends))
