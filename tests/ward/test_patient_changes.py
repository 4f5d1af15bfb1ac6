"""Alerts of one patient end as another comes, with the reason, and reach nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedState
from edge_agent.model.measurements import DeviceTime, Readings, Validity
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.pipelines import BED, PLACE, START, message, open_alerts
from tests.support.ward_alerts import GONE, changed, feverish, shown
from tests.ward.test_occupancy import (
    OTHER,
    admit,
    discharge,
    enter,
    entered,
    given,
    hear_warm,
    rejections,
    two_beds,
    wait,
)

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant


SLOW = """
[rule]
id = "test.slow"
version = 1
kind = "physiological"
priority = "high"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
for_s = 600
clear_for_s = 60
any = [{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 }]
"""


def one_rule(since: Instant = START) -> Pipeline:
    rules = [parse_rule("slow.toml", SLOW)]
    return Pipeline([Bed(BED, frozenset())], rules, WardIdentity("s", "w"), "h", since)


def low(line: Pipeline, seconds: range) -> list[Outcome]:
    found: list[Outcome] = []
    for second in seconds:
        found += line.receive(PLACE, [message(second, hr=80, spo2=85)], START.plus(second))
    return found


@pytest.mark.untraced
@pytest.mark.parametrize("is_acknowledged", [False, True])
def test_a_patient_who_is_admitted_inherits_no_alert_of_a_bed_watched_before(
    is_acknowledged: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    line = two_beds()
    fever = feverish(line, range(10, 1300, 10))
    if is_acknowledged:
        line.answer(acknowledgement(BED, fever.alert_id, "N12"), START.plus(1301))
    (over,) = changed(admit(line, 1400, "P2"), "crs.fever")
    assert (over.alert_id, over.is_signalled) == (fever.alert_id, True)
    assert shown([over]) == [(BED, "resolved", "another patient")]
    (again,) = changed(hear_warm(line, range(1410, 2800, 10), 39.6), "crs.fever")
    assert (again.state, again.alert_id != fever.alert_id) == (AlertState.RAISED, True)


def test_a_transfer_closes_what_was_open_at_the_bed_it_ends_at() -> None:
    line = two_beds()
    admit(line, 1)
    mine = feverish(line, range(10, 1300, 10))
    theirs = feverish(line, range(10, 1300, 10), OTHER)
    moved = enter(line, given("transferred", 1301, patient_id="P1"), 1301, OTHER)
    alerts = changed(moved, "crs.fever")
    assert shown(alerts) == [
        (OTHER, "resolved", "another patient"),
        (BED, "resolved", f"patient moved to {OTHER}"),
        (OTHER, "raised", ""),
    ]
    ids = [theirs.alert_id, mine.alert_id, mine.alert_id]
    assert [a.alert_id for a in alerts] == ids
    assert [a.n for a in alerts] == [theirs.n + 1, mine.n + 1, mine.n + 2]
    assert [a.bed_id for a in open_alerts(line) if a.rule_id == "crs.fever"] == [OTHER]


def test_a_discharge_says_why_the_problems_are_over() -> None:
    line = two_beds()
    admit(line, 1)
    feverish(line, range(10, 1300, 10))
    over = changed(discharge(line, 1301, "P1"), "crs.fever")
    assert shown(over) == [(BED, "resolved", "patient left the bed")]


def test_the_time_a_sign_was_seen_does_not_go_on_with_the_next_patient() -> None:
    line = one_rule()
    admit(line, 1)
    low(line, range(10, 560, 10))
    assert shown(changed(discharge(line, 561, "P1"))) == [(BED, "resolved", "patient left the bed")]
    wait(line, range(562, 3000, 10))
    admit(line, 3000, "P2")
    states = [a.state for a in changed(low(line, range(3010, 3600, 10)))]
    assert states == [AlertState.PENDING]
    assert [a.state for a in changed(low(line, range(3600, 3640, 10)))] == [AlertState.RAISED]


def test_an_alert_of_the_watching_that_says_nothing_of_the_patient_stays() -> None:
    line = two_beds()
    feverish(line, range(10, 1300, 10))
    outcomes: list[Outcome] = []
    for second in range(1300, 2700, 10):
        event = message(second, hr=80, spo2=None, temp=None)
        outcomes += line.receive(PLACE, [event], event.at)
    line.note_event(BED, BedState.AGENT_FAILED, "a part", START.plus(2700))
    assert {a.rule_id for a in open_alerts(line)} >= {
        "system.agent",
        "signal.hidden.temperature",  # "... and there was fever": of the one who leaves
    }
    over = {a.rule_id for a in changed(admit(line, 2701, "P2")) if a.closed_because}
    assert "signal.hidden.temperature" in over
    assert "system.agent" not in over
    assert "system.agent" in {a.rule_id for a in open_alerts(line)}


def test_another_patients_temperature_is_no_jump_of_the_one_before() -> None:
    line = two_beds()
    admit(line, 1)
    usable = []
    for second, degrees in ((10, 36.8), (20, 38.5), (40, 38.5)):
        (read, *_) = line.receive(PLACE, [message(second, temp=degrees)], START.plus(second))
        assert isinstance(read, Readings)
        usable += [vital.is_usable for vital in read.vitals]
        if second == 20:
            discharge(line, 30)
            admit(line, 31, "P2")
    assert usable == [True, False, True]


def test_a_cuff_reading_from_before_the_patient_came_is_not_theirs() -> None:
    line = two_beds()
    admit(line, 1000)
    event = message(1010, hr=80, cuff=60.0)
    late = replace(
        event.numerics[1], measured_at=DeviceTime(elapsed_ns=990 * 10**9), received_at=event.at
    )
    own = replace(late, measured_at=DeviceTime(elapsed_ns=1005 * 10**9), value=61.0)
    outcomes = line.receive(PLACE, [replace(event, numerics=(late, own))], event.at)
    (readings,) = (o for o in outcomes if isinstance(o, Readings))
    assert [(v.value, v.validity, v.reason) for v in readings.vitals] == [
        (60.0, Validity.QUESTIONABLE, "measured before the patient came to the bed"),
        (61.0, Validity.VALID, ""),
    ]


def test_a_patient_in_a_bed_that_is_no_longer_configured_can_be_moved_and_discharged() -> None:
    line = two_beds()
    line.restore_entries([given("admitted", 1, patient_id="P1", bed_id=GONE)])
    (reason,) = rejections(enter(line, given("admitted", 50, patient_id="P9"), 50, GONE))
    assert reason == f"entry 'admitted/50': no bed '{GONE}'; have {BED}, {OTHER}"
    age = given("age", 60, amount=60.0, patient_id="")
    assert [e.patient_id for e in entered(enter(line, age, 60, GONE))] == ["P1"]
    moved = enter(line, given("transferred", 100, patient_id="P1"), 100)
    assert [e.bed_id for e in entered(moved)] == [BED]
    assert line._evaluation.context_log(BED).at(START.plus(101).utc_ns).age_years == 60


def test_a_patient_can_be_discharged_from_a_bed_that_is_no_longer_configured() -> None:
    line = two_beds()
    line.restore_entries([given("admitted", 1, patient_id="P1", bed_id=GONE)])
    left = given("discharged", 100, patient_id="")
    assert [e.patient_id for e in entered(enter(line, left, 100, GONE))] == ["P1"]
    assert [e.bed_id for e in entered(admit(line, 200))] == [BED]
    (reason,) = rejections(enter(line, given("age", 210, amount=60.0), 210, GONE))
    assert f"no bed '{GONE}'" in reason


def test_an_answer_at_a_bed_that_is_not_watched_is_refused_before_anything_else() -> None:
    line = two_beds()
    for number in range(5):
        command = acknowledgement(f"{'x' * 100}{number}", "some alert", "N12")
        (reason,) = rejections(line.answer(command, START.plus(100)))
        assert reason == f"no bed '{'x' * 80}'; have {BED}, {OTHER}"
