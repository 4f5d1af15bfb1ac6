"""A patient who is away: no assessment, no alert about missing signals, and a way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertState, SignalReason
from edge_agent.model.assessment import AssessmentState, PauseOfBed
from edge_agent.model.facts import Note, NoteKind
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, open_alerts, pipeline
from tests.support.ward_alerts import changed
from tests.ward.test_changes_over_starts import Journal
from tests.ward.test_occupancy import (
    OTHER,
    admit,
    discharge,
    enter,
    entered,
    given,
    rejections,
    two_beds,
    wait,
)

if TYPE_CHECKING:
    from edge_agent.model.assessment import BedReport
    from edge_agent.model.patient import PatientEntry
    from edge_agent.ward.beds import Outcome
    from edge_agent.ward.pipeline import Pipeline

SIGNALS = frozenset({"spo2", "heart_rate"})
LOST = ("signal.lost.heart_rate", "signal.lost.monitor", "signal.lost.spo2", "system.feed")


def away(at_s: float, until_s: float, name: str = "ct", **more: object) -> PatientEntry:
    entry = given("away", at_s, name, **{"patient_id": "", **more})
    return replace(entry, until_utc_ns=START.plus(until_s).utc_ns)


def hear(
    line: Pipeline, seconds: range, *, spo2: float | None = 97, hr: float | None = 80
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for second in seconds:
        at = START.plus(second)
        outcomes += line.receive(PLACE, [message(second, hr=hr, spo2=spo2, temp=37.0)], at)
    return outcomes


def told(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(a.rule_id, a.state.value) for a in alerts_of(outcomes) if not a.is_inhibited]


def report(line: Pipeline, at_s: float) -> BedReport:
    (found,) = [r for r in line.due_reports(START.plus(at_s)) if r.bed_id == BED]
    return found


def test_a_bed_whose_patient_is_away_is_not_assessed_and_says_until_when() -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    assert report(line, 60).assessment.state is not AssessmentState.NOT_ASSESSING
    enter(line, away(60, 1860), 60)
    found = report(line, 60)
    assert (found.assessment.state, found.assessment.reason) == (
        AssessmentState.NOT_ASSESSING,
        "patient is away",
    )
    assert found.patient is not None
    assert found.patient.away == PauseOfBed("ct", START.plus(1860).utc_ns, "N12")
    assert found.patient.is_present
    wait(line, range(70, 1900, 10))
    found = report(line, 1900)
    assert found.assessment.reason == "no data from the bed"
    assert found.patient is not None
    assert found.patient.away is None


def test_no_missing_signal_is_reported_until_the_planned_end_and_then_at_once() -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    outcomes = enter(line, away(60, 1260), 60)
    outcomes += wait(line, range(70, 1260, 10))
    assert told(outcomes) == []
    assert {a.rule_id for a in open_alerts(line)} == set(LOST)
    assert all(a.is_inhibited and not a.is_signalled for a in open_alerts(line))
    outcomes = wait(line, range(1260, 1290, 10))
    assert ("system.feed", "raised") in told(outcomes)
    (feed,) = [a for a in alerts_of(outcomes) if a.rule_id == "system.feed"]
    assert (feed.signal, feed.is_inhibited) == (SignalReason.FIRST, False)


def test_an_alert_that_was_reported_before_waits_and_signals_again_at_the_end() -> None:
    line = pipeline(SIGNALS)
    outcomes = hear(line, range(1, 61)) + wait(line, range(70, 200, 10))
    assert ("system.feed", "raised") in told(outcomes)
    outcomes = enter(line, away(200, 1400), 200) + wait(line, range(210, 1400, 10))
    assert told(outcomes) == []
    (feed,) = [a for a in open_alerts(line) if a.rule_id == "system.feed"]
    assert (feed.is_signalled, feed.is_inhibited) == (True, True)
    outcomes = wait(line, range(1400, 1420, 10))
    (again,) = [a for a in alerts_of(outcomes) if a.rule_id == "system.feed"]
    assert (again.signal, again.signal_n) == (SignalReason.REMINDER, again.n)


def test_what_ends_as_the_patient_is_back_ends_unreported() -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    enter(line, away(60, 1260), 60)
    wait(line, range(70, 1220, 10))
    outcomes = hear(line, range(1220, 1500))
    assert [(rule_id, state) for rule_id, state in told(outcomes) if state == "raised"] == []
    assert open_alerts(line) == []


@pytest.mark.parametrize("spo2", [80.0, 0.0])
def test_a_sign_of_the_patient_is_reported_while_away(spo2: float) -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    enter(line, away(60, 3600), 60)
    outcomes = hear(line, range(61, 300), spo2=spo2 or None, hr=190)
    raised = [a for a in alerts_of(outcomes) if a.state is AlertState.RAISED]
    assert "vital.heart_rate_extreme" in {a.rule_id for a in raised if not a.is_inhibited}
    assert ("vital.severe_hypoxia" in {a.rule_id for a in raised}) is bool(spo2)
    (fast,) = [a for a in raised if a.rule_id == "vital.heart_rate_extreme"]
    assert fast.facts is not None
    assert Note(NoteKind.AWAY, ("ct",), at_utc_ns=START.plus(3600).utc_ns) in fast.facts.notes


def test_signals_that_are_back_while_still_marked_away_are_a_reminder() -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    outcomes = enter(line, away(60, 3600), 60)
    outcomes += hear(line, range(61, 300))
    assert told(outcomes) == [], "the probes are still on"
    outcomes = wait(line, range(300, 600, 10)) + hear(line, range(600, 700))
    assert told(outcomes) == []
    outcomes = hear(line, range(700, 900))
    assert told(outcomes) == [("system.still_away", "raised")]
    ended = replace(
        given("away", 60, "ct", patient_id=""),
        entry_id="end",
        corrects="away/60",
        until_utc_ns=START.plus(900).utc_ns,
    )
    outcomes = enter(line, ended, 900) + hear(line, range(901, 1000))
    assert ("system.still_away", "resolved") in told(outcomes)
    assert not line._evaluation.occupancy.is_away(BED, START.plus(1000))


def test_an_absence_that_is_taken_back_counts_no_longer() -> None:
    line = pipeline(SIGNALS)
    hear(line, range(1, 61))
    enter(line, away(60, 3600), 60)
    wait(line, range(70, 300, 10))
    void = away(60, 3600, corrects="away/60", is_void=True)
    outcomes = enter(line, replace(void, entry_id="void"), 300) + wait(line, range(310, 330, 10))
    assert ("system.feed", "raised") in told(outcomes)


@pytest.mark.parametrize("kind", ["admitted", "transferred", "discharged"])
def test_another_patient_or_bed_ends_an_absence(kind: str) -> None:
    line = two_beds()
    admit(line, 1)
    hear(line, range(2, 61))
    enter(line, away(60, 3600), 60)
    assert line._evaluation.occupancy.is_away(BED, START.plus(61))
    if kind == "admitted":
        discharge(line, 70, "P1")
        admit(line, 71, "P2")
    elif kind == "transferred":
        enter(line, given("transferred", 71, patient_id="P1"), 71, OTHER)
        admit(line, 72, "P2")
    else:
        discharge(line, 71, "P1")
    for bed_id in (BED, OTHER):
        assert not line._evaluation.occupancy.is_away(bed_id, START.plus(100))
    outcomes = wait(line, range(80, 300, 10))
    assert not any(a.is_inhibited for a in changed(outcomes))


def test_an_absence_goes_on_over_a_restart() -> None:
    line = two_beds()
    admitted = admit(line, 1)
    outcomes = admitted + hear(line, range(2, 61))
    outcomes += enter(line, away(60, 1260), 60) + wait(line, range(70, 700, 10))
    journal = Journal(line, outcomes)
    assert len(entered(outcomes)) == 2
    again = [a for a in changed(journal.restored(700)) if a.bed_id == BED]
    assert [a for a in again if a.is_signalled] == []
    outcomes = wait(journal.line, range(710, 1250, 10))
    assert [a.rule_id for a in alerts_of(outcomes) if a.bed_id == BED and not a.is_inhibited] == []
    outcomes = wait(journal.line, range(1250, 1400, 10))
    assert "system.feed" in {a.rule_id for a in alerts_of(outcomes) if a.bed_id == BED}


@pytest.mark.parametrize(
    ("entry", "mistake"),
    [
        (given("away", 60, "ct", patient_id=""), "until_utc_ns is missing; want an end within 4 h"),
        (away(60, 60 + 4 * 3600 + 1), "until_utc_ns is 4.0 h after the start; want 4 h at most"),
        (away(60, 600, "lunch"), "name 'lunch'; want 'ct', 'other', 'shower', 'therapy', 'tran"),
        (away(60, 600, ""), "name ''; want 'ct', 'other'"),
    ],
)
def test_an_absence_has_a_reason_and_an_end(entry: PatientEntry, mistake: str) -> None:
    line = pipeline(SIGNALS)
    (reason,) = rejections(enter(line, entry, 60))
    assert mistake in reason
