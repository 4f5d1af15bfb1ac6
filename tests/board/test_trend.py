"""Courses of vital signs: peaks stay, gaps stay open, nothing unusable is drawn."""

from __future__ import annotations

from random import Random

import pytest

from edge_agent.board.trend import BedTrend, Point, point_of
from edge_agent.model.measurements import GenerationMode, Validity, VitalKind

NOW = 1_800_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE


def heart_rates(values: dict[int, float]) -> list[Point]:
    return [Point("heart_rate", at_ms, value) for at_ms, value in values.items()]


@pytest.mark.parametrize("hours", [1, 6, 24, 24 * 14])
def test_the_lowest_and_the_highest_of_any_span_stay(hours: int) -> None:
    random = Random(hours)
    trend = BedTrend()
    values = {NOW - second * 1000: random.uniform(70, 90) for second in range(0, hours * 3600, 37)}
    peak, dip = random.sample(sorted(values), 2)
    values[peak], values[dip] = 171.0, 31.0
    trend.add(heart_rates(values))
    series = trend.series(NOW - hours * HOUR, NOW)["heart_rate"]
    drawn = [value for value in series.v if value is not None]
    assert (max(drawn), min(drawn)) == (171.0, 31.0)
    assert len(series.t) == len(series.v) <= 2 * 721
    assert series.t == sorted(series.t)
    at = series.t[series.v.index(171.0)]
    assert abs(at - peak) <= max(MINUTE, hours * HOUR / 720 + MINUTE)


def test_a_pause_is_a_gap_and_is_not_drawn_over() -> None:
    trend = BedTrend()
    before = {NOW - 3 * HOUR + i * MINUTE: 80.0 for i in range(30)}
    after = {NOW - HOUR + i * MINUTE: 82.0 for i in range(30)}
    trend.add(heart_rates(before | after))
    series = trend.series(NOW - 6 * HOUR, NOW)["heart_rate"]
    gap = series.v.index(None)
    assert set(series.v[:gap]) == {80.0}
    assert set(series.v[gap + 1 :]) == {82.0}
    assert series.v.count(None) == 1


def test_cuff_readings_an_hour_apart_are_one_course() -> None:
    trend = BedTrend()
    trend.add([Point("pressure", NOW - hour * HOUR, 120.0 + hour) for hour in range(6)])
    assert None not in trend.series(NOW - 6 * HOUR, NOW)["pressure"].v


def test_a_course_crosses_midnight() -> None:
    trend = BedTrend()
    midnight = NOW - NOW % (24 * HOUR)
    trend.add(heart_rates({midnight - MINUTE: 80.0, midnight: 81.0}))
    series = trend.series(midnight - HOUR, midnight + HOUR)["heart_rate"]
    assert (series.t, series.v) == ([midnight - MINUTE, midnight], [80.0, 81.0])


def test_adding_a_value_again_changes_nothing() -> None:
    trend = BedTrend()
    values = heart_rates({NOW: 80.0, NOW + 20_000: 90.0})
    trend.add(values)
    once = trend.series(NOW - HOUR, NOW + MINUTE)
    trend.add(values)
    assert trend.series(NOW - HOUR, NOW + MINUTE) == once


def test_only_two_weeks_are_kept_and_a_new_patient_has_none() -> None:
    trend = BedTrend()
    trend.add(heart_rates({NOW - day * 24 * HOUR: 80.0 for day in range(20)}))
    assert len(trend._days) <= 15
    trend.forget(NOW)
    assert trend.series(NOW - 24 * 14 * HOUR, NOW)["heart_rate"].t == []
    assert trend.filled_ms == NOW


def test_every_vital_sign_of_the_board_has_a_course_even_if_empty() -> None:
    assert BedTrend().series(NOW - HOUR, NOW).keys() == {
        "heart_rate",
        "spo2",
        "temperature",
        "pressure",
        "respiratory_rate",
    }


@pytest.mark.parametrize(
    ("kind", "value", "validity", "mode"),
    [
        (VitalKind.HEART_RATE, None, Validity.NOT_AVAILABLE, GenerationMode.REAL),
        (VitalKind.HEART_RATE, 80.0, Validity.QUESTIONABLE, GenerationMode.REAL),
        (VitalKind.HEART_RATE, 80.0, Validity.VALID, GenerationMode.TEST),
        (VitalKind.PULSE_RATE, 80.0, Validity.VALID, GenerationMode.REAL),
        (VitalKind.NIBP_MEAN, 80.0, Validity.VALID, GenerationMode.REAL),
        (VitalKind.ETCO2, 35.0, Validity.VALID, GenerationMode.REAL),
    ],
)
def test_what_is_doubted_or_not_shown_is_not_drawn(
    kind: VitalKind, value: float | None, validity: Validity, mode: GenerationMode
) -> None:
    assert point_of(kind, value, validity, mode, NOW) is None


def test_zero_is_drawn() -> None:
    found = point_of(VitalKind.HEART_RATE, 0.0, Validity.VALID, GenerationMode.REAL, NOW)
    assert found == Point("heart_rate", NOW, 0.0)
