"""Vital signs on the board: what is live, what is old, and what is never shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.board.vital_view import BedVitals, shown_name
from edge_agent.model.measurements import (
    ANOTHER_MONITOR,
    FORMER_PATIENT,
    GenerationMode,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.payloads.readings import decode_vitals_message
from edge_agent.vitals.canonical import max_age_s
from tests.support.board_bodies import body_of_vitals, vital

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownVital

NOW = 1_800_000_000_000
BED = "bed-1"


def held(*vitals: Vital, arrived_ms: int = NOW, historical: bool = False) -> BedVitals:
    """Return what a bed holds after one message."""
    found = BedVitals()
    add(found, *vitals, arrived_ms=arrived_ms, historical=historical)
    return found


def add(
    vitals: BedVitals, *new: Vital, arrived_ms: int = NOW, historical: bool = False, since: int = 0
) -> None:
    body = body_of_vitals(BED, new, arrived_ms, historical=historical)
    vitals.add(decode_vitals_message(body.payload), arrived_ms, since)


def shown(
    vitals: BedVitals, name: str = "heart_rate", later_s: float = 0.0, lag_s: float = 0.0
) -> ShownVital:
    now_ms = NOW + round(later_s * 1000)
    return vitals.shown(now_ms, max_age_s, frozenset(), lag_s)[name]


def heart_rate(value: float | None, at_ms: int = NOW) -> Vital:
    return vital(BED, VitalKind.HEART_RATE, value, at_ms)


def test_a_bed_that_never_measured_shows_no_number() -> None:
    for one in BedVitals().shown(NOW, max_age_s, frozenset(), 0.0).values():
        assert (one.state, one.text, one.value, one.at_ms) == ("never", "", None, None)


def test_a_fresh_value_is_live_and_says_nothing_more() -> None:
    one = shown(held(heart_rate(78.4)))
    assert (one.state, one.text, one.value, one.words) == ("live", "78", 78.4, None)
    assert (one.at_ms, one.limit_s, one.usual_s) == (NOW, 30.0, 15.0)


def test_zero_is_a_value() -> None:
    one = shown(held(heart_rate(0.0)))
    assert (one.state, one.text, one.value) == ("live", "0", 0.0)


@pytest.mark.parametrize(("later_s", "state"), [(30.0, "live"), (30.001, "old"), (3600.0, "old")])
def test_no_value_older_than_its_limit_is_live(later_s: float, state: str) -> None:
    one = shown(held(heart_rate(78.0)), later_s=later_s)
    assert one.state == state
    assert (one.words is None) == (state == "live")


def test_at_a_fast_pace_a_value_may_be_on_its_way_for_longer() -> None:
    vitals = held(heart_rate(78.0))
    assert shown(vitals, later_s=60.0, lag_s=39.0).state == "live"
    assert shown(vitals, later_s=70.0, lag_s=39.0).state == "old"


def test_a_clock_that_is_ahead_makes_no_value_younger_than_its_arrival() -> None:
    vitals = held(heart_rate(78.0, NOW + 120_000))
    assert shown(vitals).at_ms == NOW
    assert shown(vitals, later_s=31.0).state == "old"


def test_a_sensor_that_is_off_shows_no_number_and_since_when() -> None:
    vitals = held(heart_rate(78.0))
    add(vitals, heart_rate(None, NOW + 1000), arrived_ms=NOW + 1000)
    add(vitals, heart_rate(None, NOW + 9000), arrived_ms=NOW + 9000)
    one = shown(vitals, later_s=9.0)
    assert (one.state, one.text, one.value) == ("off", "", None)
    assert (one.at_ms, one.since_ms) == (NOW, NOW + 1000)
    assert one.words is not None
    assert one.words.de == "Sensor ab oder kein Signal"


@pytest.mark.parametrize(
    "doubted",
    [
        replace(heart_rate(200.0), validity=Validity.QUESTIONABLE, reason="artefact"),
        replace(heart_rate(200.0), validity=Validity.INVALID, reason="outside 20-250"),
        replace(heart_rate(200.0), mode=GenerationMode.TEST),
        replace(heart_rate(200.0), mode=GenerationMode.DEMO),
    ],
)
def test_a_doubted_or_test_value_is_never_live(doubted: Vital) -> None:
    one = shown(held(doubted))
    assert (one.state, one.text) == ("doubtful", "200")
    assert one.words is not None


def test_a_value_from_an_outage_is_never_live() -> None:
    one = shown(held(heart_rate(78.0), historical=True))
    assert one.state == "doubtful"


def test_an_older_reading_does_not_replace_a_newer_one() -> None:
    vitals = held(heart_rate(78.0))
    add(vitals, heart_rate(99.0, NOW - 5000))
    assert shown(vitals).text == "78"


@pytest.mark.parametrize("reason", [ANOTHER_MONITOR, f"{FORMER_PATIENT}: 120"])
def test_a_reading_that_may_be_anothers_is_not_shown_at_all(reason: str) -> None:
    other = replace(heart_rate(120.0), validity=Validity.INVALID, reason=reason)
    assert shown(held(other)).state == "never"


def test_a_reading_from_before_the_stay_is_not_shown_at_all() -> None:
    vitals = BedVitals()
    add(vitals, heart_rate(120.0, NOW - 1), since=NOW)
    assert shown(vitals).state == "never"
    add(vitals, heart_rate(80.0, NOW), since=NOW)
    assert shown(vitals).text == "80"


def test_the_pulse_stands_in_for_the_heart_rate_and_says_so() -> None:
    pulse = vital(BED, VitalKind.PULSE_RATE, 81.0, NOW, "spo2")
    one = shown(held(heart_rate(None), pulse))
    assert (one.state, one.text) == ("live", "81")
    assert one.words is not None
    assert one.words.en == "pulse"
    assert shown(held(heart_rate(78.0), pulse)).text == "78"


def test_of_several_temperatures_the_highest_of_the_core_counts() -> None:
    sites = {"skin": 39.9, "core": 37.1, "bladder": 38.2}
    temperatures = [
        vital(BED, VitalKind.TEMPERATURE, value, NOW, site) for site, value in sites.items()
    ]
    assert shown(held(*temperatures), "temperature").text == "38.2"
    assert shown(held(temperatures[0]), "temperature").text == "39.9"


def test_of_several_saturations_the_lowest_counts() -> None:
    both = [
        vital(BED, VitalKind.SPO2, value, NOW, site) for site, value in (("", 97.0), ("b", 91.0))
    ]
    assert shown(held(*both), "spo2").text == "91"


CUFF = {VitalKind.NIBP_SYSTOLIC: 122.0, VitalKind.NIBP_DIASTOLIC: 74.0, VitalKind.NIBP_MEAN: 90.0}
LINE = {VitalKind.ART_SYSTOLIC: 118.0, VitalKind.ART_DIASTOLIC: 70.0, VitalKind.ART_MEAN: 86.0}


def pressures(values: dict[VitalKind, float], at_ms: int = NOW) -> list[Vital]:
    return [vital(BED, kind, value, at_ms) for kind, value in values.items()]


def test_a_pressure_has_its_mean_and_its_source() -> None:
    one = shown(held(*pressures(CUFF)), "pressure", later_s=900.0)
    assert (one.state, one.text, one.mean_text, one.site) == ("live", "122/74", "90", "cuff")
    assert (one.value, one.at_ms, one.limit_s) == (122.0, NOW, 3600.0)


def test_the_line_leads_while_it_is_live_and_the_cuff_after_it() -> None:
    vitals = held(*pressures(CUFF), *pressures(LINE))
    assert shown(vitals, "pressure").site == "line"
    later = shown(vitals, "pressure", later_s=60.0)
    assert (later.site, later.state, later.text) == ("cuff", "live", "122/74")


def test_a_pressure_is_only_as_good_as_its_worst_part() -> None:
    systolic, diastolic, _mean = pressures(CUFF)
    doubted = replace(diastolic, validity=Validity.QUESTIONABLE, reason="pulse pressure")
    one = shown(held(systolic, doubted), "pressure")
    assert (one.state, one.text, one.mean_text) == ("doubtful", "122/74", "")
    failed = replace(diastolic, value=None, validity=Validity.NOT_AVAILABLE)
    one = shown(held(systolic, failed), "pressure")
    assert (one.state, one.text) == ("off", "122/--")


def test_a_mean_alone_is_shown_as_a_mean() -> None:
    one = shown(held(*pressures({VitalKind.ART_MEAN: 86.0})), "pressure")
    assert (one.state, one.text, one.value, one.mean_text) == ("live", "", None, "86")


def test_an_alarm_marks_the_vital_signs_it_rests_on() -> None:
    marked = held(heart_rate(150.0)).shown(NOW, max_age_s, frozenset({"heart_rate"}), 0.0)
    assert marked["heart_rate"].in_alarm
    assert not marked["spo2"].in_alarm


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("spot_temperature", "temperature"),
        ("temperature_slope", "temperature"),
        ("heart_rate_excess", "heart_rate"),
        ("pulse_rate", "heart_rate"),
        ("last_spo2", "spo2"),
        ("spo2_agreed", "spo2"),
        ("art_mean", "pressure"),
        ("systolic_share_of_baseline", "pressure"),
        ("respiratory_rate", "respiratory_rate"),
        ("shock_index", None),
        ("any", None),
    ],
)
def test_evidence_belongs_to_a_vital_sign_of_the_board(kind: str, name: str | None) -> None:
    assert shown_name(kind) == name
