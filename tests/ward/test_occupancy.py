"""Patients come and go: windows start empty, and readings of an empty bed are reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.model.alerts import Alert, AlertPriority, AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    CommandRejected,
    ContextEntered,
    DevicePlace,
    MonitorAccepted,
    MonitorIdentity,
)
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import PatientEntry
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.occupancy import FORGOTTEN_AFTER_S
from edge_agent.ward.pipeline import Pipeline
from tests.support.patient_entries import an_entry
from tests.support.pipelines import ALL, BED, PLACE, START, alerts_of, book, message, pipeline

NOBODY = "system.patient_not_assigned"
OTHER = "bed-02"


def given(kind: str, at_s: float, name: str = "", **more: object) -> PatientEntry:
    entry = an_entry(f"{kind}/{at_s}", kind, name, by="N12", **{"patient_id": "P1", **more})
    return replace(entry, at_utc_ns=START.plus(at_s).utc_ns)


def enter(line: Pipeline, entry: PatientEntry, at_s: float, bed_id: str = BED) -> list[Outcome]:
    return line.enter(entry, bed_id, START.plus(at_s))


def admit(line: Pipeline, at_s: float, patient_id: str = "P1", bed_id: str = BED) -> list[Outcome]:
    return enter(line, given("admitted", at_s, patient_id=patient_id), at_s, bed_id)


def discharge(line: Pipeline, at_s: float, patient_id: str = "") -> list[Outcome]:
    return enter(line, given("discharged", at_s, patient_id=patient_id), at_s)


def hear(line: Pipeline, seconds: range, spo2: float | None) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for second in seconds:
        at = START.plus(second)
        outcomes += line.receive(PLACE, [message(second, hr=spo2 and 80, spo2=spo2)], at)
        outcomes += line.tick(at)
    return outcomes


def wait(line: Pipeline, seconds: range) -> list[Outcome]:
    return [outcome for second in seconds for outcome in line.tick(START.plus(second))]


def test_what_a_child_may_have_is_believed_of_a_child_and_not_of_who_comes_next() -> None:
    line = two_beds()
    admit(line, 1)
    enter(line, given("age", 2, amount=0.2), 2)
    usable = []
    for second in (10, 20):
        (read, *_) = line.receive(PLACE, [message(second, hr=262)], START.plus(second))
        assert isinstance(read, Readings)
        usable += [vital.is_usable for vital in read.vitals]
        discharge(line, second + 1)
        admit(line, second + 2, "P2")
    assert usable == [True, False]


def told(outcomes: list[Outcome]) -> list[tuple[str, AlertState]]:
    return [(alert.rule_id, alert.state) for alert in alerts_of(outcomes)]


def entered(outcomes: list[Outcome]) -> list[PatientEntry]:
    events = [o.event for o in outcomes if isinstance(o, BedEvent)]
    return [event.entry for event in events if isinstance(event, ContextEntered)]


def rejections(outcomes: list[Outcome]) -> list[str]:
    events = [o.event for o in outcomes if isinstance(o, BedEvent)]
    return [event.reason for event in events if isinstance(event, CommandRejected)]


def two_beds() -> Pipeline:
    beds = [Bed(BED, ALL), Bed(OTHER, ALL)]
    return Pipeline(beds, book().rules, WardIdentity("site", "ward"), "hash", START)


def test_an_entry_is_kept_whole_with_the_patient_and_the_time_it_came() -> None:
    line = pipeline()
    admit(line, 1)
    outcomes = enter(line, given("oxygen", 2, "nasal cannula", amount=2.0, patient_id=""), 5)
    (entry,) = entered(outcomes)
    assert (entry.patient_id, entry.by) == ("P1", "N12")
    assert entry.entered_utc_ns == START.plus(5).utc_ns
    assert line._evaluation.context_log(BED).at(START.plus(5).utc_ns).oxygen_flow_l_min == 2


def test_what_is_wrong_is_refused_with_its_reason_and_not_kept() -> None:
    line = pipeline()
    outcomes = enter(line, given("oxygen", 2, "cork", patient_id=""), 5)
    (reason,) = rejections(outcomes)
    assert reason.startswith("entry 'oxygen/2': name 'cork'; want 'air'")
    assert entered(outcomes) == []
    (reason,) = rejections(enter(line, given("ice", 2, amount=9.0), 5, "bed-9"))
    assert reason == "entry 'ice/2': no bed 'bed-9'; have bed-01"


def test_an_entry_that_comes_twice_is_entered_once() -> None:
    line = pipeline()
    ice = given("ice", 2, amount=9.0, patient_id="")
    assert len(entered(enter(line, ice, 3))) == 1
    again = enter(line, ice, 4)
    assert entered(again) == []
    assert rejections(again) == ["entry 'ice/2': was already entered; it counts once"]


def test_after_a_discharge_a_monitor_that_is_switched_off_has_lost_nothing() -> None:
    line = pipeline()
    admit(line, 0)
    hear(line, range(1, 100), 97)
    outcomes = discharge(line, 100) + wait(line, range(101, 1500))
    assert told(outcomes) == []
    assert entered(outcomes)[0].patient_id == "P1"


def test_a_lost_signal_that_was_told_is_over_with_the_discharge() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    lost = hear(line, range(1, 300), None)
    assert told(lost) == [("signal.lost.spo2", AlertState.RAISED)]
    outcomes = discharge(line, 300) + wait(line, range(301, 500))
    assert told(outcomes) == [("signal.lost.spo2", AlertState.RESOLVED)]


def test_readings_at_a_bed_whose_patient_was_discharged_are_told() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    hear(line, range(1, 60), 97)
    discharge(line, 60)
    outcomes = hear(line, range(61, 400), 97)
    assert told(outcomes) == [(NOBODY, AlertState.RAISED)]
    (alert,) = alerts_of(outcomes)
    assert alert.raised_at is not None
    assert 120 <= alert.raised_at.seconds_since(START.plus(61)) <= 130
    assert told(admit(line, 400, "P2")) == [(NOBODY, AlertState.RESOLVED)]
    assert told(hear(line, range(401, 900), 97)) == []


@pytest.mark.untraced
def test_without_an_acknowledgement_it_becomes_urgent() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    discharge(line, 1)
    alerts = alerts_of(hear(line, range(2, 800), 97))
    assert [a.priority for a in alerts] == [AlertPriority.MEDIUM, AlertPriority.HIGH]


def test_readings_without_a_value_are_nobodys() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    discharge(line, 1)
    assert told(hear(line, range(2, 600), None)) == []


def test_it_is_over_when_the_readings_stop() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    discharge(line, 1)
    hear(line, range(2, 200), 97)
    outcomes = wait(line, range(200, 400))
    assert told(outcomes) == [(NOBODY, AlertState.RESOLVED)]
    (alert,) = alerts_of(outcomes)
    assert alert.changed_at.seconds_since(START.plus(199)) > FORGOTTEN_AFTER_S


def test_a_bed_without_an_assigned_patient_is_judged_all_the_same() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    discharge(line, 1)
    outcomes = hear(line, range(2, 300), 80)
    assert ("vital.severe_hypoxia", AlertState.RAISED) in told(outcomes)


def test_a_bed_of_which_nobody_said_anything_is_watched_as_ever() -> None:
    line = pipeline(frozenset({"spo2"}))
    assert told(hear(line, range(300), 97)) == []
    assert told(wait(line, range(300, 700)))


@pytest.mark.untraced
def test_the_next_patient_does_not_inherit_the_fever() -> None:
    line = pipeline(frozenset({"spo2"}))
    admit(line, 0)
    hot = hear_warm(line, range(1, 1300), 39.0)
    assert ("crs.fever", AlertState.RAISED) in told(hot)
    discharge(line, 1300)
    admit(line, 1301, "P2")
    low = [o for second in range(1302, 1700) for o in cuff(line, second, 80.0)]
    assert "crs.organ_sign" not in {rule_id for rule_id, _ in told(low)}


def hear_warm(line: Pipeline, seconds: range, temp: float) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for second in seconds:
        event = message(second, hr=80, spo2=97, temp=temp)
        outcomes += line.receive(PLACE, [event], event.at)
    return outcomes


def cuff(line: Pipeline, second: int, systolic: float) -> list[Outcome]:
    values = {"cuff": systolic} if second % 100 == 0 else {}
    event = message(second, hr=80, spo2=97, temp=37.0, **values)
    return line.receive(PLACE, [event], event.at)


def test_windows_begin_anew_and_are_watched_from_then_on() -> None:
    """A signal that the new patient does not have yet is lost after its time, not at once."""
    line = pipeline(frozenset({"spo2"}))
    hear(line, range(600), 97)
    outcomes = admit(line, 600) + wait(line, range(601, 620))
    assert told(outcomes) == []
    assert told(wait(line, range(620, 900)))


def test_a_transfer_begins_anew_at_both_beds_and_moves_the_context() -> None:
    line = two_beds()
    admit(line, 0)
    enter(line, given("age", 1, amount=60.0, patient_id=""), 1)
    hear(line, range(2, 50), 97)
    outcomes = enter(line, given("transferred", 50, bed_id=OTHER), 50, OTHER)
    assert [e.bed_id for e in entered(outcomes)] == [OTHER]
    assert line._evaluation.context_log(OTHER).at(START.plus(51).utc_ns).age_years == 60
    assert line._evaluation.context_log(BED).history() == ()


def kept(outcomes: list[Outcome]) -> tuple[list[Readings], list[Alert]]:
    readings = [o for o in outcomes if isinstance(o, Readings)]
    newest = {a.rule_id: a for a in (o.alert for o in outcomes if isinstance(o, AlertChange))}
    return readings, list(newest.values())


def test_a_restart_knows_who_is_there_and_whose_readings_to_judge() -> None:
    line = pipeline(frozenset({"spo2"}))
    outcomes = admit(line, 0) + hear(line, range(1, 60), 80) + discharge(line, 60)
    outcomes += admit(line, 61, "P2") + hear(line, range(62, 70), 97)
    outcomes += enter(line, given("age", 70, amount=60.0, patient_id=""), 70)
    again = pipeline(frozenset({"spo2"}), since=START.plus(75))
    identity = MonitorIdentity("maker", "model", "1")
    again.restore_monitors({DevicePlace(BED, BED): MonitorAccepted(identity, "", START.plus(10))})
    again.restore_entries(entered(outcomes))
    readings, alerts = kept(outcomes)
    after = again.restore(readings, [a for a in alerts if a.state is not AlertState.PENDING])
    assert told(after) == []
    assert [e.patient_id for e in again._evaluation.context_log(BED).history()] == ["P2", "P2"]
    assert told(hear(again, range(76, 120), 80)) == []


def test_a_restart_after_a_discharge_knows_that_nobody_is_there() -> None:
    line = pipeline(frozenset({"spo2"}))
    outcomes = admit(line, 0) + discharge(line, 1)
    again = pipeline(frozenset({"spo2"}), since=START.plus(75))
    again.restore_entries(entered(outcomes))
    assert told(hear(again, range(76, 300), 97)) == [(NOBODY, AlertState.RAISED)]
