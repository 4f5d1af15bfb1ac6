"""An occasional reading is published once, with the time it was taken, and an old one says so."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import DeviceTime, Validity, Vital
from edge_agent.vitals.normalise import Normaliser
from tests.support.device_readings import (
    CELSIUS,
    HR,
    MMHG,
    NIBP_S,
    NO_TIME,
    START,
    message,
    numeric,
    wall,
)

NOW = 1_000_000.0
PREDICTIVE = 2 * 65536 + 0xF140


def cuff(
    normaliser: Normaliser,
    value: float | None,
    *,
    age_s: float,
    at_s: float = 0.0,
    validity: Validity | None = None,
) -> tuple[Vital, ...]:
    """Send a cuff reading that was `age_s` old when the test began, with a known device clock."""
    reading = numeric(NIBP_S, value, MMHG, validity, wall(NOW - age_s))
    return normaliser.normalise(message(reading, at_s=at_s, device_now=wall(NOW + at_s)))


def undated(
    normaliser: Normaliser, value: float, stamp: DeviceTime, at_s: float
) -> tuple[Vital, ...]:
    """Send a cuff reading of a device whose clock is not known."""
    return normaliser.normalise(message(numeric(NIBP_S, value, MMHG, stamp=stamp), at_s=at_s))


def test_a_reading_is_dated_on_the_gateway_s_axis() -> None:
    (vital,) = cuff(Normaliser("bed-07"), 120, age_s=90)
    assert vital.measured_at == START.plus(-90)
    assert vital.received_at == START
    assert vital.is_usable


def test_the_device_s_own_counter_is_preferred_to_its_wall_clock() -> None:
    stamp = DeviceTime(elapsed_ns=10 * 10**9, wall_ns=0)
    reading = numeric(NIBP_S, 120, MMHG, stamp=stamp)
    device_now = DeviceTime(elapsed_ns=40 * 10**9, wall_ns=10**18)
    (vital,) = Normaliser("bed-07").normalise(message(reading, device_now=device_now))
    assert vital.measured_at == START.plus(-30)


def stamped(
    normaliser: Normaliser, value: float, *, stamp_s: float, shows_s: float, at_s: float
) -> Vital:
    """Send a cuff reading with its stamp, and what the device's clock shows."""
    reading = numeric(NIBP_S, value, MMHG, stamp=wall(stamp_s))
    (vital,) = normaliser.normalise(message(reading, at_s=at_s, device_now=wall(shows_s)))
    return vital


def running(normaliser: Normaliser, *, shows_s: float, at_s: float) -> None:
    """Send a heart rate, so that the device's clock is known."""
    normaliser.normalise(message(numeric(HR, 80, 264864), at_s=at_s, device_now=wall(shows_s)))


@pytest.mark.parametrize("step_s", [-7200.0, -3600.0, -61.0, 61.0, 3600.0, 400 * 86400.0])
def test_a_reading_from_before_the_clock_was_set_is_dated_by_the_clock_of_then(
    step_s: float,
) -> None:
    normaliser = Normaliser("bed-07")
    running(normaliser, shows_s=NOW, at_s=0)
    running(normaliser, shows_s=NOW + 60 + step_s, at_s=60)
    vital = stamped(normaliser, 78, stamp_s=NOW - 1200, shows_s=NOW + 120 + step_s, at_s=120)
    assert vital.measured_at == START.plus(-1200)
    assert vital.is_usable
    vital = stamped(
        normaliser, 77, stamp_s=NOW + 150 + step_s, shows_s=NOW + 180 + step_s, at_s=180
    )
    assert (vital.measured_at, vital.is_usable) == (START.plus(150), True)


def test_a_minute_is_no_step() -> None:
    normaliser = Normaliser("bed-07")
    running(normaliser, shows_s=NOW, at_s=0)
    running(normaliser, shows_s=NOW + 120, at_s=60)
    vital = stamped(normaliser, 78, stamp_s=NOW - 1200, shows_s=NOW + 180, at_s=120)
    assert vital.measured_at == START.plus(-1260)


def test_an_old_reading_stays_old_whatever_was_done_to_the_clock() -> None:
    normaliser = Normaliser("bed-07")
    running(normaliser, shows_s=NOW, at_s=0)
    running(normaliser, shows_s=NOW + 60 - 3600, at_s=60)
    vital = stamped(normaliser, 78, stamp_s=NOW - 7200, shows_s=NOW + 120 - 3600, at_s=120)
    assert vital.measured_at == START.plus(-7200)
    assert (vital.validity, vital.reason) == (
        Validity.QUESTIONABLE,
        "measured 2 h before it arrived",
    )


def test_a_stamp_that_no_clock_of_the_device_explains_is_ahead() -> None:
    normaliser = Normaliser("bed-07")
    running(normaliser, shows_s=NOW, at_s=0)
    running(normaliser, shows_s=NOW + 60 - 3600, at_s=60)
    vital = stamped(normaliser, 78, stamp_s=NOW + 600, shows_s=NOW + 120 - 3600, at_s=120)
    assert vital.reason == "stamped 1 h ahead of the device's clock"
    slow = Normaliser("bed-07")
    running(slow, shows_s=NOW, at_s=0)
    running(slow, shows_s=NOW, at_s=60)  # a minute is no step
    vital = stamped(slow, 78, stamp_s=NOW + 121, shows_s=NOW + 60, at_s=120)
    assert vital.reason == "stamped 1 min ahead of the device's clock"


