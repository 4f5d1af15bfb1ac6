"""Alerts over a recorded stay change when they would have: by news, and by time alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.measurements import VitalKind

START_NS = 1_800_000_000 * 10**9
LOW = 'all = [{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 }]'


def rule(body: str, head: str, *, for_s: float = 0, clear_for_s: float = 0) -> Rule:
    return parse_rule(
        "test.toml",
        f"""
[rule]
id = "test.low"
version = 1
kind = "physiological"
source = "test"
status = "unvalidated"
{head}
[when]
{body}
for_s = {for_s}
clear_for_s = {clear_for_s}
""",
    )


def spo2(*values: float, length_s: float | None = None) -> RecordedStay:
    """Return a recording with one value for each ten seconds."""
    seconds = np.arange(1.0, len(values) * 10 + 1)
    column = RecordedVital(seconds, np.repeat(np.array(values, np.float64), 10))
    return RecordedStay(START_NS, {(VitalKind.SPO2, ""): column}, length_s)


def life(detector: BatchDetector, recording: RecordedStay) -> list[tuple[float, str, str]]:
    found = detector.run(recording).transitions
    return [(t.at_s, t.alert.state.value, t.alert.priority.name) for t in found]


def test_a_condition_has_to_hold_before_it_is_told() -> None:
    detector = BatchDetector([rule(LOW, 'priority = "low"\nlatch_s = 0', for_s=30)])
    assert life(detector, spo2(95, 88, 88, 95, 88, 88, 88, 88, 95)) == [
        (20, "pending", "LOW"),
        (40, "resolved", "LOW"),
        (50, "pending", "LOW"),
        (80, "raised", "LOW"),
        (90, "resolved", "LOW"),
    ]


def test_what_nobody_answers_rises_and_what_ended_unseen_stays_for_its_time() -> None:
    head = 'priority = "low"\nlatch_s = 30\nescalate_after_s = 20\nescalate_priority = "high"'
    detector = BatchDetector([rule(LOW, head, clear_for_s=10)])
    assert life(detector, spo2(95, 88, 88, 88, *[95] * 8)) == [
        (20, "raised", "LOW"),
        (40, "raised", "HIGH"),
        (60, "latched", "HIGH"),
        (90, "resolved", "HIGH"),
    ]


def test_somebody_may_be_taken_to_answer() -> None:
    head = 'priority = "medium"\nlatch_s = "until_seen"'
    detector = BatchDetector([rule(LOW, head)], acknowledged_after_s=25)
    assert life(detector, spo2(95, *[88] * 5, 95, 95, 88, 95, *[95] * 5)) == [
        (20, "raised", "MEDIUM"),
        (50, "acknowledged", "MEDIUM"),
        (70, "resolved", "MEDIUM"),
        (90, "raised", "MEDIUM"),
        (100, "latched", "MEDIUM"),
        (130, "resolved", "MEDIUM"),
    ]


def test_each_alert_may_have_its_own_answer_or_none() -> None:
    delays_s = {0: 25.0, 1: None}
    head = 'priority = "medium"\nlatch_s = 0'
    detector = BatchDetector([rule(LOW, head)], acknowledged_after_s=delays_s.__getitem__)
    assert life(detector, spo2(95, *[88] * 5, 95, 95, *[88] * 5, 95)) == [
        (20, "raised", "MEDIUM"),
        (50, "acknowledged", "MEDIUM"),
        (70, "resolved", "MEDIUM"),
        (90, "raised", "MEDIUM"),
        (140, "resolved", "MEDIUM"),
    ]


def test_a_stay_may_last_longer_than_its_readings() -> None:
    lost = 'all = [{ vital = "spo2", statistic = "age", op = ">", value = 60, unit = "s" }]'
    head = 'priority = "low"\nlatch_s = 0\nsignal = "spo2"'
    detector = BatchDetector([rule(lost, head)])
    assert life(detector, spo2(95)) == []
    (raised,) = detector.run(spo2(95, length_s=200)).transitions
    assert (raised.at_s, raised.alert.rule_id) == (80, "test.low")


@pytest.mark.parametrize("minutes", [0, 5, 25])
def test_short_stays_have_signals_too(minutes: int) -> None:
    found = BatchDetector([rule(LOW, 'priority = "low"\nlatch_s = 0')]).run(
        spo2(*[95] * (minutes * 6 + 2))
    )
    assert found.minutes_s.size == minutes
    assert math.isnan(found.channels["temperature"][-1])
    assert found.channels["nibp_systolic"].shape == found.steps_s.shape


def test_the_watching_of_a_recorded_stay_is_never_the_matter() -> None:
    body = 'any = [{ state = "link_lost" }, { rule = "test.low" }]'
    other = parse_rule(
        "other.toml",
        f'[rule]\nid = "test.other"\nversion = 1\nkind = "technical"\npriority = "low"\n'
        f'source = "test"\nstatus = "unvalidated"\nlatch_s = 0\n'
        f"[when]\n{body}\nfor_s = 0\nclear_for_s = 0\n",
    )
    rules = [rule(LOW, 'priority = "low"\nlatch_s = 0'), other]
    found = [(t.at_s, t.alert.rule_id) for t in BatchDetector(rules).run(spo2(95, 88)).transitions]
    assert found == [(20.0, "test.low"), (20.0, "test.other")]


def test_what_is_worked_out_may_be_asked_only_while_it_is_known() -> None:
    body = (
        'all = [{ signal = "spo2_agreed", op = "<", value = 90, unit = "%", at_least_s = 10, '
        "window_s = 10, if_monitored = true }]"
    )
    detector = BatchDetector([rule(body, 'priority = "low"\nlatch_s = 0')])
    assert life(detector, spo2(95, 88, 95)) == [(20, "raised", "LOW"), (30, "resolved", "LOW")]


def test_what_was_never_read_is_known_again_by_the_begin_of_watching() -> None:
    old = 'all = [{ vital = "spo2", statistic = "age", op = ">", value = 60, unit = "s" }]'
    late = RecordedVital(np.array([100.0]), np.array([95.0]))
    recording = RecordedStay(START_NS, {(VitalKind.SPO2, ""): late}, 120)
    detector = BatchDetector([rule(old, 'priority = "low"\nlatch_s = 0')])
    assert life(detector, recording) == [(70, "raised", "LOW"), (100, "resolved", "LOW")]
