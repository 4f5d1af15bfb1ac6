"""A faulty line damages bytes as often as it is told, and the same way each time."""

from __future__ import annotations

import pytest

from edge_agent.model.clock import Instant
from simulators.links.faults import FaultRates, FaultyLine

START = Instant(0, 0)
CHUNKS = [bytes(range(100))] * 50


def outcome(rates: FaultRates, seed: int = 1) -> list[bytes]:
    line = FaultyLine(rates, seed)
    return [line.pass_on(chunk, START.plus(n)) for n, chunk in enumerate(CHUNKS)]


def test_a_good_line_passes_everything() -> None:
    assert outcome(FaultRates()) == CHUNKS


def test_the_same_seed_gives_the_same_damage() -> None:
    rates = FaultRates(0.02, 0.02, 0.1, 0.1, 0.1)
    assert outcome(rates) == outcome(rates)
    assert outcome(rates) != outcome(rates, seed=2)


def test_dropped_bytes_are_missing_and_the_rest_is_in_order() -> None:
    passed = outcome(FaultRates(drop_per_byte=0.1))
    assert 4300 < sum(map(len, passed)) < 4700
    assert all(list(chunk) == sorted(chunk) for chunk in passed)


def test_flipped_bytes_differ_in_one_bit() -> None:
    passed = outcome(FaultRates(flip_per_byte=0.1))
    changed = [
        (a ^ b).bit_count()
        for before, after in zip(CHUNKS, passed, strict=True)
        for a, b in zip(before, after, strict=True)
    ]
    assert set(changed) == {0, 1}
    assert 400 < sum(changed) < 600


def test_a_truncated_chunk_ends_early() -> None:
    passed = outcome(FaultRates(truncate_per_chunk=1.0))
    assert all(chunk == CHUNKS[0][: len(chunk)] for chunk in passed)
    assert len({len(chunk) for chunk in passed}) > 20


def test_a_repeated_chunk_comes_twice() -> None:
    assert outcome(FaultRates(repeat_per_chunk=1.0)) == [chunk * 2 for chunk in CHUNKS]


def test_a_stalled_line_holds_everything_and_loses_nothing() -> None:
    line = FaultyLine(FaultRates(stall_per_chunk=1.0, stall_s=3.0), 1)
    assert line.pass_on(b"a", START) == b""
    assert line.pass_on(b"b", START.plus(1)) == b""
    assert line.pass_on(b"", START.plus(2.9)) == b""
    assert line.pass_on(b"", START.plus(3)) == b"ab"
    assert line.pass_on(b"", START.plus(4)) == b""


@pytest.mark.parametrize("rates", [{"drop_per_byte": 1.1}, {"stall_s": -1.0}])
def test_impossible_rates_are_refused(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(rates))):
        FaultRates(**rates)