def test_a_reading_that_was_seen_to_change_is_new_even_if_its_stamp_is_ahead() -> None:
    normaliser = Normaliser("bed-07")
    stamped(normaliser, 118, stamp_s=NOW + 2400, shows_s=NOW, at_s=0)
    vital = stamped(normaliser, 78, stamp_s=NOW + 2700, shows_s=NOW + 10, at_s=10)
    assert (vital.measured_at, vital.is_usable) == (START.plus(10), True)
    vital = stamped(normaliser, 77, stamp_s=NOW + 3000, shows_s=NOW + 21, at_s=21)
    assert vital.reason == "stamped 50 min ahead of the device's clock"


def test_the_same_reading_shown_again_is_no_new_vital() -> None:
    normaliser = Normaliser("bed-07")
    cuff(normaliser, 120, age_s=5)
    assert [cuff(normaliser, 120, age_s=5, at_s=s) for s in range(1, 6)] == [()] * 5


def test_a_new_stamp_is_a_new_reading_even_with_the_same_value() -> None:
    normaliser = Normaliser("bed-07")
    cuff(normaliser, 120, age_s=300)
    (vital,) = cuff(normaliser, 120, age_s=0, at_s=1)
    assert vital.measured_at == START


@pytest.mark.parametrize(
    ("age_s", "reason"),
    [
        (3600, ""),
        (3601, "measured 1 h before it arrived"),
        (3 * 86400, "measured 3 d before it arrived"),
        (-60, ""),
        (-61, "stamped 1 min ahead of the device's clock"),
        (-7200, "stamped 2 h ahead of the device's clock"),
    ],
)
def test_a_reading_that_is_not_of_now_says_so(age_s: float, reason: str) -> None:
    (vital,) = cuff(Normaliser("bed-07"), 120, age_s=age_s)
    assert vital.reason == reason
    assert vital.validity is (Validity.QUESTIONABLE if reason else Validity.VALID)
    assert vital.measured_at == START.plus(-max(age_s, 0))
    assert vital.value == 120


def test_a_spot_temperature_counts_for_eight_hours() -> None:
    reading = numeric(PREDICTIVE, 38.4, CELSIUS, stamp=wall(NOW - 7 * 3600))
    (vital,) = Normaliser("bed-07").normalise(message(reading, device_now=wall(NOW)))
    assert vital.is_usable
    assert vital.measured_at == START.plus(-7 * 3600)


def test_a_stamp_of_an_unknown_clock_cannot_be_dated_at_first_sight() -> None:
    (vital,) = undated(Normaliser("bed-07"), 120, wall(5), at_s=0)
    assert (vital.validity, vital.reason) == (Validity.QUESTIONABLE, "age unknown")
    assert vital.measured_at == START


def test_a_stamp_that_changed_between_two_messages_is_new() -> None:
    normaliser = Normaliser("bed-07")
    undated(normaliser, 120, wall(5), at_s=0)
    assert undated(normaliser, 120, wall(5), at_s=10) == ()
    (vital,) = undated(normaliser, 110, wall(300), at_s=20)
    assert vital.is_usable
    assert vital.measured_at == START.plus(20)


@pytest.mark.parametrize(("stamp", "at_s"), [(wall(300), 10.5), (NO_TIME, 1.0)])
def test_a_stamp_that_changed_over_a_gap_or_went_away_is_not_dated(
    stamp: DeviceTime, at_s: float
) -> None:
    normaliser = Normaliser("bed-07")
    undated(normaliser, 120, wall(5), at_s=0)
    (vital,) = undated(normaliser, 110, stamp, at_s=at_s)
    assert vital.reason == "age unknown"


def test_a_reading_that_completes_under_its_stamp_is_published() -> None:
    normaliser = Normaliser("bed-07")
    (first,) = cuff(normaliser, None, age_s=0, validity=Validity.MEASURING)
    (second,) = cuff(normaliser, 88, age_s=0, at_s=20)
    assert (first.value, first.reason) == (None, "measurement under way")
    assert (second.value, second.is_usable) == (88, True)
    assert first.measured_at == second.measured_at


def test_the_next_measurement_under_way_says_nothing_about_the_last_reading() -> None:
    normaliser = Normaliser("bed-07")
    cuff(normaliser, 120, age_s=0)
    assert cuff(normaliser, 120, age_s=0, at_s=1, validity=Validity.MEASURING) == ()
    assert cuff(normaliser, None, age_s=0, at_s=2, validity=Validity.MEASURING) == ()
    assert cuff(normaliser, 120, age_s=0, at_s=3) == ()


def test_a_withdrawn_reading_is_published_and_keeps_its_time_when_it_returns() -> None:
    normaliser = Normaliser("bed-07")
    (shown,) = cuff(normaliser, 120, age_s=60)
    (withdrawn,) = cuff(normaliser, None, age_s=60, at_s=5)
    (returned,) = cuff(normaliser, 120, age_s=60, at_s=10)
    assert (withdrawn.validity, withdrawn.reason) == (Validity.NOT_AVAILABLE, "not measured")
    assert returned.is_usable
    assert shown.measured_at == withdrawn.measured_at == returned.measured_at


def test_an_old_reading_is_told_once_and_stays_old() -> None:
    normaliser = Normaliser("bed-07")
    cuff(normaliser, 120, age_s=7200)
    assert cuff(normaliser, 120, age_s=7200, at_s=60) == ()
    (changed,) = cuff(normaliser, 121, age_s=7200, at_s=61)
    assert changed.reason == "measured 2 h before it arrived"
