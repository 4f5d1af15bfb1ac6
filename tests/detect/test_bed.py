"""Records of a bed: late readings, places, restarts, and who is in it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from edge_agent.detect.bed import MonitoredBed
from edge_agent.detect.engine import Engine
from edge_agent.detect.language.needs import longest_window_s, needs_of
from edge_agent.model.bed_events import BedState
from edge_agent.model.findings import Presence
from edge_agent.model.measurements import VitalKind
from tests.support.detector_inputs import BED, START, at, reading, rule

HR, T = VitalKind.HEART_RATE, VitalKind.TEMPERATURE
CUFF = VitalKind.NIBP_SYSTOLIC
FAST = 'all = [{ vital = "heart_rate", op = ">", value = 120, unit = "/min", at_least_s = 60, \
window_s = 60 }]'
NEEDS = needs_of([rule(FAST)])


def bed() -> MonitoredBed:
    return MonitoredBed(START, NEEDS)


def values(record: MonitoredBed, signal: str, places: int) -> list[float]:
    return [float(value) for value in record.window(signal, places)]


def test_a_reading_up_to_a_minute_late_takes_its_place() -> None:
    record = bed()
    for second in (5, 25):
        record.observe(reading(HR, second, 80))
    record.close_until(at(60))
    record.observe(reading(HR, 14, 100))
    record.observe(reading(HR, 34, 120))
    record.close_until(at(60))
    assert values(record, "heart_rate", 6) == [80, 100, 80, 120, 120, 120]


def test_a_later_one_is_left_out() -> None:
    record = bed()
    record.observe(reading(HR, 5, 80))
    record.close_until(at(120))
    record.observe(reading(HR, 15, 200))
    record.close_until(at(120))
    assert 200 not in values(record, "heart_rate", 6)


def test_readings_from_before_a_restart_fill_the_windows() -> None:
    engine = Engine([rule(FAST)], at(300))
    for second in range(200, 300):
        engine.observe(reading(HR, second, 130))
    (finding,) = engine.evaluate(BED, at(300))
    assert finding.presence is Presence.PRESENT


def test_what_was_before_the_first_judgement_is_never_taken_up_later() -> None:
    record = bed()
    record.close_until(at(5))
    record.observe(reading(HR, -30, 130))
    record.close_until(at(60))
    assert record.newest_usable(HR) is None
    assert np.isnan(values(record, "heart_rate", 6)).all()


def test_of_several_sites_the_worse_one_counts_and_is_named() -> None:
    record = bed()
    for value, site in ((37.0, "oral"), (38.4, "rectal"), (40.0, "skin")):
        record.observe(reading(T, 5, value, site=site))
    record.close_until(at(10))
    assert values(record, "temperature", 1) == [38.4]
    assert record.site("temperature") == "rectal"
    assert record.site("spo2_agreed") == ""
    assert record.site("crs_score_low") == ""


def test_the_last_value_is_known_however_old() -> None:
    record = bed()
    record.observe(reading(HR, 5, 133))
    record.observe(reading(HR, 15, math.nan))
    record.close_until(at(3600))
    assert values(record, "last_heart_rate", 1) == [133]
    assert np.isnan(values(record, "heart_rate", 1)).all()


def test_a_pulse_of_the_cuff_is_no_event_that_rules_ask_for() -> None:
    record = bed()
    record.observe(reading(VitalKind.PULSE_RATE, 5, 80, site="nibp"))
    record.observe(reading(T, 6, 38.5, site="predictive"))
    record.observe(reading(CUFF, 7, 120))
    record.close_until(at(10))
    assert np.isnan(values(record, "pulse_rate", 1)).all()
    assert record.events("spot_temperature").values.tolist() == [38.5]
    assert record.events("nibp_systolic").values.tolist() == [120]
    assert record.events("nibp_mean").values.size == 0
    assert record.newest_usable(VitalKind.PULSE_RATE) is None
    newest = record.newest_usable(T)
    assert newest is not None
    assert newest.at == at(6)


def test_another_patient_begins_anew_and_one_who_moves_keeps_what_is_usual() -> None:
    engine = Engine([rule(FAST)], START)
    for second in range(1, 61):
        engine.observe(reading(HR, second, 130))
    assert engine.evaluate(BED, at(60))[0].presence is Presence.PRESENT
    engine.begin_stay("bed-99", at(60), BED)
    engine.begin_stay(BED, at(60))
    for bed_id in (BED, "bed-99"):
        assert engine.evaluate(bed_id, at(60))[0].presence is Presence.INDETERMINATE
    engine.observe(replace(reading(HR, 61, 80), bed_id="bed-99"))
    engine.forget_readings("bed-99")
    assert engine.evaluate("bed-99", at(70))[0].presence is Presence.INDETERMINATE


def test_the_first_readings_of_long_windows_are_forgotten_in_time() -> None:
    record = bed()
    for step in range(1, 200):
        record.observe(reading(HR, step * 10, 130))
        record.close_until(at(step * 10))
    (condition,) = NEEDS.firsts[HR]
    first = record.first_within(condition)
    assert first is not None
    assert first.at == at((199 - 5) * 10)
    assert len(record._firsts._found[condition]) < 20


def test_of_two_readings_of_one_step_the_earlier_is_the_first() -> None:
    record = bed()
    for second in (8, 3, 6):
        record.observe(reading(HR, second, 130))
    record.close_until(at(10))
    (condition,) = NEEDS.firsts[HR]
    first = record.first_within(condition)
    assert first is not None
    assert first.at == at(3)


def test_a_state_holds_from_when_it_began_until_it_is_cleared() -> None:
    lost = rule('all = [{ state = "link_lost" }]', rule_id="a.lost")
    was = rule('all = [{ rule = "a.lost", within_s = 30 }]', rule_id="a.was")
    engine = Engine([lost, was], START)
    engine.clear_state(BED, BedState.LINK_LOST)
    engine.set_state(BED, BedState.LINK_LOST, at(3))
    engine.set_state(BED, BedState.LINK_LOST, at(8))
    found = {f.rule_id: f for f in engine.evaluate(BED, at(10))}
    assert found["a.lost"].presence is Presence.PRESENT
    assert found["a.lost"].evidence[0].value == 7
    engine.clear_state(BED, BedState.LINK_LOST)
    found = {f.rule_id: f for f in engine.evaluate(BED, at(20))}
    assert found["a.lost"].presence is Presence.ABSENT
    assert found["a.was"].presence is Presence.PRESENT
    assert longest_window_s([lost, was]) == 0


def test_a_usual_pressure_stands_while_too_few_readings_are_known() -> None:
    record = bed()
    record.minutes.past.usual_pressure = 121.0
    record.close_until(at(2 * 3600))
    assert record.minutes.past.usual_pressure == 121.0
