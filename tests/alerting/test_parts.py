"""A part comes to stand on its own by the readings of now, never by those it was raised with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.parts import PROBLEM_OVER
from edge_agent.model.alerts import Alert, AlertPriority, AlertState
from edge_agent.model.findings import Evidence, Finding, Presence
from tests.support.answers import acknowledgement
from tests.support.findings import BED, at, facts, finding, policy

SEVERE, LOW = "vital.severe_hypoxia", "crs.hypoxia"
POLICIES = [
    replace(policy(SEVERE, for_s=0, latch_s=None), covers=(LOW,), priority=AlertPriority.HIGH),
    policy(LOW, for_s=0, latch_s=60),
]


def said(mark: str, seconds: float, rule_id: str, spo2: float = 0, missing: str = "") -> Finding:
    """Return a finding that says the SpO2 it rests on; as an engine does, nothing if absent."""
    found = finding(mark, seconds, rule_id)
    if found.presence is not Presence.PRESENT:
        return found
    evidence = Evidence("spo2", "newest", spo2, "%", 180.0, 1.0, 90.0, at(seconds))
    words = f"SpO2 {spo2:g} %."
    return replace(
        found, evidence=(evidence,), facts=facts(words), missing=(missing,) if missing else ()
    )


class Book:
    """The alerts of a severe and a milder lack of oxygen, one letter for each finding."""

    def __init__(self) -> None:
        self.alerts = AlertBook(POLICIES, AlertLabels("site", "ward", "hash"))
        self._at_s = 0

    def step(self, seconds: float, severe: str, low: str, spo2: float = 0) -> dict[str, Alert]:
        """Return what changes by one evaluation."""
        changes = self.alerts.apply(
            [said(severe, seconds, SEVERE, spo2), said(low, seconds, LOW, spo2)]
        )
        return {c.alert.rule_id: c.alert for c in changes}

    def steps(self, until_s: int, severe: str, low: str, spo2: float = 0) -> dict[str, Alert]:
        """Return the changes of the last of the steps of 10 s up to a moment."""
        found: dict[str, Alert] = {}
        for seconds in range(self._at_s + 10, until_s + 1, 10):
            found = self.step(seconds, severe, low, spo2)
            self._at_s = seconds
        return found

    def answer(self, rule_id: str, seconds: float) -> dict[str, Alert]:
        """Return what changes as a nurse answers."""
        alert = self.current(rule_id)
        given = self.alerts.answer(acknowledgement(BED, alert.alert_id, "nurse-3"), at(seconds))
        assert given.refusals == []
        return {c.alert.rule_id: c.alert for c in given.changes}

    def current(self, rule_id: str) -> Alert:
        """Return the newest alert of a rule."""
        alert = self.alerts.current(BED, rule_id)
        assert alert is not None
        return alert


def after_the_problem(low: str, spo2: float, *, is_known: bool = False) -> Book:
    """Return a book whose severe alert was acknowledged and ends in the step of 120 s."""
    book = Book()
    if is_known:
        book.step(-10, "-", "P", 89)
    book.step(0, "P", "P", 83)
    book.answer(SEVERE, 5)
    book.steps(90, "~", "P", 88)
    book.steps(110, "-", "P", 90)
    book.step(120, "-", low, spo2)
    assert book.current(SEVERE).state is AlertState.RESOLVED
    return book


@pytest.mark.parametrize("is_known", [False, True])
def test_a_part_that_still_holds_is_raised_with_the_readings_of_now(*, is_known: bool) -> None:
    low = after_the_problem("P", 91, is_known=is_known).current(LOW)
    state = AlertState.ACKNOWLEDGED if is_known else AlertState.RAISED  # with its problem
    assert (low.state, low.is_signalled, low.absorbed_by) == (state, True, "")
    assert (low.facts, [e.value for e in low.evidence]) == (facts("SpO2 91 %."), [91])


@pytest.mark.parametrize("is_known", [False, True])
def test_a_part_that_no_longer_holds_is_over_with_its_acknowledged_problem(
    *, is_known: bool
) -> None:
    book = after_the_problem("~", 0, is_known=is_known)
    low = book.current(LOW)
    assert (low.state, low.is_signalled) == (AlertState.RESOLVED, is_known)
    assert (low.closed_because, low.acknowledged_by) == (PROBLEM_OVER, "nurse-3")
    again = book.step(130, "-", "P", 87)[LOW]
    assert (again.state, again.is_signalled, again.facts) == (
        AlertState.RAISED,
        True,
        facts("SpO2 87 %."),
    )
    assert again.alert_id != low.alert_id


def test_a_part_of_which_nothing_is_known_waits_and_is_raised_with_the_first_reading() -> None:
    book = after_the_problem("_", 0)
    low = book.current(LOW)
    assert (low.state, low.is_signalled) == (AlertState.RAISED, False)
    assert book.step(130, "-", "_") == {}
    back = book.step(140, "-", "P", 87)[LOW]
    assert (back.alert_id, back.is_signalled, back.facts) == (
        low.alert_id,
        True,
        facts("SpO2 87 %."),
    )


def test_a_known_part_of_which_nothing_is_known_stays_open_and_names_no_old_reading() -> None:
    low = after_the_problem("_", 0, is_known=True).current(LOW)
    assert (low.state, low.is_signalled, low.absorbed_by) == (AlertState.ACKNOWLEDGED, True, "")
    assert (low.facts, low.explanation) == (None, "")


def test_an_answer_raises_a_late_part_only_by_what_was_said_of_it_just_now() -> None:
    for low, acknowledged_s, spo2 in (("P", 35, 86), ("P", 80, None), ("_", 35, None)):
        book = Book()
        book.step(0, "P", "P", 83)
        book.steps(20, "-", "P", 85)
        book.step(30, "-", low, 86)
        assert book.current(SEVERE).state is AlertState.LATCHED
        changes = book.answer(SEVERE, acknowledged_s)
        assert [a.evidence[0].value for r, a in changes.items() if r == LOW] == [spo2][: spo2 or 0]
        assert book.current(LOW).is_signalled == (spo2 is not None)


def test_what_was_said_of_another_patient_raises_nothing() -> None:
    book = Book()
    book.step(0, "P", "-", 83)
    book.step(700, "P", "P", 84)
    moved = {c.alert.rule_id: c.alert for c in book.alerts.move(BED, "bed-08", at(705))}
    book.alerts.move("bed-08", BED, at(706))
    assert moved[LOW].absorbed_by == moved[SEVERE].alert_id
    book.answer(SEVERE, 707)
    # Nothing was judged here since: the part waits.
    assert not book.current(LOW).is_signalled


def test_a_part_that_ended_is_over_with_the_problem_that_nobody_acknowledged() -> None:
    policies = [replace(POLICIES[0], latch_s=60), replace(POLICIES[1], latch_s=None)]
    for is_known in (False, True):
        alerts = AlertBook(policies, AlertLabels("site", "ward", "hash"))
        if is_known:
            alerts.apply([said("P", -10, LOW, 89)])
        for seconds in range(0, 120, 10):
            mark = "-" if seconds else "P"
            alerts.apply([said(mark, seconds, rule, 83) for rule in (SEVERE, LOW)])
        low = alerts.current(BED, LOW)
        assert low is not None
        over = AlertState.LATCHED if is_known else AlertState.RESOLVED
        assert (low.state, low.is_signalled, low.closed_because) == (over, is_known, "")
        assert low.acknowledged_at is None
        assert not is_known or not low.absorbed_by


def test_a_known_part_whose_problem_nobody_acknowledged_stays_open() -> None:
    policies = [replace(POLICIES[0], latch_s=10), POLICIES[1]]
    alerts = AlertBook(policies, AlertLabels("site", "ward", "hash"))
    alerts.apply([said("P", -10, LOW, 89)])
    for seconds in range(0, 60, 10):
        severe = "-" if seconds else "P"
        alerts.apply(
            [said(severe, seconds, SEVERE, 83), said("~" if seconds else "P", seconds, LOW, 83)]
        )
    low = alerts.current(BED, LOW)
    assert low is not None
    assert (low.state, low.absorbed_by, low.facts) == (AlertState.RAISED, "", None)


def test_a_part_that_waits_hides_nothing() -> None:
    policies = [
        policy("crs.organ_sign", for_s=0, latch_s=None, absorbs=("crs.suspected",)),
        policy("crs.suspected", for_s=0, latch_s=None, absorbs=("crs.fever",)),
        policy("crs.fever", for_s=0),
    ]
    for suspected, told in (("_", ["crs.fever"]), ("~", ["crs.fever"]), ("P", ["crs.suspected"])):
        alerts = AlertBook(list(reversed(policies)), AlertLabels("site", "ward", "hash"))
        alerts.apply([finding("P", 0, p.rule_id) for p in policies])
        organ = alerts.current(BED, "crs.organ_sign")
        assert organ is not None
        alerts.answer(acknowledgement(BED, organ.alert_id, "nurse-3"), at(5))
        for seconds in (10, 20, 30):
            alerts.apply(
                [
                    finding("-", seconds, "crs.organ_sign"),
                    finding(suspected if seconds == 30 else "P", seconds, "crs.suspected"),
                    finding("P", seconds, "crs.fever"),
                ]
            )
        assert [a.rule_id for a in alerts.open_alerts() if a.is_signalled] == told


def test_what_is_raised_anew_says_nothing_of_the_time_before() -> None:
    alerts = AlertBook([policy(LOW, for_s=0, latch_s=60)], AlertLabels("site", "ward", "hash"))
    alerts.apply([said("P", 0, LOW, 84, missing="vasopressors")])
    for seconds in (10, 20, 30):
        alerts.apply([said("-", seconds, LOW)])
    (change,) = alerts.apply([replace(said("P", 40, LOW, 86), facts=None)])
    assert (change.alert.state, change.alert.facts) == (AlertState.RAISED, None)
    assert change.alert.missing == ()


def test_a_part_is_explained_anew_as_long_as_it_holds() -> None:
    book = Book()
    book.step(0, "P", "P", 83)
    assert list(book.alerts.reported_evidence(BED)) == [SEVERE]
