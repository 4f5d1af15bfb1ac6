"""The tick counter is followed over its wrap, and only a real date becomes a wall time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge_agent.drivers.philips_intellivue.times import TICK_NS, DeviceClock, wall_ns
from edge_agent.model.measurements import DeviceTime


def test_a_bcd_time_is_read_to_the_hundredth() -> None:
    expected = int(datetime(2015, 9, 4, 14, 46, 39, tzinfo=UTC).timestamp()) * 10**9
    assert wall_ns(bytes.fromhex("2015090414463900")) == expected
    assert wall_ns(bytes.fromhex("2015090414463925")) == expected + 250_000_000


@pytest.mark.parametrize("text", ["FF" * 8, "2015130414463900", "2015", "", "00" * 8])
def test_what_is_no_date_is_no_time(text: str) -> None:
    assert wall_ns(bytes.fromhex(text)) is None


def test_the_counter_goes_on_over_its_wrap() -> None:
    clock = DeviceClock()
    assert clock.advance(2**32 - 8000) is None
    assert clock.advance(192) == 8192
    assert clock.at(192) == DeviceTime((2**32 + 192) * TICK_NS, None)


def test_an_older_message_does_not_turn_the_clock_back() -> None:
    clock = DeviceClock()
    clock.advance(20_000)
    assert clock.advance(12_000) == -8000
    assert clock.advance(28_192) == 8192


def test_the_wall_clock_follows_the_ticks_from_its_reference() -> None:
    clock = DeviceClock()
    clock.set_wall(2**32 - 8000, 10**18)
    assert clock.at(8000).wall_ns == 10**18 + 2 * 10**9
    assert clock.at(2**32 - 16_000, 5).wall_ns == 10**18 - 10**9


def test_without_a_reference_the_message_time_is_taken() -> None:
    clock = DeviceClock()
    clock.set_wall(8000, None)
    assert clock.at(8000, 5) == DeviceTime(10**9, 5)
