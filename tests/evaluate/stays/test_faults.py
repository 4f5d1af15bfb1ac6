"""Planted faults: announced in their time, and no alert about the patient made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.stays.comparators import Signals
from edge_agent.evaluate.stays.faults import DUE_S, FaultCheck, check_faults, from_faults
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.spans import Spans
from edge_agent.model.alerts import AlertPriority
from simulators.patients.plan import CuffPlan, FaultKind, Plan, PlannedFault, Sensor
from tests.support.made_stays import HOUR_S, crs_ground, quiet_ground, reported_alert

NOTHING = np.array([])
SIGNALS = Signals(NOTHING, NOTHING, NOTHING, NOTHING, np.arange(0.0, 48 * HOUR_S, 1800.0), NOTHING)


NEVER_AWAY = Spans.of(())


def plan(kind: FaultKind, sensor: Sensor, from_h: float, to_h: float) -> Plan:
    fault = PlannedFault(kind, sensor, from_h * HOUR_S, to_h * HOUR_S)
    return Plan(48 * HOUR_S, (CuffPlan(0.0, 1800.0),), faults=(fault,))


def lost(at_h: float, what: str, until_h: float | None = None) -> ReportedAlert:
    rule_id = f"signal.lost.{what}"
    one = reported_alert(at_h, About.TECHNICAL, AlertPriority.LOW, until_h, rule_id)
    return replace(one, kinds=())


def checked(
    plan: Plan, *reported: ReportedAlert, away: Spans = NEVER_AWAY
) -> tuple[FaultCheck, ...]:
    return check_faults(plan, reported, SIGNALS, away)


@pytest.mark.parametrize(
    ("kind", "sensor"),
    [
        (FaultKind.PROBE_OFF, Sensor.SPO2),
        (FaultKind.PROBE_ZERO, Sensor.SPO2),
        (FaultKind.PROBE_FLAT, Sensor.SPO2),
        (FaultKind.PROBE_OFF, Sensor.ECG),
        (FaultKind.LOSS, Sensor.ALL),
        (FaultKind.TRANSPORT, Sensor.ALL),
    ],
)
def test_a_loss_is_announced_within_five_minutes(kind: FaultKind, sensor: Sensor) -> None:
    off = plan(kind, sensor, 10.0, 11.0)
    what = {Sensor.ECG: "heart_rate", Sensor.ALL: "temperature"}.get(sensor, "spo2")
    (check,) = checked(off, lost(10.09, what))
    assert check.due_s == 10 * HOUR_S + 330
    assert check.is_in_time
    assert (check.is_loss, check.is_of_temperature) == (True, False)
    (late,) = checked(off, lost(10.1, what))
    assert (late.reported_s, late.is_in_time) == (10.1 * HOUR_S, False)


def test_another_signal_and_an_alert_about_the_patient_announce_nothing() -> None:
    off = plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 11.0)
    (other,) = checked(off, lost(10.04, "temperature"), reported_alert(10.0))
    assert other.reported_s is None


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.PROBE_OFF,
        FaultKind.PROBE_SLIPPED,
        FaultKind.PROBE_COOLED,
        FaultKind.DRIFT_OFF,
        FaultKind.FAHRENHEIT,
    ],
)
def test_a_loss_of_the_temperature_is_announced_within_twenty_minutes(kind: FaultKind) -> None:
    off = plan(kind, Sensor.TEMPERATURE, 10.0, 11.0)
    (check,) = checked(off, lost(10.34, "temperature"))
    assert check.due_s == 10 * HOUR_S + 1230
    assert check.is_in_time
    assert (check.is_loss, check.is_of_temperature) == (True, True)


def test_a_stuck_value_is_no_loss_from_its_beginning() -> None:
    (check,) = checked(plan(FaultKind.STUCK, Sensor.SPO2, 10.0, 20.0))
    assert not check.is_loss


def test_an_alert_that_is_open_already_announces() -> None:
    off = plan(FaultKind.PROBE_ZERO, Sensor.SPO2, 10.0, 11.0)
    assert checked(off, lost(9.0, "spo2", until_h=10.5))[0].is_in_time
    assert checked(off, lost(9.0, "spo2", until_h=9.5))[0].reported_s is None


def test_an_absence_that_staff_entered_announces() -> None:
    gone = plan(FaultKind.TRANSPORT, Sensor.ALL, 10.0, 11.0)
    (check,) = checked(gone, away=Spans.of([(9.9 * HOUR_S, 10.5 * HOUR_S)]))
    assert check.reported_s == 10 * HOUR_S
    (earlier,) = checked(gone, away=Spans.of([(9.0 * HOUR_S, 9.9 * HOUR_S)]))
    assert earlier.reported_s is None


def test_the_whole_monitor_is_announced_by_any_of_its_signals() -> None:
    loss = plan(FaultKind.LOSS, Sensor.ALL, 10.0, 11.0)
    for what in ("heart_rate", "temperature"):
        assert checked(loss, lost(10.03, what))[0].is_in_time


def test_an_alert_about_the_monitor_or_the_feed_announces_every_signal() -> None:
    spo2_off = plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 11.0)
    feed = replace(lost(10.03, ""), rule_id="system.feed")
    for whole in (feed, lost(10.03, "monitor")):
        assert checked(spo2_off, whole)[0].is_in_time


def test_a_cuff_is_missed_two_intervals_after_its_last_reading() -> None:
    off = plan(FaultKind.PROBE_OFF, Sensor.CUFF, 10.1, 14.0)
    (check,) = checked(off, lost(11.0, "blood_pressure"))
    assert check.due_s == 10 * HOUR_S + 2 * 1800 + 300 + 90
    assert check.reported_s == 11 * HOUR_S
    assert not checked(plan(FaultKind.PROBE_OFF, Sensor.CUFF, -1.0, 5.0))


@pytest.mark.parametrize(("changed_h", "every_s"), [(9.5, 1800.0), (8.5, 900.0), (12.0, 1800.0)])
def test_a_new_interval_of_the_cuff_counts_after_an_hour(changed_h: float, every_s: float) -> None:
    off = plan(FaultKind.PROBE_OFF, Sensor.CUFF, 10.1, 14.0)
    closer = CuffPlan(changed_h * HOUR_S, 900.0)
    (check,) = checked(replace(off, cuff=(*off.cuff, closer)))
    assert check.due_s == 10 * HOUR_S + 2 * every_s + 390


def test_what_ends_before_it_is_due_or_calls_for_nothing_is_not_owed() -> None:
    assert not checked(plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 10.09))
    assert not checked(plan(FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, 10.0, 10.34))
    for kind in (FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.CLOCK_STEP):
        assert not checked(plan(kind, Sensor.ALL, 10.0, 20.0))
    for kind in (FaultKind.CUFF_DEEP, FaultKind.CUFF_MISSED, FaultKind.CUFF_FAILED):
        assert not checked(plan(kind, Sensor.CUFF, 10.0, 20.0))
    for kind in (FaultKind.NO_PROBE, FaultKind.PROBE_WARMED):
        assert not checked(plan(kind, Sensor.TEMPERATURE, 10.0, 20.0))


def test_a_clinical_alert_out_of_an_empty_signal_is_counted() -> None:
    off = plan(FaultKind.PROBE_ZERO, Sensor.SPO2, 11.0, 12.0)
    hypoxia = replace(reported_alert(11.5, About.OXYGEN), kinds=("spo2",), rule_id="crs.hypoxia")
    after = replace(hypoxia, at_s=12.2 * HOUR_S)
    fever = reported_alert(11.5)
    reported = [fever, hypoxia, after, lost(11.1, "spo2")]
    assert from_faults(off, reported, quiet_ground()) == (hypoxia,)
    real = replace(quiet_ground(), hypoxia=crs_ground().fever)
    assert from_faults(off, reported, real) == ()
    loss = plan(FaultKind.LOSS, Sensor.ALL, 11.0, 12.0)
    assert from_faults(loss, reported, quiet_ground()) == (fever, hypoxia)


@pytest.mark.parametrize(
    ("kind", "is_counted"),
    [
        (FaultKind.CUFF_DEEP, True),
        (FaultKind.CUFF_HIGH, True),
        (FaultKind.CUFF_NARROW, True),
        (FaultKind.CUFF_SWAPPED, True),
        (FaultKind.CUFF_MISSED, False),
        (FaultKind.CUFF_FAILED, False),
    ],
)
def test_a_clinical_alert_out_of_a_wrong_cuff_reading_is_counted(
    kind: FaultKind, *, is_counted: bool
) -> None:
    shock = replace(reported_alert(11.1, About.PRESSURE), kinds=("shock_index_rise",))
    wrong = plan(kind, Sensor.CUFF, 11.0, 11.001)
    assert bool(from_faults(wrong, [shock], quiet_ground())) is is_counted


@pytest.mark.parametrize("kind", [FaultKind.PROBE_WARMED, FaultKind.PROBE_COOLED])
def test_a_fever_out_of_a_warmed_probe_is_counted(kind: FaultKind) -> None:
    fever = replace(reported_alert(11.5), kinds=("temperature",))
    assert from_faults(plan(kind, Sensor.TEMPERATURE, 11.0, 12.0), [fever], quiet_ground())


@pytest.mark.parametrize(
    ("sensor", "due_s"),
    [(Sensor.ECG, 6300.0), (Sensor.SPO2, 6300.0), (Sensor.TEMPERATURE, 6600.0)],
)
def test_a_stuck_value_is_due_after_its_readings_of_ten_seconds(
    sensor: Sensor, due_s: float
) -> None:
    assert DUE_S[FaultKind.STUCK, sensor] == due_s
