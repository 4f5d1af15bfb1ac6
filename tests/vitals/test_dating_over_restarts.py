"""Dates of readings over a restart, and readings that are sent once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.measurements import GenerationMode, Validity, Vital
from edge_agent.model.session_events import NumericsReceived
from edge_agent.vitals.normalise import Normaliser
from tests.support.device_readings import (
    CELSIUS,
    HR,
    MMHG,
    NIBP_D,
    NIBP_S,
    START,
    message,
    numeric,
    wall,
)
from tests.vitals.test_dating import NOW, cuff


def restarted(*vitals: Vital) -> Normaliser:
    normaliser = Normaliser("bed-07")
    normaliser.restore(vitals)
    return normaliser


@pytest.mark.parametrize(
    ("value", "age_s", "validity"),
    [
        (120, 60, Validity.VALID),
        (120, 7200, Validity.VALID),
        (300, 60, Validity.VALID),
        (120, 60, Validity.QUESTIONABLE),
        (120, 60, Validity.INVALID),
        (None, 60, Validity.NOT_AVAILABLE),
    ],
    ids=["good", "old", "out of range", "doubted by the device", "invalid", "absent"],
)
def test_the_same_reading_after_a_restart_is_no_new_vital(
    value: float | None, age_s: float, validity: Validity
) -> None:
    (vital,) = cuff(Normaliser("bed-07"), value, age_s=age_s, validity=validity)
    after = restarted(vital)
    assert cuff(after, value, age_s=age_s, at_s=30, validity=validity) == ()


@pytest.mark.parametrize("before", [Validity.MEASURING, Validity.QUESTIONABLE])
def test_a_reading_that_became_valid_during_a_restart_is_published(before: Validity) -> None:
    (vital,) = cuff(Normaliser("bed-07"), 120, age_s=60, validity=before)
    (now_valid,) = cuff(restarted(vital), 120, age_s=60, at_s=30)
    assert now_valid.is_usable
    assert now_valid.measured_at == vital.measured_at


def test_an_old_reading_that_changes_after_a_restart_stays_old() -> None:
    (vital,) = cuff(Normaliser("bed-07"), 120, age_s=7200)
    (changed,) = cuff(restarted(vital), 121, age_s=7200, at_s=30)
    assert changed.reason == "measured 2 h before it arrived"


def test_contradicting_pressures_after_a_restart_are_no_new_vitals() -> None:
    pair = [numeric(c, v, MMHG, stamp=wall(NOW)) for c, v in ((NIBP_S, 100), (NIBP_D, 95))]
    vitals = Normaliser("bed-07").normalise(message(*pair, device_now=wall(NOW)))
    assert not any(v.is_usable for v in vitals)
    event = message(*pair, at_s=30, device_now=wall(NOW + 30))
    assert restarted(*vitals).normalise(event) == ()


def test_a_reading_in_a_wrong_unit_is_told_once_also_over_a_restart() -> None:
    event = message(numeric(NIBP_S, 120, CELSIUS, stamp=wall(NOW)), device_now=wall(NOW))
    normaliser = Normaliser("bed-07")
    (vital,) = normaliser.normalise(event)
    assert vital.value is None
    assert normaliser.normalise(event) == ()
    assert restarted(vital).normalise(event) == ()


def test_leaving_the_demo_mode_is_a_change() -> None:
    normaliser = Normaliser("bed-07")
    reading = numeric(NIBP_S, 120, MMHG, stamp=wall(NOW))
    demo = replace(reading, mode=GenerationMode.DEMO)
    (vital,) = normaliser.normalise(message(demo, device_now=wall(NOW)))
    assert restarted(vital).normalise(message(demo, device_now=wall(NOW))) == ()
    (real,) = normaliser.normalise(message(reading, device_now=wall(NOW)))
    assert real.is_usable


def test_vitals_of_unknown_and_continuous_codes_restore_only_their_keys() -> None:
    event = message(numeric(HR, 80, 264864))
    (vital,) = Normaliser("bed-07").normalise(event)
    after = restarted(vital, replace(vital, code=1))
    assert len(after.normalise(event)) == 1


ORAL = 188424


def spot(value: float, at_s: float) -> NumericsReceived:
    """Return a spot temperature that a thermometer sends once, without a clock."""
    return message(replace(numeric(ORAL, value, CELSIUS), is_sent_once=True), at_s=at_s)


def test_a_reading_that_is_sent_once_was_taken_when_it_came_and_is_not_a_repeat() -> None:
    normaliser = Normaliser("bed-07")
    for at_s in (0.0, 40.0):
        (vital,) = normaliser.normalise(spot(38.4, at_s))
        assert vital.measured_at == vital.received_at == START.plus(at_s)
        assert vital.is_usable


def test_a_spot_reading_may_differ_from_the_one_before_as_it_likes() -> None:
    normaliser = Normaliser("bed-07")
    values = [
        normaliser.normalise(spot(value, 60.0 * n))[0] for n, value in enumerate((36.9, 38.6))
    ]
    assert all(vital.is_usable for vital in values)
