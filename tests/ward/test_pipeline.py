"""Session events to alert changes, without I/O."""

from __future__ import annotations

import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.grid import SETTLE_S
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.device_status import Rejections
from edge_agent.model.measurements import DeviceTime, Readings
from edge_agent.model.session_events import (
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.pipelines import (
    ALL,
    BED,
    PLACE,
    START,
    alerts_of,
    message,
    open_alerts,
    pipeline,
    play,
)


def test_a_message_is_kept_whole_with_the_vitals_it_became() -> None:
    event = message(1, hr=0, spo2=None)
    readings, *_ = pipeline().receive(PLACE, [event], event.at)
    assert isinstance(readings, Readings)
    assert readings.numerics == event.numerics
    assert [(v.kind, v.value) for v in readings.vitals] == [("heart_rate", 0.0), ("spo2", None)]


def test_a_message_without_a_known_vital_is_kept_and_judges_nothing() -> None:
    event = NumericsReceived((), DeviceTime(), START)
    assert pipeline().receive(PLACE, [event], START) == [Readings(BED, BED, START, (), ())]


def test_low_oxygen_is_one_high_problem_that_takes_up_the_medium_one() -> None:
    outcomes = play(pipeline(), range(240), 86.3)
    (raised,) = alerts_of(outcomes)
    assert (raised.rule_id, raised.state) == ("vital.severe_hypoxia", AlertState.RAISED)
    assert raised.priority is AlertPriority.HIGH
    assert raised.evidence[0].value == 86.3
    kept = [o.alert for o in outcomes if isinstance(o, AlertChange)]
    (absorbed,) = [a for a in kept if a.rule_id == "crs.hypoxia"]
    assert absorbed.absorbed_by == raised.alert_id


def test_missing_oxygen_is_never_low_oxygen() -> None:
    told = alerts_of(play(pipeline(), range(400), None))
    assert {alert.rule_id for alert in told} == {"signal.lost.spo2"}


def test_the_loss_of_a_signal_that_is_not_required_is_no_alert() -> None:
    told = alerts_of(play(pipeline(frozenset({"heart_rate"})), range(400), None))
    assert told == []


def test_damage_is_counted_by_reason_and_other_events_pass() -> None:
    line = pipeline()
    lost = LinkChanged(LinkState.LOST, "silence", START)
    damage: list[SessionEvent] = [FrameRejected("fcs", b"abc"), FrameRejected("fcs", b"d"), lost]
    assert line.receive(PLACE, damage, START)[0] == BedEvent(BED, BED, lost, START)
    (device,) = line.device_status()
    assert device.rejections == (Rejections("fcs", 2, 4),)


def test_a_silent_bed_is_judged_by_the_clock() -> None:
    line = pipeline()
    assert line.tick(START.plus(1)) == []
    assert alerts_of(line.tick(START.plus(40 + SETTLE_S - 0.1))) == []
    (alert,) = alerts_of(line.tick(START.plus(40 + SETTLE_S)))
    assert (alert.rule_id, alert.raised_at) == ("system.feed", START.plus(40))
    assert line.tick(START.plus(41 + SETTLE_S)) == []


LATEST = 'statistic = "latest", window_s = 30, confirm = 1'
AT_ONCE = f"""
[rule]
id = "test.at_once"
version = 1
kind = "physiological"
priority = "medium"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
any = [
  {{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 }},
  {{ signal = "spot_temperature", {LATEST}, op = ">", value = 38, unit = "Cel" }},
  {{ vital = "nibp_systolic", {LATEST}, op = "<", value = 90, unit = "mm[Hg]" }},
]
for_s = 0
clear_for_s = 0
"""


def at_once() -> Pipeline:
    rules = [parse_rule("at_once.toml", AT_ONCE)]
    return Pipeline([Bed(BED, ALL)], rules, WardIdentity("site", "ward"), "hash", START)


def raised_s(outcomes: list[Outcome]) -> list[float]:
    """Return when alerts were raised, in seconds since the start."""
    told = [a.raised_at for a in alerts_of(outcomes) if a.state is AlertState.RAISED]
    return [at.seconds_since(START) for at in told if at is not None]


def told_by(line: Pipeline, *events: NumericsReceived) -> list[Outcome]:
    return [o for event in events for o in line.receive(PLACE, [event], event.at)]


def test_running_values_are_judged_at_the_end_of_their_step() -> None:
    line = at_once()
    assert raised_s(told_by(line, message(1, spo2=80), message(10, spo2=80))) == []
    assert raised_s(told_by(line, message(10.5, spo2=99))) == [10]


def test_a_cuff_reading_is_judged_at_the_end_of_its_step() -> None:
    line = at_once()
    assert raised_s(told_by(line, message(3.5, cuff=80))) == []
    assert raised_s(told_by(line, message(10.5, spo2=99))) == [10]


@pytest.mark.parametrize("tick_s", [None, 0.5, 1, 3])
def test_a_bed_is_judged_at_the_same_moments_whether_the_clock_looks_or_not(
    tick_s: float | None,
) -> None:
    line = pipeline()
    changes: list[Outcome] = []
    due_s = 0.0
    for tenth in range(2400):
        if tenth % 13 == 0:
            event = message(tenth / 10, hr=80, spo2=86 if tenth > 300 else 97)
            changes += line.receive(PLACE, [event], event.at)
        if tick_s is not None and tenth / 10 >= due_s:
            due_s += tick_s
            changes += line.tick(START.plus(tenth / 10))
    raised = [(a.rule_id, a.changed_at.seconds_since(START)) for a in alerts_of(changes)]
    assert raised == [("vital.severe_hypoxia", 210)]


def test_an_answer_is_taken_by_name_and_a_wrong_one_is_refused() -> None:
    line = pipeline()
    (raised,) = alerts_of(play(line, range(240), 86.0))
    at = START.plus(241)
    refused = line.answer(acknowledgement(BED, "nothing", "nurse 7"), at)
    assert isinstance(refused[0], BedEvent)
    assert isinstance(refused[0].event, CommandRejected)
    changes = line.answer(acknowledgement(BED, raised.alert_id, "nurse 7"), at)
    (acknowledged,) = [a for a in alerts_of(changes) if a.rule_id == raised.rule_id]
    assert (acknowledged.state, acknowledged.acknowledged_by) == (
        AlertState.ACKNOWLEDGED,
        "nurse 7",
    )
    assert [a.state for a in open_alerts(line) if a.rule_id == raised.rule_id] == [
        AlertState.ACKNOWLEDGED
    ]


def test_an_answer_at_an_unknown_bed_is_refused() -> None:
    answer = acknowledgement("bed-99", "nothing", "nurse 7")
    (refused,) = pipeline().answer(answer, START.plus(241))
    assert isinstance(refused, BedEvent)
    assert isinstance(refused.event, CommandRejected)
