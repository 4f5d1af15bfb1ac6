"""Sensitivity, delay, lead and burden on a handful of stays, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pytest

from edge_agent.evaluate.cohort.figures import figures_of
from edge_agent.evaluate.cohort.measures import chance, delay, lead, per_day, precision, sensitivity
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.strata import by_group, by_method
from edge_agent.evaluate.cohort.targets import TARGETS
from edge_agent.evaluate.stays.reported_alerts import About
from edge_agent.evaluate.stays.scoring import EpisodeResult
from edge_agent.evaluate.stays.stay import OURS
from tests.support.made_stays import NO_COUNTS, found, reported_alert, stay

# onset at hour 10, window until hour 22
STAYS = (
    stay(0, [found(11, 9)], [found(14)]),
    stay(1, [found(12)], [found(13)]),
    stay(2, [found(None, 21)], [found(15)]),
    stay(3, [found(10)], [found(None)]),
    stay(4, [EpisodeResult(None, None, was_open_before=True)], [found(11)]),
    stay(5),
)


def test_sensitivity_is_of_episodes() -> None:
    assert sensitivity(STAYS, OURS).value == pytest.approx(4 / 5)
    assert sensitivity(STAYS, "spot_4h").value == pytest.approx(4 / 5)


def test_delays_are_of_what_was_told() -> None:
    assert delay(STAYS, OURS).value == 1.0  # 1, 2 and 0 h
    assert delay(STAYS, "spot_4h").value == 3.5  # 4, 3, 5 and 1 h


def test_a_method_that_does_not_tell_tells_at_the_end_of_the_window() -> None:
    # 3 h, 1 h, told never against 15: 15 - 22, told at 10 against never: 22 - 10
    assert lead(STAYS, "spot_4h", with_watch=False).value == 2.0
    # 5 h, 1 h, 15 - 21, 12 h
    assert lead(STAYS, "spot_4h", with_watch=True).value == 3.0


def test_rates_are_per_patient_day_and_precision_of_what_was_judged() -> None:
    counts = replace(NO_COUNTS, medium=4, high=2, evaluated=5, right=4, false_fever=1)
    stays = (stay(0, counts=counts), stay(1))
    assert per_day(stays, OURS, lambda c: c.nurse).value == 1.5
    assert per_day(stays, OURS, lambda c: c.false_fever).value == 0.25
    assert precision(stays, OURS).value == pytest.approx(0.8)


def test_chance_is_of_windows() -> None:
    score = replace(stay(0).methods[OURS], chance=(True, False, False, False))
    assert chance([replace(stay(0), methods={OURS: score})], OURS).value == 0.25
    assert isnan(chance([stay(0)], OURS).value)


def test_figures_name_every_promise_and_know_what_is_missed() -> None:
    by_key = {figure.key: figure for figure in figures_of(STAYS)}
    for key in (
        "crs_sensitivity",
        "lead_over_4h_hours",
        "lead_over_8h_hours",
        "false_fever_per_patient_day",
        "false_crs_per_patient_day",
        "nurse_alerts_per_patient_day",
        "ppv",
        "grade_covered",
        "chance_sensitivity",
        "grade2_in_time",
        "fever_delay_minutes",
    ):
        assert key in by_key
    assert by_key["crs_sensitivity"].is_missed
    assert not by_key["false_fever_per_patient_day"].is_missed
    assert by_key["grade_covered"].estimate.value == pytest.approx(0.99)
    assert by_key["grade_covered"].verdict == "met"
    assert by_key["grade_equal_complete"].estimate.value == pytest.approx(0.96)
    assert by_key["fever_delay_minutes"].estimate.value == pytest.approx(2.0)
    assert by_key["ppv"].verdict == ""  # nothing to hold against the target
    assert by_key["false_fever_per_patient_day"].verdict == "too few to say"
    assert str(by_key["ppv"].target) == "≥ 0.8"
    assert by_key.keys() >= TARGETS.keys()
    assert all(figure.target == TARGETS.get(key) for key, figure in by_key.items())


def test_a_miss_says_what_lies_behind_it() -> None:
    reported = (
        reported_alert(1.0),
        reported_alert(2.0),
        reported_alert(3.0, About.CRS, rule_id="crs.suspected"),
    )
    stays = (*STAYS, stay(6, reported=reported))
    assert why_missed("crs_sensitivity", stays).startswith("1 missed: grade 2 1;")
    why = why_missed("false_fever_per_patient_day", stays[-1:])
    assert why == "2 false in 1 patients: crs.fever 2"
    assert "crs.fever 2, crs.suspected 1" in why_missed("nurse_alerts_per_patient_day", stays)
    assert why_missed("delay_hours", stays) == ""
    assert why_missed("chance_sensitivity", stays) == (
        "in the 2 patients without CRS most often reported: crs.fever 2, crs.suspected 1; "
        "3 false in 1 patients: crs.fever 2, crs.suspected 1"
    )
    for figure in figures_of(stays):
        assert isinstance(why_missed(figure.key, stays), str)


def test_groups_hold_every_patient_and_every_episode() -> None:
    rows = by_group(STAYS)
    assert {row.group for row in rows} >= {"product", "age", "ramp to 38.0", "worst grade"}
    for group in ("product", "age", "beta blocker"):
        assert sum(row.patients for row in rows if row.group == group) == len(STAYS)
    for group in ("ramp to 38.0", "temperature seen", "worst grade"):
        assert sum(row.episodes for row in rows if row.group == group) == 5
    ramp = next(row for row in rows if row.group == "ramp to 38.0" and row.episodes)
    assert ramp.name == "3 to 8 h"
    assert ramp.estimates["sensitivity"].value == pytest.approx(0.8)
    assert by_method(STAYS)[0].name == OURS
