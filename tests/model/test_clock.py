"""One clock for agent and simulators, sped up or not, in one process or several."""

from __future__ import annotations

import pytest

from edge_agent.model.clock import Instant, ScaledClock


class Hands:
    """A system clock that the test moves."""

    def __init__(self) -> None:
        self.at = Instant(5_000_000_000, 1_700_000_000_000_000_000)

    def read(self) -> Instant:
        """Return where the hands stand."""
        return self.at


def test_at_factor_one_it_is_the_system_clock() -> None:
    hands = Hands()
    clock = ScaledClock(hands.read, hands.at)
    hands.at = hands.at.plus(3.5)
    assert clock.now() == hands.at


def test_ward_time_runs_faster_from_the_epoch_on() -> None:
    hands = Hands()
    clock = ScaledClock(hands.read, hands.at, factor=60.0)
    start = clock.now()
    hands.at = hands.at.plus(2.0)
    assert clock.now().seconds_since(start) == 120.0
    assert clock.now().utc_ns - start.utc_ns == 120_000_000_000


def test_another_process_joins_by_the_text_and_reads_the_same_time() -> None:
    hands = Hands()
    clock = ScaledClock(hands.read, hands.at, factor=2.5)
    joined = ScaledClock.from_spec(clock.spec(), hands.read)
    hands.at = hands.at.plus(7.25)
    assert joined.now() == clock.now()


@pytest.mark.parametrize("text", ["", "1:2", "1:2:3:4", "a:2:3"])
def test_a_text_that_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"clock is|invalid literal"):
        ScaledClock.from_spec(text, Hands().read)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan")])
def test_time_only_runs_forward(factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        ScaledClock(Hands().read, Instant(0, 0), factor)


def test_clocks_of_different_pace_or_epoch_count_on_different_axes() -> None:
    hands = Hands()
    plain = ScaledClock(hands.read, hands.at)
    fast = ScaledClock(hands.read, hands.at, 2.0)
    later = ScaledClock(hands.read, hands.at.plus(1), 2.0)
    assert plain.axis == ScaledClock(hands.read, hands.at.plus(1)).axis
    assert len({plain.axis, fast.axis, later.axis}) == 3
