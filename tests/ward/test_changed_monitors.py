"""A different monitor at a bed raises an alert, and never mixes patients."""

from __future__ import annotations

from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.bed_events import BedEvent, DevicePlace, MonitorAccepted, MonitorIdentity
from edge_agent.model.measurements import Readings, Validity
from edge_agent.model.session_events import DeviceIdentified
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.monitor_events import at, hear
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, pipeline

OURS = ("Philips", "M8000", "serial 1")
OTHER = ("Philips", "M8000", "serial 2")
CHANGED = "system.monitor_changed"


def identify(line: Pipeline, at_s: float, identity: tuple[str, str, str]) -> list[Outcome]:
    at = START.plus(at_s)
    return line.receive(PLACE, [DeviceIdentified(*identity, at)], at)


def spo2_of(outcomes: list[Outcome]) -> list[tuple[Validity, str]]:
    vitals = [v for o in outcomes if isinstance(o, Readings) for v in o.vitals if v.kind == "spo2"]
    return [(vital.validity, vital.reason) for vital in vitals]


def test_the_first_monitor_of_a_bed_is_accepted_without_a_word() -> None:
    outcomes = identify(pipeline(), 0, OURS)
    accepted = MonitorAccepted(MonitorIdentity(*OURS), "", START)
    assert BedEvent(BED, BED, accepted, START) in outcomes
    assert alerts_of(outcomes) == []


def test_a_serial_number_that_is_said_later_counts_from_then_on() -> None:
    line = pipeline()
    identify(line, 0, ("Philips", "", ""))
    outcomes = identify(line, 1, OURS)
    accepted = MonitorAccepted(MonitorIdentity(*OURS), "", at(1))
    assert BedEvent(BED, BED, accepted, at(1)) in outcomes
    identify(line, 2, ("Philips", "", ""))  # says less again: still the known one
    assert [a.rule_id for a in alerts_of(identify(line, 3, OTHER))] == [CHANGED]


def test_another_monitor_is_told_at_once_and_none_of_its_values_is_judged() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 30), 97)
    (alert,) = alerts_of(identify(line, 30, OTHER))
    assert (alert.rule_id, alert.state) == (CHANGED, AlertState.RAISED)
    outcomes = hear(line, range(31, 400), 80)
    assert set(spo2_of(outcomes)) == {
        (Validity.QUESTIONABLE, "another monitor than before, not confirmed")
    }
    assert {a.rule_id for a in alerts_of(outcomes)} == {CHANGED}
    (device,) = line.device_status()
    assert not device.is_confirmed
    assert device.identity == MonitorIdentity(*OTHER)


def test_without_an_acknowledgement_it_becomes_urgent() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    identify(line, 1, OTHER)
    (urgent,) = alerts_of(hear(line, range(2, 400), 97))
    assert urgent.priority is AlertPriority.HIGH


def test_a_cable_put_back_ends_it_and_the_patient_is_watched_as_before() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 30), 97)
    identify(line, 30, OTHER)
    hear(line, range(31, 60), 80)
    over = alerts_of(identify(line, 60, OURS))
    assert [(a.rule_id, a.state) for a in over] == [(CHANGED, AlertState.RESOLVED)]
    assert set(spo2_of(hear(line, range(61, 90), 97))) == {(Validity.VALID, "")}


def test_a_named_person_confirms_it_and_the_windows_begin_anew() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 40), 80)  # not low for long enough to be told
    (alert,) = alerts_of(identify(line, 40, OTHER))
    now = at(41)
    outcomes = line.answer(acknowledgement(BED, alert.alert_id, "nurse 7"), now)
    accepted = MonitorAccepted(MonitorIdentity(*OTHER), "nurse 7", now)
    assert BedEvent(BED, BED, accepted, now) in outcomes
    states = [a.state for a in alerts_of(outcomes) if a.rule_id == CHANGED]
    assert states == [AlertState.ACKNOWLEDGED, AlertState.RESOLVED]
    after = hear(line, range(42, 80), 80)
    assert set(spo2_of(after)) == {(Validity.VALID, "")}
    assert alerts_of(after) == []
    later = alerts_of(hear(line, range(80, 400), 80))
    assert "vital.severe_hypoxia" in {a.rule_id for a in later}


def test_after_a_restart_the_other_monitor_is_still_another() -> None:
    line = pipeline()
    line.restore_monitors({PLACE: MonitorAccepted(MonitorIdentity(*OURS), "", START)})
    assert [a.rule_id for a in alerts_of(identify(line, 1, OTHER))] == [CHANGED]


def test_after_a_restart_what_came_before_a_confirmation_is_not_judged() -> None:
    first = pipeline()
    readings = [o for o in hear(first, range(100), 80) if isinstance(o, Readings)]
    confirmed = MonitorAccepted(MonitorIdentity(*OURS), "nurse 7", START.plus(100))
    line = pipeline(since=START.plus(100))
    line.restore_monitors({PLACE: confirmed})
    line.restore(readings, [])
    assert alerts_of(hear(line, range(101, 130), 80)) == []
    trusting = pipeline(since=START.plus(100))
    trusting.restore(readings, [])
    assert alerts_of(hear(trusting, range(101, 130), 80)) != []


def test_confirming_one_monitor_leaves_the_other_devices_as_they_are() -> None:
    line = pipeline()
    line.expect([DevicePlace(BED, f"{BED}.thermometer")])
    identify(line, 0, OURS)
    (alert,) = alerts_of(identify(line, 1, OTHER))
    outcomes = line.answer(acknowledgement(BED, alert.alert_id, "nurse 7"), at(2))
    accepted = [o.device_id for o in outcomes if isinstance(o, BedEvent)]
    assert accepted == [BED]


def test_what_another_monitor_does_not_vouch_for_keeps_the_monitor_s_word() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    identify(line, 1, OTHER)
    outcomes = line.receive(PLACE, [message(2, spo2=None)], at(2))
    assert spo2_of(outcomes) == [(Validity.NOT_AVAILABLE, "not measured")]
