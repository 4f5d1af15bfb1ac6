"""Signs that come late, milder or more urgent beside an open problem."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import AlertPolicy, AlertPriority, AlertState
from edge_agent.model.duty import ResponseTimes
from edge_agent.model.findings import Evidence
from tests.alerting.test_alert_book import POLICIES, TECHNICAL, answer, book, step, told
from tests.support.answered_bed import AnsweredBed
from tests.support.findings import BED, at, finding, policy

LATE = 600
HIDDEN = AlertSettings(of_patients={"signal.hidden"})


def test_a_sign_that_is_raised_long_after_an_unacknowledged_problem_is_reported() -> None:
    alerts = book()
    step(alerts, 0, suspected="P")
    assert told(step(alerts, LATE, suspected="P", fever="P")) == {}
    alerts = book()
    step(alerts, 0, suspected="P")
    changes = step(alerts, LATE + 10, suspected="P", fever="P")
    assert told(changes) == {"fever": "raised"}
    assert changes["fever"].alert.absorbed_by == ""
    assert step(alerts, LATE + 20, suspected="P", fever="P") == {}


def test_a_part_that_ended_and_comes_again_is_reported() -> None:
    alerts = book()
    step(alerts, 0, organ_sign="P", suspected="P", fever="P")
    for seconds in (10, 20, 30):
        step(alerts, seconds, organ_sign="P", suspected="P", fever="-")
    fever = alerts.current(BED, "crs.fever")
    assert fever is not None
    assert (fever.state, fever.is_signalled) == (AlertState.LATCHED, False)
    changes = step(alerts, LATE + 40, organ_sign="P", suspected="P", fever="P")
    assert told(changes) == {"fever": "raised"}


def test_a_late_sign_is_reported_through_a_chain_too_and_a_larger_problem_takes_it_up() -> None:
    alerts = book()
    step(alerts, 0, organ_sign="P", suspected="P")
    assert told(step(alerts, LATE + 10, organ_sign="P", suspected="P", fever="P"))
    alerts = book()
    step(alerts, 0, suspected="P")
    step(alerts, LATE + 10, suspected="P", fever="P")
    changes = step(alerts, LATE + 20, suspected="P", fever="P", organ_sign="P")
    assert told(changes) == {"organ_sign": "raised", "suspected": "raised", "fever": "raised"}
    root = changes["organ_sign"].alert.alert_id
    assert {c.alert.absorbed_by for n, c in changes.items() if n != "organ_sign"} == {root}


def test_a_late_sign_is_reported_after_a_restart_and_at_another_bed() -> None:
    before = book()
    changes = step(before, 0, suspected="P")
    after = book()
    after.restore([change.alert for change in changes.values()])
    assert told(step(after, LATE + 10, suspected="P", fever="P")) == {"fever": "raised"}
    before.move(BED, "bed-99", at(30))
    said = [replace(finding("P", LATE + 10, r), bed_id="bed-99") for r in ("crs.suspected",)]
    said.append(replace(finding("P", LATE + 10), bed_id="bed-99"))
    fever = [c for c in before.apply(said) if c.alert.rule_id == "crs.fever"]
    assert [c.is_signalled for c in fever] == [True]


SHOCK = replace(policy("vital.shock", for_s=0, latch_s=None), covers=("crs.low",))
LOW = policy("crs.low", for_s=0)


def late_milder_form(shock: AlertPolicy, low: AlertPolicy, mark: str, *, kind: str = "") -> bool:
    """Return True if a sign is reported long after an answered alert of a rule that covers it.

    Parameters
    ----------
    mark
        What is found of the rule that covers it by then.
    kind
        What the sign is a low value of, where the other is a high one.
    """
    alerts = AlertBook([shock, low], AlertLabels("site", "ward", "hash"))
    high, less = ((Evidence(kind, "now", v, "1", 0, 1, 5, at(0)),) for v in (6.0, 4.0))
    alerts.apply([replace(finding("P", 0, "vital.shock"), evidence=high if kind else ())])
    answer(alerts, "vital.shock", 5)
    late = [finding(mark, LATE + 10, "vital.shock"), finding("P", LATE + 10, "crs.low")]
    late[1] = replace(late[1], evidence=less if kind else ())
    (change,) = [c for c in alerts.apply(late) if c.alert.rule_id == "crs.low"]
    return change.is_signalled


@pytest.mark.parametrize("mark", ["P", "~", "-", "_"])
def test_a_milder_form_stays_a_part_however_late_answered_or_not_also_in_recovery(
    mark: str,
) -> None:
    assert not late_milder_form(SHOCK, LOW, mark)


def test_what_is_not_milder_is_reported_beside_the_alert_that_covers_it() -> None:
    assert late_milder_form(SHOCK, replace(LOW, priority=AlertPriority.HIGH), "P")
    assert late_milder_form(SHOCK, LOW, "P", kind="heart_rate")
    assert late_milder_form(replace(SHOCK, kind=TECHNICAL), LOW, "P")


def test_a_milder_form_is_no_part_of_what_has_ended() -> None:
    alerts = AlertBook([SHOCK, LOW], AlertLabels("site", "ward", "hash"))
    alerts.apply([finding("P", 0, "vital.shock")])
    for seconds in (10, 20, 30):
        alerts.apply([finding("-", seconds, "vital.shock")])
    (change,) = alerts.apply([finding("P", 40, "crs.low")])
    assert change.is_signalled


def test_a_sign_that_is_more_urgent_than_the_problem_is_reported() -> None:
    high = replace(policy("crs.fever", for_s=0), priority=AlertPriority.HIGH)
    problem = policy("crs.suspected", for_s=0, absorbs=("crs.fever",))
    for part, is_reported in ((high, True), (replace(high, priority=AlertPriority.MEDIUM), False)):
        alerts = AlertBook([problem, part], AlertLabels("site", "ward", "hash"))
        changes = alerts.apply([finding("P", 0, "crs.suspected"), finding("P", 0)])
        fever = [c for c in changes if c.alert.rule_id == "crs.fever"]
        assert [c.is_signalled for c in fever] == [is_reported]


def test_a_part_that_nobody_answers_surfaces_as_it_becomes_more_urgent_than_the_problem() -> None:
    fever = policy("crs.fever", for_s=0)
    rising = replace(fever, escalate_after_s=60, escalate_priority=AlertPriority.HIGH)
    problem = policy("crs.suspected", for_s=0, absorbs=("crs.fever",))
    alerts = AlertBook([problem, rising], AlertLabels("site", "ward", "hash"))
    alerts.apply([finding("P", 0, "crs.suspected"), finding("P", 0)])
    assert alerts.due_at(BED, at(0)) == at(60)
    assert alerts.apply([finding("_", 50, "crs.suspected"), finding("_", 50)]) == []
    # Nothing at all is said of the fever, and time passes all the same.
    (change,) = alerts.apply([finding("_", 60, "crs.suspected")])
    assert (change.alert.rule_id, change.alert.priority) == ("crs.fever", AlertPriority.HIGH)
    assert change.is_signalled


def test_what_recovers_does_not_rise_while_nothing_is_said_of_it() -> None:
    rising = replace(
        policy("crs.fever", for_s=0), escalate_after_s=20, escalate_priority=AlertPriority.HIGH
    )
    alerts = AlertBook([rising, policy("crs.slow", for_s=0)], AlertLabels("site", "ward", "hash"))
    alerts.apply([finding("P", 0)])
    alerts.apply([finding("-", 10)])
    assert alerts.apply([finding("_", 40, "crs.slow")]) == []
    (change,) = alerts.apply([finding("_", 50)])
    assert change.alert.priority is AlertPriority.HIGH


def test_a_sign_of_the_patient_is_never_part_of_an_alert_about_the_watching() -> None:
    feed = policy("system.feed", for_s=0, absorbs=("crs.fever",), kind=TECHNICAL)
    alerts = AlertBook([feed, policy("crs.fever", for_s=0)], AlertLabels("site", "ward", "hash"))
    changes = alerts.apply([finding("P", 0, "system.feed"), finding("P", 0)])
    assert [c.is_signalled for c in changes] == [True, True]


def test_a_restart_goes_on_with_the_time_that_nobody_acknowledged() -> None:
    rising = replace(
        policy("crs.fever", for_s=0), escalate_after_s=60, escalate_priority=AlertPriority.HIGH
    )
    before = AlertBook([rising], AlertLabels("site", "ward", "hash"))
    (raised,) = before.apply([finding("P", 0)])
    after = AlertBook([rising], AlertLabels("site", "ward", "hash"))
    after.restore([raised.alert])
    assert after.apply([finding("_", 50)]) == []
    (change,) = after.apply([finding("_", 60)])
    assert change.alert.priority is AlertPriority.HIGH


def test_only_open_alerts_that_have_not_ended_are_reported() -> None:
    alerts = book()
    step(alerts, 0, fever="P", slow="P", oxygen="P")
    answer(alerts, "crs.fever", 5)
    assert set(alerts.reported_evidence(BED)) == {"crs.fever", "crs.oxygen"}
    for seconds in (10, 20, 30):
        step(alerts, seconds, fever="P", oxygen="-")
    assert set(alerts.reported_evidence(BED)) == {"crs.fever"}


def test_the_next_patient_inherits_nothing_pending_and_the_watching_stays() -> None:
    about = policy("signal.hidden", for_s=0, kind=TECHNICAL)
    alerts = AlertBook([*POLICIES, about], AlertLabels("site", "ward", "hash"), HIDDEN)
    names = ("crs.slow", "crs.fever", "signal.lost.spo2", "signal.hidden")
    alerts.apply([finding("P", 0, rule_id) for rule_id in names])
    changes = alerts.move("", BED, at(10))
    assert {c.alert.rule_id: c.is_signalled for c in changes} == {
        "crs.slow": False,
        "crs.fever": True,
        "signal.hidden": True,
    }
    assert {c.alert.closed_because for c in changes} == {"another patient"}
    assert [a.rule_id for a in alerts.open_alerts()] == ["signal.lost.spo2"]
    assert alerts.move("", BED, at(20)) == []


def test_a_part_that_nobody_knows_of_does_not_surface_as_the_patient_changes() -> None:
    about = policy("signal.hidden", for_s=0, kind=TECHNICAL, absorbs=("signal.lost.*",))
    alerts = AlertBook([*POLICIES, about], AlertLabels("site", "ward", "hash"), HIDDEN)
    names = ("signal.hidden", "signal.lost.spo2")
    for is_reported in (False, True):
        if is_reported:
            alerts.apply([finding("P", 100, names[1])])
        alerts.apply([finding("P", 110, rule_id) for rule_id in names])
        changes = alerts.move("", BED, at(120))
        assert [c.alert.rule_id for c in changes] == list(names[: 1 if is_reported else 2])


def test_a_part_whose_answer_expires_in_the_step_that_ends_it_does_not_signal() -> None:
    bed = AnsweredBed(times={AlertPriority.MEDIUM: ResponseTimes(1800.0, 100.0, 60.0)})
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.answer(15)
    for seconds in (100, 110, 120):
        bed.step(seconds, fever="~", suspected="-")
    assert bed.states() == {"fever": "resolved", "suspected": "resolved"}
    assert (bed.fever.signal, bed.fever.resolved_at) == ("first", at(120))
