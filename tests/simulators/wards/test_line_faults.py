"""Each fault of a line, byte for byte, with what is reported of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from edge_agent.model.clock import Instant
from edge_agent.model.durations import DAY_S
from simulators.links.faults import FaultRates
from simulators.links.uart import misread
from simulators.wards.line_faults import HELD_LIMIT, FaultSpan, LineFaults, drawn_faults
from simulators.wards.ward_plan import (
    UNDAMAGED,
    BedPlan,
    LineFault,
    LineFaultKind,
    PatientChoice,
    RandomFaults,
    RandomSpans,
)

BEGAN = Instant(5 * 10**9, 1_700_000_000 * 10**9)
NEVER = RandomFaults()


@dataclass
class Line:
    """A line with faults, served once a second."""

    faults: tuple[LineFault, ...] = ()
    by_chance: RandomFaults = NEVER
    seed: int = 1
    told: list[FaultSpan] = field(default_factory=list)

    def __post_init__(self) -> None:
        plan = BedPlan(
            bed_id="bed-01",
            monitor="masimo_ascii",
            patient=PatientChoice(scenario="baseline"),
            seed=1,
            faults=self.faults,
            random_faults=self.by_chance,
        )
        self.line = LineFaults(plan, self.seed, BEGAN, self.told.append)

    def at(self, second: float, data: bytes = b"") -> bytes:
        """Return what comes out at the host when this is said."""
        now = BEGAN.plus(second)
        self.line.move_to(now)
        return self.line.to_host(data, now)

    def said(self, seconds: range) -> list[bytes]:
        """Return what comes out at the host when one line is said each second."""
        return [self.at(second, f"line {second}\n".encode()) for second in seconds]


def fault(kind: LineFaultKind, rates: FaultRates = UNDAMAGED, baud_ratio: float = 1.0) -> Line:
    """Return a line with one fault, from 3 s to 5 s."""
    return Line((LineFault(kind, 3.0, 5.0, rates=rates, baud_ratio=baud_ratio),))


def test_a_line_without_faults_passes_everything_both_ways() -> None:
    line = Line()
    assert line.said(range(3)) == [b"line 0\n", b"line 1\n", b"line 2\n"]
    assert line.line.to_monitor(b"\x00\xff") == b"\x00\xff"
    assert line.told == []


def test_a_stall_holds_what_is_said_and_then_everything_comes_at_once() -> None:
    line = fault(LineFaultKind.STALL)
    held = b"line 3\nline 4\nline 5\nline 6\n"
    assert line.said(range(1, 8)) == [b"line 1\n", b"line 2\n", b"", b"", b"", held, b"line 7\n"]


def test_a_stall_keeps_the_newest_of_too_much() -> None:
    line = fault(LineFaultKind.STALL)
    line.at(3, b"x" * HELD_LIMIT)
    line.at(4, b"y")
    line.at(5)
    assert line.at(6, b"z") == b"x" * (HELD_LIMIT - 1) + b"yz"


def test_what_a_stall_holds_is_lost_when_the_line_is_unplugged() -> None:
    line = fault(LineFaultKind.STALL)
    line.at(4, b"lost")
    line.line.forget()
    line.at(5)
    assert line.at(6, b"kept") == b"kept"


def test_truncation_lets_each_piece_end_early() -> None:
    cut = LineFault(LineFaultKind.TRUNCATE, 3.0, 100.0, rates=FaultRates(truncate_per_chunk=1.0))
    out = Line((cut,)).said(range(101))
    assert out[:3] == [b"line 0\n", b"line 1\n", b"line 2\n"]
    lengths = set()
    for second, piece in enumerate(out[3:], start=3):
        assert f"line {second}\n".encode().startswith(piece)
        lengths.add(len(piece))
    assert len(lengths) > 5
    assert Line((cut,)).said(range(101)) == out


def test_repetition_gives_each_piece_twice() -> None:
    out = fault(LineFaultKind.REPEAT, FaultRates(repeat_per_chunk=1.0)).said(range(2, 8))
    assert out[0] == b"line 2\n"
    assert out[1:4] == [b"line 3\nline 3\n", b"line 4\nline 4\n", b"line 5\nline 5\n"]
    assert out[4:] == [b"line 6\n", b"line 7\n"]


def test_noise_inverts_bits_and_loses_bytes_as_often_as_told() -> None:
    line = fault(LineFaultKind.NOISE, FaultRates(flip_per_byte=0.01))
    sent = bytes(10_000)
    bits = [byte.bit_count() for byte in line.at(4, sent)]
    assert set(bits) == {0, 1}
    assert 60 < sum(bits) < 140
    line = fault(LineFaultKind.NOISE, FaultRates(drop_per_byte=0.1))
    assert 8700 < len(line.at(4, sent)) < 9300


def test_a_wrong_rate_makes_garbage_both_ways() -> None:
    line = fault(LineFaultKind.WRONG_BAUD, baud_ratio=2.0)
    assert line.at(2, b"SPO2=097%") == b"SPO2=097%"
    assert line.at(3, b"SPO2=097%") == misread(b"SPO2=097%", 2.0) != b"SPO2=097%"
    assert line.line.to_monitor(b"request") == misread(b"request", 0.5) != b"request"
    line.at(5)
    assert line.at(6, b"SPO2=097%") == b"SPO2=097%"
    assert line.line.to_monitor(b"request") == b"request"


@pytest.mark.parametrize("kind", [LineFaultKind.DISCONNECT, LineFaultKind.OFF])
def test_what_is_not_about_bytes_is_on_for_its_time(kind: LineFaultKind) -> None:
    line = fault(kind)
    is_on = []
    for second in range(8):
        assert line.at(second, b"x") == b"x"
        is_on.append(line.line.is_on(kind))
    assert is_on == [False, False, False, True, True, True, False, False]


def test_steps_of_the_clock_add_up_and_may_be_for_ever() -> None:
    first = LineFault(LineFaultKind.CLOCK_STEP, 2.0, None, clock_step_s=3600.0)
    second = LineFault(LineFaultKind.CLOCK_STEP, 4.0, 6.0, clock_step_s=-60.0)
    line = Line((first, second))
    steps = []
    for moment in (0, 2, 4, 6, 8, 10**6):
        line.at(moment)
        steps.append(line.line.clock_step_s)
    assert steps == [0.0, 3600.0, 3540.0, 3540.0, 3600.0, 3600.0]
    assert [span.ends for span in line.told] == [None, BEGAN.plus(6.0)]


def test_a_fault_shorter_than_a_round_strikes_once() -> None:
    short = LineFault(LineFaultKind.REPEAT, 3.2, 3.4, rates=FaultRates(repeat_per_chunk=1.0))
    line = Line((short,))
    assert line.said(range(3, 6)) == [b"line 3\n", b"line 4\nline 4\n", b"line 5\n"]


def test_a_fault_is_told_when_it_begins_with_all_there_is_to_know() -> None:
    line = fault(LineFaultKind.NOISE, FaultRates(flip_per_byte=0.25))
    line.at(2)
    assert line.told == []
    line.at(3)
    line.at(4)
    (span,) = line.told
    assert json.loads(json.dumps(span.record())) == {
        "bed": "bed-01",
        "fault": "noise",
        "from_s": 3.0,
        "to_s": 5.0,
        "from_utc_ns": BEGAN.utc_ns + 3 * 10**9,
        "to_utc_ns": BEGAN.utc_ns + 5 * 10**9,
        "drawn": False,
        "flip_per_byte": 0.25,
    }


def test_a_wrong_rate_and_a_step_are_told_with_their_size() -> None:
    line = Line(
        (
            LineFault(LineFaultKind.WRONG_BAUD, 0.0, 1.0, baud_ratio=0.5),
            LineFault(LineFaultKind.CLOCK_STEP, 0.0, None, clock_step_s=-60.0),
        )
    )
    line.at(0)
    step, baud = (span.record() for span in line.told)
    assert (baud["fault"], baud["baud_ratio"]) == ("wrong_baud", 0.5)
    assert (step["fault"], step["by_s"], step["to_utc_ns"]) == ("clock_step", -60.0, None)


def test_rates_by_chance_last_for_ever_and_are_told() -> None:
    rates = FaultRates(repeat_per_chunk=1.0, flip_per_byte=0.0)
    line = Line(by_chance=RandomFaults(rates))
    assert line.at(0, b"a") == b"aa"
    assert line.at(10**6, b"b") == b"bb"
    (span,) = line.told
    assert span.record()["repeat_per_chunk"] == 1.0
    assert (span.fault.is_drawn, span.fault.from_s, span.ends) == (True, 0.0, None)


STALLS = RandomFaults(spans=(RandomSpans(LineFaultKind.STALL, 20.0, 30.0, 90.0),))


def test_faults_by_chance_come_as_often_and_last_as_long_as_told() -> None:
    days = [drawn_faults(STALLS, "1 bed-01", day) for day in range(100)]
    assert 1800 < sum(map(len, days)) < 2200
    for day, faults in enumerate(days):
        begins = [f.from_s for f in faults]
        assert begins == sorted(begins)
        assert all(day * DAY_S <= begin < (day + 1) * DAY_S for begin in begins)
    lengths = [f.to_s - f.from_s for faults in days for f in faults if f.to_s is not None]
    assert 30 <= min(lengths) < 31
    assert 89 < max(lengths) <= 90


def test_the_same_seed_and_bed_have_the_same_faults() -> None:
    assert drawn_faults(STALLS, "1 bed-01", 3) == drawn_faults(STALLS, "1 bed-01", 3)
    others = {drawn_faults(STALLS, name, 3) for name in ("1 bed-01", "2 bed-01", "1 bed-02")}
    assert len(others) == 3


def test_one_kind_by_chance_does_not_move_another() -> None:
    more = (RandomSpans(LineFaultKind.OFF, 5.0, 60.0, 60.0), *STALLS.spans)
    both = drawn_faults(RandomFaults(spans=more), "1 bed-01", 0)
    assert [f for f in both if f.kind is LineFaultKind.STALL] == list(
        drawn_faults(STALLS, "1 bed-01", 0)
    )


def test_how_often_a_line_is_served_does_not_change_its_faults() -> None:
    told = []
    for step in (7.0, 1000.0):
        line = Line(by_chance=STALLS)
        for n in range(int(3 * DAY_S / step) + 1):
            line.at(n * step)
        told.append([s.record() for s in line.told if s.fault.from_s < 2.9 * DAY_S])
    assert told[0] == told[1]
    assert len(told[0]) > 30


def test_damage_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    rates = FaultRates(flip_per_byte=0.1, truncate_per_chunk=0.1)
    first, again, other = (
        Line(by_chance=RandomFaults(rates), seed=seed).said(range(50)) for seed in (1, 1, 2)
    )
    assert first == again != other
