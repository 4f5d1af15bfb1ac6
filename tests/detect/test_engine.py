"""The engine answers rules in order, remembers, and dates findings by the feed's own time."""

from __future__ import annotations

import math

from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.findings import Presence
from edge_agent.model.measurements import DeviceTime, VitalKind
from tests.support.detector_inputs import BED, START, at, reading, rule

HR = VitalKind.HEART_RATE
FAST = (
    'all = [{ vital = "heart_rate", op = ">", value = 120, unit = "/min", at_least_s = 10, '
    "window_s = 20 }]"
)
LOST = 'all = [{ vital = "heart_rate", statistic = "age", op = ">", value = 60, unit = "s" }]'


def alert_of(rule_id: str, raised_s: float) -> Alert:
    return Alert(
        alert_id=f"alert-{raised_s:g}",
        n=1,
        bed_id=BED,
        rule_id=rule_id,
        rule_version=1,
        kind=AlertKind.PHYSIOLOGICAL,
        priority=AlertPriority.LOW,
        text="Look.",
        state=AlertState.RAISED,
        pending_since=at(raised_s),
        changed_at=at(raised_s),
        evidence=(),
        config_hash="",
        raised_at=at(raised_s),
    )


def test_what_holds_is_dated_by_the_first_reading_that_satisfies() -> None:
    engine = Engine([rule(FAST)], START)
    engine.observe(reading(HR, 1, 80))
    engine.observe(reading(HR, 2, 130))
    engine.observe(reading(HR, 3, 131))
    engine.observe(reading(HR, 4, math.nan))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.presence is Presence.PRESENT
    assert finding.feed_time == "2000000000"
    assert finding.evidence[0].measured_at == at(3)


def test_what_does_not_hold_is_dated_by_the_first_reading() -> None:
    engine = Engine([rule(FAST)], START)
    engine.observe(reading(HR, 1, 80))
    engine.observe(reading(HR, 3, 81))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.presence is Presence.INDETERMINATE
    assert finding.feed_time == "1000000000"


def test_a_feed_without_a_counter_is_dated_by_its_wall_clock_or_the_receive_time() -> None:
    for device_time, feed_time in (
        (DeviceTime(wall_ns=77), "77"),
        (DeviceTime(), str(at(1).utc_ns)),
        (DeviceTime(elapsed_ns=5, wall_ns=77), "5"),
    ):
        engine = Engine([rule(FAST)], START)
        engine.observe(reading(HR, 1, 130, device_time=device_time))
        assert engine.evaluate(BED, at(10))[0].feed_time == feed_time


def test_a_cuff_is_dated_by_its_own_stamp() -> None:
    body = (
        'all = [{ vital = "nibp_mean", statistic = "latest", window_s = 60, op = "<", value = 65, '
        'unit = "mm[Hg]", confirm = 1 }]'
    )
    for device_time, feed_time in (
        (DeviceTime(elapsed_ns=5, wall_ns=77), "77"),
        (DeviceTime(elapsed_ns=5), "5"),
    ):
        engine = Engine([rule(body)], START)
        engine.observe(reading(VitalKind.NIBP_MEAN, 1, 60, device_time=device_time))
        assert engine.evaluate(BED, at(10))[0].feed_time == feed_time


def test_a_loss_is_dated_by_the_last_value_the_first_reading_or_the_start() -> None:
    engine = Engine([rule(LOST)], START)
    (finding,) = engine.evaluate(BED, at(61))
    assert finding.feed_time == f"watch:{START.utc_ns}"
    engine.observe(reading(VitalKind.SPO2, 2, 97))
    engine.observe(reading(VitalKind.SPO2, 1, 97))
    assert engine.evaluate(BED, at(62))[0].feed_time == "2000000000"
    engine.observe(reading(HR, 3, 80))
    engine.observe(reading(HR, 4, math.nan))
    (finding,) = engine.evaluate(BED, at(64))
    assert finding.presence is Presence.PRESENT
    assert finding.feed_time == "3000000000"


def test_a_rule_can_ask_whether_another_held_within_a_time() -> None:
    fast = rule(FAST, rule_id="a.fast")
    was = rule('all = [{ rule = "a.fast", within_s = 100 }]', rule_id="a.was")
    now = rule('all = [{ rule = "a.fast" }]', rule_id="a.now")
    engine = Engine([was, now, fast], START)

    def presences(seconds: float) -> dict[str, Presence]:
        return {f.rule_id: f.presence for f in engine.evaluate(BED, at(seconds))}

    p, a, i = Presence.PRESENT, Presence.ABSENT, Presence.INDETERMINATE
    assert presences(0) == {"a.fast": i, "a.was": i, "a.now": i}
    engine.observe(reading(HR, 5, 130))
    assert presences(10) == {"a.fast": p, "a.was": p, "a.now": p}
    for second in range(11, 31):
        engine.observe(reading(HR, second, 80))
    assert presences(30) == {"a.fast": a, "a.was": p, "a.now": a}
    assert presences(110) == {"a.fast": i, "a.was": p, "a.now": i}
    assert presences(111) == {"a.fast": i, "a.was": i, "a.now": i}
    (finding,) = [f for f in engine.evaluate(BED, at(110)) if f.rule_id == "a.was"]
    assert [e.kind for e in finding.evidence] == ["a.fast", "heart_rate"]
    assert finding.feed_time == "5000000000"


def test_what_held_before_a_restart_is_taken_from_the_alerts() -> None:
    fast = rule(FAST, rule_id="a.fast")
    was = rule('all = [{ rule = "a.fast", within_s = 100 }]', rule_id="a.was")
    engine = Engine([was, fast], START)
    engine.restore([alert_of("a.fast", 20), alert_of("a.fast", 50), alert_of("a.fast", 10)])
    findings = {f.rule_id: f for f in engine.evaluate(BED, at(150))}
    assert findings["a.was"].presence is Presence.PRESENT
    assert findings["a.was"].feed_time == "alert:alert-50"
    findings = {f.rule_id: f for f in engine.evaluate(BED, at(151))}
    assert findings["a.was"].presence is Presence.INDETERMINATE


def test_observing_the_same_readings_again_gives_the_same_findings() -> None:
    rules = [rule(FAST, rule_id="a.fast"), rule(LOST, rule_id="a.lost")]
    vitals = [reading(HR, second, 100 + second) for second in range(1, 60)]
    live, restored = Engine(rules, START), Engine(rules, START)
    for vital in vitals:
        live.observe(vital)
        live.evaluate(BED, vital.received_at)
    for vital in vitals:
        restored.observe(vital)
    assert live.evaluate(BED, at(60)) == restored.evaluate(BED, at(60))


def test_another_bed_changes_nothing() -> None:
    engine = Engine([rule(FAST)], START)
    engine.observe(reading(HR, 1, 130))
    (finding,) = engine.evaluate("bed-99", at(5))
    assert finding.bed_id == "bed-99"
    assert finding.presence is Presence.INDETERMINATE


def test_recovery_is_asked_only_of_rules_that_have_something_to_clear() -> None:
    fast = rule(f'{FAST}\n[clear]\nall = [{{ rule = "a.lost" }}]', rule_id="a.fast")
    engine = Engine([fast, rule(LOST, rule_id="a.lost")], START)
    for clearing, recovered in (
        (None, Presence.ABSENT),
        ({"a.fast"}, Presence.ABSENT),
        ({"a.lost"}, Presence.INDETERMINATE),
    ):
        findings = {f.rule_id: f for f in engine.evaluate(BED, at(5), clearing)}
        assert findings["a.fast"].recovered is recovered
