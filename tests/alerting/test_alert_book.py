"""One open problem takes up its parts; what nobody knows yet signals, what is known does not."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.alerting.alert_book import AlertBook, AlertChange
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.model.alerts import AlertKind, AlertPriority, AlertState
from edge_agent.model.answers import Answer
from tests.support.answers import acknowledgement
from tests.support.findings import BED, at, finding, policy

TECHNICAL = AlertKind.TECHNICAL
POLICIES = [
    policy("crs.organ_sign", for_s=0, latch_s=None, absorbs=("crs.suspected", "crs.oxygen")),
    policy("crs.suspected", for_s=0, latch_s=None, absorbs=("crs.fever",)),
    policy("system.feed", for_s=0, absorbs=("signal.lost.*",), kind=TECHNICAL),
    policy("crs.oxygen", for_s=0, latch_s=None),
    policy("crs.fever", for_s=0, latch_s=None),
    policy("signal.lost.spo2", for_s=0, kind=TECHNICAL),
    policy("crs.slow", for_s=20),
]


def book() -> AlertBook:
    return AlertBook(POLICIES, AlertLabels("site", "ward", "hash"))


def step(alerts: AlertBook, seconds: float, **marks: str) -> dict[str, AlertChange]:
    """Apply one evaluation; `fever="P"` stands for the rule whose name ends so."""
    names = {p.rule_id.split(".")[-1]: p.rule_id for p in POLICIES}
    changes = alerts.apply([finding(mark, seconds, names[n]) for n, mark in marks.items()])
    return {change.alert.rule_id.split(".")[-1]: change for change in changes}


def told(changes: dict[str, AlertChange]) -> dict[str, str]:
    return {n: c.alert.state.value for n, c in changes.items() if c.is_signalled}


def answer(alerts: AlertBook, rule_id: str, seconds: float) -> list[AlertChange]:
    alert = alerts.current(BED, rule_id)
    assert alert is not None
    given = alerts.answer(acknowledgement(BED, alert.alert_id, "nurse-3"), at(seconds))
    assert given.refusals == []
    return given.changes


def refused(alerts: AlertBook, given: Answer, seconds: float) -> str:
    answered = alerts.answer(given, at(seconds))
    assert answered.changes == []
    (refusal,) = answered.refusals
    return refusal.reason


def test_an_evaluation_without_findings_changes_nothing() -> None:
    assert book().apply([]) == []


def test_a_pending_alert_is_kept_but_not_reported() -> None:
    alerts = book()
    changes = step(alerts, 0, slow="P")
    assert changes["slow"].alert.state is AlertState.PENDING
    assert not changes["slow"].is_signalled
    assert alerts.open_alerts() == []
    assert step(alerts, 10, slow="P") == {}
    assert told(step(alerts, 20, slow="P")) == {"slow": "raised"}
    assert [a.rule_id for a in alerts.open_alerts()] == ["crs.slow"]


def test_a_pending_alert_that_vanishes_is_over_without_a_word() -> None:
    alerts = book()
    step(alerts, 0, slow="P")
    changes = step(alerts, 10, slow="-")
    assert changes["slow"].alert.state is AlertState.RESOLVED
    assert not changes["slow"].is_signalled


def test_parts_that_rise_with_the_problem_are_not_reported() -> None:
    changes = step(book(), 0, suspected="P", fever="P")
    assert told(changes) == {"suspected": "raised"}
    assert changes["fever"].alert.absorbed_by == changes["suspected"].alert.alert_id
    assert changes["fever"].alert.n == 1


def test_a_part_already_reported_is_reported_once_that_it_is_absorbed() -> None:
    alerts = book()
    assert told(step(alerts, 0, fever="P")) == {"fever": "raised"}
    changes = step(alerts, 10, suspected="P", fever="P")
    assert told(changes) == {"suspected": "raised", "fever": "raised"}
    assert changes["fever"].alert.absorbed_by == changes["suspected"].alert.alert_id
    assert changes["fever"].alert.n == 2
    assert step(alerts, 20, suspected="P", fever="P") == {}


def test_a_chain_ends_at_the_highest_problem_and_a_new_one_signals_after_an_answer() -> None:
    alerts = book()
    step(alerts, 0, suspected="P", fever="P")
    answer(alerts, "crs.suspected", 5)
    changes = step(alerts, 10, organ_sign="P", suspected="P", fever="P", oxygen="P")
    root = changes["organ_sign"].alert.alert_id
    assert told(changes) == {"organ_sign": "raised", "suspected": "acknowledged"}
    assert {c.alert.absorbed_by for n, c in changes.items() if n != "organ_sign"} == {root}


def test_a_part_still_raised_surfaces_when_the_problem_is_over() -> None:
    alerts = book()
    step(alerts, 0, suspected="P", fever="P")
    answer(alerts, "crs.suspected", 5)
    for seconds in (10, 20):
        assert step(alerts, seconds, suspected="-", fever="P") == {}
    changes = step(alerts, 30, suspected="-", fever="P")
    assert told(changes) == {"suspected": "resolved", "fever": "raised"}
    assert changes["fever"].alert.absorbed_by == ""
    assert changes["fever"].alert.n == 2


def test_what_was_acknowledged_does_not_hide_a_later_sign() -> None:
    alerts = book()
    step(alerts, 0, organ_sign="P", fever="P", suspected="P")
    answer(alerts, "crs.organ_sign", 5)
    changes = step(alerts, 10, organ_sign="P", fever="P", suspected="P", oxygen="P")
    assert told(changes) == {"oxygen": "raised"}
    assert changes["oxygen"].alert.absorbed_by == ""


def test_an_acknowledged_feed_loss_takes_up_the_signals_lost_with_it() -> None:
    alerts = book()
    step(alerts, 0, feed="P")
    answer(alerts, "system.feed", 5)
    changes = step(alerts, 10, feed="P", spo2="P")
    assert told(changes) == {}
    assert changes["spo2"].alert.absorbed_by


def test_a_part_that_ends_after_the_problem_was_acknowledged_is_seen() -> None:
    alerts = book()
    step(alerts, 0, suspected="P", fever="P")
    answer(alerts, "crs.suspected", 5)
    step(alerts, 10, suspected="P", fever="-")
    step(alerts, 20, suspected="P", fever="-")
    changes = step(alerts, 30, suspected="P", fever="-")
    fever = changes["fever"].alert
    assert (fever.state, fever.n, fever.acknowledged_by) == (AlertState.RESOLVED, 2, "nurse-3")
    assert fever.absorbed_by
    assert not changes["fever"].is_signalled


def test_acknowledging_a_latched_problem_ends_its_latched_parts() -> None:
    alerts = book()
    step(alerts, 0, suspected="P", fever="P")
    for seconds in (10, 20, 30):
        step(alerts, seconds, suspected="-", fever="-")
    assert {a.state for a in alerts.open_alerts()} == {AlertState.LATCHED}
    changes = answer(alerts, "crs.suspected", 40)
    assert {c.alert.state for c in changes} == {AlertState.RESOLVED}
    assert [c.is_signalled for c in changes] == [True, False]
    assert alerts.open_alerts() == []


def test_answers_are_idempotent_and_refused_with_a_reason() -> None:
    alerts = book()
    step(alerts, 0, fever="P", slow="P", spo2="P")
    (change,) = answer(alerts, "crs.fever", 5)
    assert (change.alert.state, change.is_signalled) == (AlertState.ACKNOWLEDGED, True)
    assert answer(alerts, "crs.fever", 6) == []
    known = acknowledgement(BED, change.alert.alert_id, "nurse-3")
    elsewhere = replace(known, bed_id="bed-99")
    assert refused(alerts, elsewhere, 7) == f"no alert {change.alert.alert_id} on bed-99"
    slow = alerts.current(BED, "crs.slow")
    assert slow is not None
    pending = acknowledgement(BED, slow.alert_id, "nurse-3")
    assert refused(alerts, pending, 7) == "alert is pending; nothing to acknowledge"
    for seconds in (10, 20, 30):
        step(alerts, seconds, fever="-", spo2="-")
    assert answer(alerts, "crs.fever", 40) == []
    lost = alerts.current(BED, "signal.lost.spo2")
    assert lost is not None
    over = acknowledgement(BED, lost.alert_id, "nurse-3")
    assert refused(alerts, over, 40) == "alert is resolved; nothing to acknowledge"


def test_a_restart_keeps_the_alerts_but_no_running_times() -> None:
    before = book()
    first = step(before, 0, suspected="P", fever="P")
    second = step(before, 10, suspected="-", fever="P")
    assert second == {}
    kept = [change.alert for change in first.values()]
    unknown = replace(kept[0], rule_id="crs.gone")
    older = replace(kept[0], n=0, state=AlertState.PENDING)
    after = book()
    after.restore([*kept, unknown, older])
    assert {a.alert_id for a in after.open_alerts()} == {a.alert_id for a in kept}
    assert all(a.present_at is None for a in after.open_alerts())
    assert step(after, 500, suspected="-", fever="P") == {}
    step(after, 510, suspected="-", fever="P")
    assert told(step(after, 520, suspected="-", fever="P")) == {"suspected": "latched"}


def test_running_times_are_taken_up_where_the_journal_has_nothing_newer() -> None:
    before = book()
    step(before, 0, slow="P")
    step(before, 10, slow="P")
    (kept,) = before.alerts(BED)
    assert kept.present_s == 10
    changed = replace(kept, n=kept.n + 1, changed_at=at(20), state_since=at(20))
    for journalled, goes_on, is_reported in (
        ([replace(kept, present_s=0)], kept, False),
        ([], kept, True),
        ([changed], replace(changed, present_at=None), False),
    ):
        after = book()
        after.restore(journalled)
        assert after.restore_snapshot([kept]) == ([AlertChange(kept)] if is_reported else [])
        assert after.alerts(BED) == [goes_on]
        assert after.is_changed_since(BED, kept.rule_id, at(15)) == (goes_on.changed_at == at(20))


def test_beds_do_not_share_alerts() -> None:
    alerts = book()
    step(alerts, 0, fever="P")
    (change,) = alerts.apply([replace(finding("P", 0), bed_id="bed-08")])
    assert change.is_signalled
    assert len(alerts.open_alerts()) == 2
    assert alerts.current("bed-09", "crs.fever") is None


def test_open_problems_go_along_with_the_patient_and_the_watching_stays() -> None:
    alerts = book()
    step(alerts, 0, fever="P", spo2="P", slow="P", oxygen="P")
    step(alerts, 10, oxygen="-", fever="P", spo2="P", slow="P")
    answer(alerts, "crs.fever", 15)
    moved = alerts.move(BED, "bed-99", at(20))
    shown = {(c.alert.bed_id, c.alert.rule_id): c.alert.state.value for c in moved}
    assert shown[BED, "crs.fever"] == "resolved"
    assert shown["bed-99", "crs.fever"] == "acknowledged"
    assert all(rule_id != "signal.lost.spo2" for _, rule_id in shown)
    fever = alerts.current("bed-99", "crs.fever")
    assert fever is not None
    assert fever.acknowledged_by == "nurse-3"
    assert [c.alert.n for c in moved if c.alert.alert_id == fever.alert_id] == [3, 4]


def test_the_problems_of_a_patient_who_leaves_are_over() -> None:
    alerts = book()
    step(alerts, 0, fever="P")
    assert [c.alert.state.value for c in alerts.move(BED, "", at(5))] == ["resolved"]
    assert alerts.open_alerts() == []
    assert alerts.move("bed-98", "bed-97", at(6)) == []


def test_a_problem_that_has_ended_unseen_takes_up_no_later_sign() -> None:
    alerts = book()
    step(alerts, 0, suspected="P")
    for seconds in range(10, 200, 10):
        step(alerts, seconds, suspected="-")
    problem = alerts.current(BED, "crs.suspected")
    assert problem is not None
    assert problem.state is AlertState.LATCHED
    assert told(step(alerts, 200, suspected="-", fever="P"))["fever"] == "raised"


def test_changes_of_one_moment_come_most_urgent_first_the_patients_before_the_watching() -> None:
    urgent = replace(policy("vital.shock", for_s=0), priority=AlertPriority.HIGH)
    alerts = AlertBook([*POLICIES, urgent], AlertLabels("site", "ward", "hash"))
    signs = ["signal.lost.spo2", "crs.oxygen", "crs.fever", "vital.shock"]
    before = [c.alert for rule_id in signs for c in alerts.apply([finding("P", 0, rule_id)])]
    after = AlertBook([*POLICIES, urgent], AlertLabels("site", "ward", "hash"))
    after.restore(reversed(before))
    ordered = ["vital.shock", "crs.fever", "crs.oxygen", "signal.lost.spo2"]
    for each in (alerts, after):
        assert [alert.rule_id for alert in each.alerts(BED)] == ordered
        steps = [[finding("-", at_s, rule_id) for rule_id in signs] for at_s in (10, 20, 30)]
        *_, ended = [each.apply(findings) for findings in steps]
        assert [c.alert.rule_id for c in ended] == ordered
        again = each.apply([finding("P", 50, rule_id) for rule_id in signs])
        assert [c.alert.rule_id for c in again] == ordered
        left = [c.alert.rule_id for c in each.move(BED, "", at(60))]
        assert left == ordered[:3]
