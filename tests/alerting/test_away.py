"""While a patient is away, alerts about missing readings keep their states and do not signal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.presence import Presence
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import AlertKind, AlertPriority, AlertState
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.problems import problem_of
from tests.support.findings import BED, at, finding, policy

if TYPE_CHECKING:
    from edge_agent.alerting.alert_book import AlertChange
    from edge_agent.model.alerts import Alert

TECHNICAL = AlertKind.TECHNICAL
LOST = "signal.lost.spo2"
POLICIES = [
    policy("crs.fever", for_s=0, latch_s=None),
    policy(LOST, for_s=0, kind=TECHNICAL),
    policy("system.link", for_s=0, kind=TECHNICAL, absorbs=("signal.lost.*",)),
    policy("system.agent", for_s=0, kind=TECHNICAL),
]


def book() -> AlertBook:
    settings = AlertSettings(needing_presence={LOST, "system.link"})
    return AlertBook(POLICIES, AlertLabels("site", "ward", "hash"), settings)


def lost(alerts: AlertBook) -> Alert:
    alert = alerts.current(BED, LOST)
    assert alert is not None
    return alert


def apply(alerts: AlertBook, seconds: float, **marks: str) -> list[AlertChange]:
    names = {p.rule_id.rpartition(".")[2]: p.rule_id for p in POLICIES}
    return alerts.apply([finding(mark, seconds, names[name]) for name, mark in marks.items()])


def test_an_alert_that_begins_while_the_patient_is_away_signals_once_the_patient_is_back() -> None:
    alerts = book()
    assert alerts.inhibit(BED, at(0), is_away=True) == []
    (change,) = apply(alerts, 10, spo2="P")
    alert = change.alert
    assert (alert.state, alert.is_inhibited, change.is_signalled) == (
        AlertState.RAISED,
        True,
        False,
    )
    assert (alert.signal, alert.signal_n, alert.signalled_at) == (None, 0, None)
    assert apply(alerts, 4000, spo2="P") == []
    (back,) = alerts.inhibit(BED, at(4010), is_away=False)
    assert (back.alert.signal, back.alert.signalled_at, back.is_signalled) == (
        "first",
        at(4010),
        True,
    )
    assert (back.alert.raised_at, back.alert.is_inhibited) == (at(10), False)


def test_an_alert_that_ends_while_the_patient_is_away_was_never_one_for_people() -> None:
    alerts = book()
    alerts.inhibit(BED, at(0), is_away=True)
    apply(alerts, 10, spo2="P")
    changes = [c for s in (20, 30, 40) for c in apply(alerts, s, spo2="-")]
    assert [(c.alert.state, c.is_signalled) for c in changes] == [(AlertState.RESOLVED, False)]
    assert alerts.inhibit(BED, at(50), is_away=False) == []


def test_an_open_alert_falls_silent_as_the_patient_goes_and_reminds_on_the_return() -> None:
    alerts = book()
    apply(alerts, 0, spo2="P")
    (gone,) = alerts.inhibit(BED, at(10), is_away=True)
    assert (gone.alert.is_inhibited, gone.alert.n, gone.alert.signal_n) == (True, 2, 1)
    problem = problem_of(BED, alerts.alerts(BED))
    assert problem is not None
    assert problem.unanswered == ()
    assert apply(alerts, 4000, spo2="P") == []
    (back,) = alerts.inhibit(BED, at(4010), is_away=False)
    assert (back.alert.signal, back.alert.signal_n) == ("reminder", 3)
    assert back.alert.answer_from_n == 1


def test_what_would_have_risen_meanwhile_rises_on_the_return_with_one_signal() -> None:
    rising = replace(
        policy(LOST, for_s=0, kind=TECHNICAL),
        priority=AlertPriority.LOW,
        escalate_after_s=1200,
        escalate_priority=AlertPriority.MEDIUM,
    )
    settings = AlertSettings(needing_presence={LOST})
    alerts = AlertBook([rising], AlertLabels("site", "ward", "hash"), settings)
    alerts.apply([finding("P", 0, LOST)])
    alerts.inhibit(BED, at(10), is_away=True)
    assert alerts.apply([finding("P", 4000, LOST)]) == []
    assert lost(alerts).priority is AlertPriority.LOW
    (back,) = alerts.inhibit(BED, at(4010), is_away=False)
    assert (back.alert.priority, back.alert.signal) == (AlertPriority.MEDIUM, "worse")
    assert alerts.apply([finding("P", 4010, LOST)]) == []


def test_a_return_does_not_signal_what_was_answered_or_is_silent() -> None:
    for kind in (AnswerKind.ACKNOWLEDGE, AnswerKind.SILENCE):
        alerts = book()
        apply(alerts, 0, spo2="P")
        alerts.answer(Answer(BED, kind, "nurse A", for_s=500.0), at(5))
        alerts.inhibit(BED, at(10), is_away=True)
        (back,) = alerts.inhibit(BED, at(20), is_away=False)
        assert (back.alert.signal, back.alert.signal_n) == ("first", 1)


def test_an_alert_about_the_patient_or_the_program_is_never_inhibited() -> None:
    alerts = book()
    alerts.inhibit(BED, at(0), is_away=True)
    changes = apply(alerts, 10, fever="P", agent="P")
    assert [(c.alert.is_inhibited, c.is_signalled) for c in changes] == [(False, True)] * 2
    fever = alerts.current(BED, "crs.fever")
    assert fever is not None
    assert fever.signal == "first"


def test_another_bed_is_not_inhibited() -> None:
    alerts = book()
    alerts.inhibit("bed-08", at(0), is_away=True)
    (change,) = apply(alerts, 10, spo2="P")
    assert change.is_signalled


def test_what_becomes_part_of_a_lost_link_while_the_patient_is_away_signals_with_it() -> None:
    alerts = book()
    alerts.inhibit(BED, at(0), is_away=True)
    apply(alerts, 10, spo2="P")
    apply(alerts, 20, spo2="P", link="P")
    assert lost(alerts).absorbed_by
    changes = alerts.inhibit(BED, at(30), is_away=False)
    assert [(c.alert.rule_id, c.is_signalled) for c in changes] == [
        ("system.link", True),
        (LOST, False),
    ]


def test_after_a_restart_the_patient_is_away_until_somebody_says_otherwise() -> None:
    before = book()
    apply(before, 0, spo2="P")
    before.inhibit(BED, at(10), is_away=True)
    for is_away, signals in ((True, []), (False, ["reminder"])):
        after = book()
        after.restore(before.alerts(BED), at(20))
        changes = after.inhibit(BED, at(20), is_away=is_away)
        assert [c.alert.signal for c in changes] == signals
        assert lost(after).is_inhibited is is_away


def test_what_comes_back_while_the_patient_is_away_signals_on_the_return_only() -> None:
    latching = replace(POLICIES[1], latch_s=None)
    settings = AlertSettings(needing_presence={LOST})
    alerts = AlertBook([latching], AlertLabels("site", "ward", "hash"), settings)
    alerts.apply([finding("P", 0, LOST)])
    alerts.inhibit(BED, at(5), is_away=True)
    for seconds, mark in ((10, "-"), (20, "-"), (30, "-"), (40, "P")):
        alerts.apply([finding(mark, seconds, LOST)])
    assert (lost(alerts).state, lost(alerts).signal) == (AlertState.RAISED, "first")
    (back,) = alerts.inhibit(BED, at(50), is_away=False)
    assert (back.alert.signal, back.alert.signalled_at) == ("reminder", at(50))


def test_a_known_part_does_not_remind_on_the_return_beside_its_problem() -> None:
    alerts = book()
    apply(alerts, 0, spo2="P")
    apply(alerts, 10, spo2="P", link="P")
    alerts.inhibit(BED, at(20), is_away=True)
    changes = alerts.inhibit(BED, at(30), is_away=False)
    assert [(c.alert.rule_id, str(c.alert.signal)) for c in changes] == [
        ("system.link", "reminder"),
        (LOST, "first"),
    ]


def test_what_is_over_by_the_findings_of_the_return_ends_unreported() -> None:
    alerts = book()
    presence = Presence(alerts)
    (begun,) = presence.apply(BED, [finding("P", 10, LOST)], at(10), is_away=True)
    assert (begun.alert.is_inhibited, begun.is_signalled) == (True, False)
    assert presence.apply(BED, [finding("-", 20, LOST)], at(20), is_away=False) == []
    assert presence.apply(BED, [finding("-", 30, LOST)], at(30), is_away=False) == []
    (over,) = presence.apply(BED, [finding("-", 40, LOST)], at(40), is_away=False)
    assert (over.alert.state, over.is_signalled) == (AlertState.RESOLVED, False)


def test_what_begins_in_the_step_of_the_return_is_counted_in_order() -> None:
    alerts = book()
    presence = Presence(alerts)
    presence.apply(BED, [finding("-", 10, LOST)], at(10), is_away=True)
    changes = presence.apply(BED, [finding("P", 20, LOST)], at(20), is_away=False)
    assert [(c.alert.n, c.alert.is_inhibited, c.is_signalled) for c in changes] == [
        (1, True, False),
        (2, False, True),
    ]
    assert presence.apply(BED, [finding("P", 30, LOST)], at(30), is_away=False) == []


def test_an_absence_that_begins_with_a_finding_inhibits_what_it_raises() -> None:
    alerts = book()
    presence = Presence(alerts)
    presence.apply(BED, [finding("P", 10, LOST)], at(10), is_away=False)
    changes = presence.apply(BED, [finding("P", 20, LOST)], at(20), is_away=True)
    changes += presence.apply(BED, [finding("P", 30, LOST)], at(30), is_away=True)
    assert [(c.alert.n, c.alert.is_inhibited) for c in changes] == [(2, True)]


def test_nothing_waits_for_a_return_that_nobody_can_observe() -> None:
    alerts = book()
    presence = Presence(alerts)
    presence.apply(BED, [finding("P", 10, LOST)], at(10), is_away=True)
    presence.apply(BED, [finding("-", 20, LOST)], at(20), is_away=False)
    (change,) = alerts.pass_time(BED, at(40))
    assert (change.alert.is_inhibited, change.alert.signal) == (False, "first")


def test_what_is_closed_while_the_patient_is_away_stays_as_it_ended() -> None:
    settings = AlertSettings(needing_presence={LOST}, of_patients={LOST})
    alerts = AlertBook(POLICIES, AlertLabels("site", "ward", "hash"), settings)
    apply(alerts, 0, spo2="P")
    alerts.inhibit(BED, at(10), is_away=True)
    (closed,) = alerts.move(BED, "", at(20))
    assert (closed.alert.state, closed.alert.is_inhibited) == (AlertState.RESOLVED, False)
    assert alerts.inhibit(BED, at(30), is_away=False) == []
