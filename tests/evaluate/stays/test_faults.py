"""Planted faults: announced in their time, and no alert about the patient made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.stays.comparators import Signals
from edge_agent.evaluate.stays.faults import DUE_S, check_faults, from_empty_signals
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.model.alerts import AlertPriority
from simulators.patients.plan import CuffPlan, FaultKind, Plan, PlannedFault, Sensor
from tests.support.made_stays import HOUR_S, crs_ground, quiet_ground, reported_alert

NOTHING = np.array([])
SIGNALS = Signals(NOTHING, NOTHING, NOTHING, np.arange(0.0, 48 * HOUR_S, 1800.0), NOTHING)


def plan(kind: FaultKind, sensor: Sensor, from_h: float, to_h: float) -> Plan:
    fault = PlannedFault(kind, sensor, from_h * HOUR_S, to_h * HOUR_S)
    return Plan(48 * HOUR_S, (CuffPlan(0.0, 1800.0),), faults=(fault,))


def lost(at_h: float, what: str, until_h: float | None = None) -> ReportedAlert:
    rule_id = f"signal.lost.{what}"
    one = reported_alert(at_h, About.TECHNICAL, AlertPriority.LOW, until_h, rule_id)
    return replace(one, kinds=())


def test_a_probe_that_is_off_is_announced_after_two_minutes() -> None:
    off = plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 11.0)
    (check,) = check_faults(off, [lost(10.04, "spo2")], SIGNALS)
    assert check.due_s == 10 * HOUR_S + 150
    assert check.is_in_time
    (late,) = check_faults(off, [lost(10.05, "spo2")], SIGNALS)
    assert (late.reported_s, late.is_in_time) == (10.05 * HOUR_S, False)
    (other,) = check_faults(off, [lost(10.04, "temperature"), reported_alert(10.0)], SIGNALS)
    assert other.reported_s is None


def test_an_alert_that_is_open_already_announces() -> None:
    off = plan(FaultKind.PROBE_ZERO, Sensor.SPO2, 10.0, 11.0)
    (check,) = check_faults(off, [lost(9.0, "spo2", until_h=10.5)], SIGNALS)
    assert check.is_in_time
    (over,) = check_faults(off, [lost(9.0, "spo2", until_h=9.5)], SIGNALS)
    assert over.reported_s is None


def test_the_whole_monitor_is_announced_by_any_of_its_signals() -> None:
    loss = plan(FaultKind.LOSS, Sensor.ALL, 10.0, 11.0)
    for what in ("heart_rate", "temperature"):
        assert check_faults(loss, [lost(10.03, what)], SIGNALS)[0].is_in_time
    feed = replace(lost(10.03, ""), rule_id="system.feed")
    spo2_off = plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 11.0)
    assert check_faults(spo2_off, [feed], SIGNALS)[0].is_in_time


def test_a_cuff_is_missed_one_and_a_half_intervals_after_its_last_reading() -> None:
    off = plan(FaultKind.PROBE_OFF, Sensor.CUFF, 10.1, 14.0)
    (check,) = check_faults(off, [lost(11.0, "blood_pressure")], SIGNALS)
    assert check.due_s == 10 * HOUR_S + 1.5 * 1800 + 300 + 90
    assert check.reported_s == 11 * HOUR_S
    assert not check_faults(plan(FaultKind.PROBE_OFF, Sensor.CUFF, -1.0, 5.0), [], SIGNALS)


def test_what_ends_before_it_is_due_or_calls_for_nothing_is_not_owed() -> None:
    assert not check_faults(plan(FaultKind.PROBE_OFF, Sensor.SPO2, 10.0, 10.04), [], SIGNALS)
    for kind in (FaultKind.DUPLICATE, FaultKind.REORDER, FaultKind.CLOCK_STEP):
        assert not check_faults(plan(kind, Sensor.ALL, 10.0, 20.0), [], SIGNALS)


def test_a_clinical_alert_out_of_an_empty_signal_is_counted() -> None:
    off = plan(FaultKind.PROBE_ZERO, Sensor.SPO2, 11.0, 12.0)
    hypoxia = replace(reported_alert(11.5, About.OXYGEN), kinds=("spo2",), rule_id="crs.hypoxia")
    after = replace(hypoxia, at_s=12.2 * HOUR_S)
    fever = reported_alert(11.5)
    reported = [fever, hypoxia, after, lost(11.1, "spo2")]
    assert from_empty_signals(off, reported, quiet_ground()) == (hypoxia,)
    real = replace(quiet_ground(), hypoxia=crs_ground().fever)
    assert from_empty_signals(off, reported, real) == ()
    loss = plan(FaultKind.LOSS, Sensor.ALL, 11.0, 12.0)
    assert from_empty_signals(loss, reported, quiet_ground()) == (fever, hypoxia)


@pytest.mark.parametrize(
    ("sensor", "due_s"),
    [(Sensor.ECG, 6120.0), (Sensor.SPO2, 6120.0), (Sensor.TEMPERATURE, 6300.0)],
)
def test_a_stuck_value_is_due_after_its_readings_of_ten_seconds(
    sensor: Sensor, due_s: float
) -> None:
    assert DUE_S[FaultKind.STUCK, sensor] == due_s
