"""Right, wrong and found, on truths whose answer was worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert, ReportedAlerts
from edge_agent.evaluate.stays.scoring import is_owed, is_right, score
from edge_agent.evaluate.stays.truth import AlertWindow
from edge_agent.model.alerts import AlertPriority
from tests.support.made_stays import HOUR_S, crs_ground, hours, quiet_ground, reported_alert

LOW, HIGH = AlertPriority.LOW, AlertPriority.HIGH


@pytest.mark.parametrize(
    ("reported", "reported_h"),
    [
        ([reported_alert(11.0)], 11.0),
        ([reported_alert(4.9), reported_alert(21.9)], 21.9),
        ([reported_alert(4.9)], None),
        ([reported_alert(22.1)], None),
        ([reported_alert(7.0)], 7.0),
        ([reported_alert(9.0, About.WATCH, LOW)], None),
        ([reported_alert(9.0, About.OTHER)], None),
        ([reported_alert(9.0, About.TECHNICAL)], None),
        ([reported_alert(19.0, About.PRESSURE), reported_alert(21.0, About.PRESSURE)], 21.0),
        ([reported_alert(21.0, About.OXYGEN)], None),
        ([reported_alert(12.0, About.CRS), reported_alert(11.5, About.SCORE)], 11.5),
    ],
)
def test_an_episode_is_found_by_the_first_owed_alert_of_its_window(
    reported: list[ReportedAlert], reported_h: float | None
) -> None:
    (found,) = score(ReportedAlerts.of(reported), crs_ground()).episodes
    assert found.reported_s == (None if reported_h is None else reported_h * HOUR_S)
    assert found.is_found is (reported_h is not None)


def test_the_watch_counts_only_where_it_is_asked_for() -> None:
    reported = ReportedAlerts.of([reported_alert(8.0, About.WATCH, LOW), reported_alert(11.0)])
    (found,) = score(reported, crs_ground()).episodes
    assert (found.reported_s, found.with_watch_s) == (11 * HOUR_S, 8 * HOUR_S)


def test_an_alert_that_is_open_from_before_is_found_without_a_delay() -> None:
    (open_still,) = score(
        ReportedAlerts.of([reported_alert(4.0, until_h=10.5)]), crs_ground()
    ).episodes
    assert open_still.is_found
    assert open_still.reported_s is None
    (over,) = score(ReportedAlerts.of([reported_alert(4.0, until_h=9.5)]), crs_ground()).episodes
    assert not over.is_found


def test_an_alarm_that_never_stops_finds_every_window_of_chance() -> None:
    windows = (AlertWindow(5 * HOUR_S, 10 * HOUR_S), AlertWindow(25 * HOUR_S, 30 * HOUR_S))
    ground = replace(quiet_ground(), chance_windows=windows)
    assert score(ReportedAlerts.of([reported_alert(0.0, until_h=48.0)]), ground).chance == (
        True,
        True,
    )
    assert score(ReportedAlerts.of([reported_alert(6.0)]), ground).chance == (True, False)
    assert score(ReportedAlerts.of([reported_alert(6.0, About.PRESSURE)]), ground).chance == (
        False,
        False,
    )


def test_what_is_right_depends_on_what_the_alert_is_about() -> None:
    ground = replace(
        crs_ground(),
        infection=hours((35, 40)),
        fever=hours((10, 30), (36, 38)),
        other_real=hours((42, 43)),
    )
    cases = [
        (reported_alert(2.0), False),
        (reported_alert(6.0), True),
        (reported_alert(30.2), True),
        (reported_alert(30.3), False),
        (reported_alert(37.0), True),
        (reported_alert(35.5), False),
        (reported_alert(37.0, About.CRS), True),
        (reported_alert(33.0, About.CRS), False),
        (reported_alert(19.8, About.PRESSURE), True),
        (reported_alert(19.7, About.PRESSURE), False),
        (reported_alert(28.4, About.PRESSURE), True),
        (reported_alert(21.0, About.OXYGEN), False),
        (reported_alert(35.5, About.WATCH), True),
        (reported_alert(42.5, About.WATCH), False),
        (reported_alert(42.5, About.OTHER), True),
        (reported_alert(44.0, About.OTHER), False),
        (reported_alert(2.0, About.SCORE), False),
        (reported_alert(2.0, About.TECHNICAL), True),
    ]
    for one, expected in cases:
        assert is_right(ReportedAlerts.of([one]), ground).tolist() == [expected], one


def test_counts_are_by_priority_and_by_what_was_wrong() -> None:
    ground = replace(crs_ground(), infection=hours((35, 40)))
    counts = score(
        ReportedAlerts.of(
            [
                reported_alert(1.0),
                reported_alert(2.0, About.CRS, HIGH),
                reported_alert(3.0, About.WATCH, LOW),
                reported_alert(12.0, About.CRS, HIGH),
                reported_alert(36.0, About.CRS),
                reported_alert(3.5, About.TECHNICAL, LOW),
                reported_alert(3.7, About.TECHNICAL),
            ]
        ),
        ground,
    ).counts
    assert (counts.false_fever, counts.false_crs, counts.crs_in_infection) == (1, 1, 1)
    assert (counts.false_watch, counts.low, counts.medium, counts.high) == (1, 2, 3, 2)
    assert (counts.technical, counts.nurse_technical, counts.nurse) == (2, 1, 5)
    assert (counts.evaluated, counts.right, counts.false) == (4, 2, 2)
    assert (counts.alarm_periods, counts.alarm_hours) == (3, 4.0)


def test_nothing_told_is_nothing_counted() -> None:
    reported = ReportedAlerts.of([])
    assert is_owed(reported, crs_ground()).size == 0
    assert score(reported, crs_ground()).counts.nurse == 0
    assert np.array_equal(reported.at_s, [])
