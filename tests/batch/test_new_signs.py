"""No open alert of the shipped rules hides a new sign, acknowledged or not, however old it is."""

from __future__ import annotations

from typing import Final

import numpy as np

from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.stays.reported_alerts import About, reported_alerts
from edge_agent.model.measurements import VitalKind
from edge_agent.rulebook.rule_set import read_rulebook

RULES: Final = read_rulebook(None).rules
START_NS: Final = 1_800_000_000 * 10**9
HEART, SPO2, BREATHS = VitalKind.HEART_RATE, VitalKind.SPO2, VitalKind.RESPIRATORY_RATE
TEMPERATURE, SYSTOLIC, MEAN = VitalKind.TEMPERATURE, VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN
NORMAL: Final = {
    HEART: 78.0,
    SPO2: 97.0,
    BREATHS: 15.0,
    TEMPERATURE: 36.8,
    SYSTOLIC: 121.0,
    MEAN: 86.0,
}
CUFF_S: Final = 900

Course = list[tuple[float, dict[VitalKind, float]]]


def told(
    course: Course, lasts_h: float, acknowledged_after_s: float | None = None
) -> list[tuple[str, float]]:
    """Return what nurses are told of the patient and after how many hours.

    Parameters
    ----------
    course
        From which hour on which values are not the normal ones.
    """
    columns = {}
    for kind, normal in NORMAL.items():
        every_s = CUFF_S if kind in {SYSTOLIC, MEAN} else 10
        times_s = np.arange(every_s, lasts_h * 3600, every_s, dtype=np.float64)
        values = np.full(times_s.size, normal)
        for from_h, changed in course:
            values[times_s >= from_h * 3600] = changed.get(kind, normal)
        # a little noise: no sensor is still
        values += 0.1 * (np.arange(times_s.size) % 3)
        columns[kind, ""] = RecordedVital(times_s, values)
    recording = RecordedStay(START_NS, columns, lasts_h * 3600)
    found = BatchDetector(RULES, None, acknowledged_after_s).run(recording).transitions
    tellings = reported_alerts(found, lasts_h * 3600)
    return [
        (one.rule_id, round(one.at_s / 3600, 1))
        for one in tellings
        if one.about is not About.TECHNICAL
    ]


def test_a_fever_sixteen_hours_after_an_unacknowledged_pattern_is_reported() -> None:
    ill = {HEART: 128.0, BREATHS: 29.0, SPO2: 91.0, TEMPERATURE: 37.3}
    course: Course = [(2, ill), (5, {}), (18, {TEMPERATURE: 39.0})]
    found = told(course, 22)
    assert ("crs.suspected", 2.8) in found
    assert ("crs.fever", 18.2) in found


def test_what_was_a_part_and_ended_is_reported_when_it_comes_again() -> None:
    ill = {HEART: 128.0, TEMPERATURE: 38.8}
    found = told([(2, ill), (5, {}), (18, {TEMPERATURE: 39.0})], 22)
    assert ("crs.suspected", 2.4) in found
    assert ("crs.fever", 18.2) in found


def test_low_pressure_hours_after_an_unacknowledged_pattern_is_reported() -> None:
    ill = {HEART: 128.0, BREATHS: 29.0, SPO2: 91.0, TEMPERATURE: 37.3}
    low = {**ill, HEART: 80.0, SYSTOLIC: 85.0, MEAN: 60.0}
    found = told([(2, ill), (10, low)], 12)
    assert [rule_id for rule_id, at_h in found if at_h > 9] == ["crs.hypotension"]


def test_a_shock_takes_up_the_low_pressure_that_confirms_it() -> None:
    low = {HEART: 85.0, SYSTOLIC: 72.0, MEAN: 60.0}
    assert [rule_id for rule_id, _ in told([(2, low)], 5)] == ["vital.shock"]


def test_a_pattern_is_reported_once_with_the_signs_that_came_with_it() -> None:
    ill = {HEART: 128.0, BREATHS: 29.0, SPO2: 97.0, TEMPERATURE: 38.8}
    rules = [rule_id for rule_id, _ in told([(2, ill)], 8)]
    assert "crs.suspected" in rules
    assert len(rules) == len(set(rules))


def test_a_very_low_pressure_is_reported_though_a_shock_was_acknowledged() -> None:
    shock = {SYSTOLIC: 86.0, MEAN: 62.0, HEART: 104.0}
    worse = {SYSTOLIC: 70.0, MEAN: 50.0, HEART: 104.0}
    found = told([(1, shock), (4, worse)], 6, acknowledged_after_s=300)
    assert [at_h for rule_id, at_h in found if rule_id == "vital.shock"] == [1.2, 4.0]


def test_a_slow_heart_is_reported_though_a_fast_one_was_acknowledged() -> None:
    found = told([(1, {HEART: 165.0}), (1.2, {HEART: 30.0})], 2, acknowledged_after_s=120)
    assert [at_h for rule_id, at_h in found if rule_id == "vital.heart_rate_extreme"] == [1.0, 1.2]


def test_a_watch_is_over_where_fever_begins_and_none_begins_beside_it() -> None:
    course: Course = [(1, {TEMPERATURE: 37.7, HEART: 100.0}), (3, {TEMPERATURE: 39.0, HEART: 120})]
    rules = [rule_id for rule_id, at_h in told(course, 12) if at_h > 3.1]
    assert "crs.fever" in rules
    assert "crs.prefever" not in rules
