"""States, signals, inputs and links in both languages."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from edge_agent.model.alerts import AlertPriority, AlertState, SignalReason
from edge_agent.model.assessment import AssessmentState
from edge_agent.model.clock import Instant
from edge_agent.model.course import Course
from edge_agent.model.duty import Duty
from edge_agent.model.language import Language
from edge_agent.wording.status_words import (
    assessment_words,
    away_words,
    course_words,
    duty_words,
    flag_words,
    grade_words,
    link_words,
    missing_words,
    priority_words,
    reason_words,
    signal_words,
    state_words,
)
from tests.support.samples import an_alert

EN, DE = Language.EN, Language.DE
BERLIN = ZoneInfo("Europe/Berlin")
NOW = 1_795_836_360 * 10**9  # 28 Nov 2026, 04:26 in Berlin


def test_signals_duties_priorities_and_courses_have_words() -> None:
    assert signal_words(SignalReason.NEW_SIGN, EN) == "new sign"
    assert duty_words(Duty.CHARGE, DE) == "Schichtleitung"
    assert priority_words(AlertPriority.HIGH, DE) == "hoch"
    assert course_words(Course.WORSE, EN) == "worse"


def test_a_state_says_who_answered_and_how_it_ended() -> None:
    alert = replace(an_alert(), state=AlertState.RAISED, absorbed_by="", acknowledged_by="")
    assert state_words(alert, EN) == "not answered"
    answered = replace(alert, state=AlertState.ACKNOWLEDGED, acknowledged_by="N7")
    assert state_words(answered, DE) == "beantwortet von N7"
    assert state_words(replace(answered, acknowledged_by=""), EN) == "answered"
    assert state_words(replace(alert, state=AlertState.LATCHED), EN) == "ended, not seen"
    closed = replace(alert, state=AlertState.RESOLVED, closed_because="patient moved to bed-02")
    assert state_words(closed, DE) == "vorbei: Patient ist jetzt in bed-02"
    assert state_words(replace(alert, absorbed_by="x"), EN) == "part of a larger problem"


def test_facts_beside_the_state_are_named_each() -> None:
    alert = replace(an_alert(), silenced_until=Instant(0, NOW + 60 * 10**9))
    assert flag_words(alert, EN, BERLIN, NOW) == ("silent until 04:27",)
    assert flag_words(alert, EN, BERLIN, NOW + 61 * 10**9) == ()
    both = replace(an_alert(), is_stale=True, is_inhibited=True, is_test=True)
    assert flag_words(both, DE, BERLIN, NOW) == (
        "zurzeit nicht beobachtet",
        "nicht im Bett",
        "TEST",
    )


def test_an_assessment_says_what_is_missing_or_why_there_is_none() -> None:
    assert assessment_words(AssessmentState.ASSESSING, "", (), EN) == "assessed"
    degraded = assessment_words(AssessmentState.DEGRADED, "", ("temperature", "SpO2"), DE)
    assert degraded == "eingeschränkt: ohne Temperatur, SpO2"
    none = assessment_words(AssessmentState.NOT_ASSESSING, "no data from the bed", (), DE)
    assert none == "nicht bewertet: keine Daten vom Bett"
    assert missing_words("product and infusion time", DE) == "Produkt und Zeit der Infusion"


def test_a_bed_whose_patient_is_away_says_until_when() -> None:
    until = NOW + 1800 * 10**9
    assert away_words("ct", until, NOW, BERLIN, EN) == "away: CT until 04:56"
    assert away_words("shower", until, NOW, BERLIN, DE) == "nicht im Bett: Dusche bis 04:56"


def test_a_link_says_why_it_is_lost() -> None:
    assert link_words("connected", "the device talks", EN) == "connected"
    assert link_words("lost", "", DE) == "Verbindung verloren"
    assert link_words("lost", "no answer", DE) == "Verbindung verloren: keine Antwort"
    assert link_words("never", "", EN) == "not connected yet"


def test_several_reasons_are_read_one_by_one() -> None:
    reason = "sensor off or no signal; monitor in test mode"
    assert reason_words(reason, DE) == "Sensor ab oder kein Signal; Monitor im Testbetrieb"
    assert reason_words("", DE) == ""


def test_a_grade_is_always_a_suggestion_that_excludes_no_infection() -> None:
    for language in Language:
        for low, high in ((0, 0), (2, 2), (2, 4)):
            words = grade_words(low, high, language)
            assert "suggestion" in words or "Vorschlag" in words
            assert "infection" in words.lower() or "Infektion" in words
    assert grade_words(2, 4, EN).startswith("if CRS: ASTCT grade 2 to 4")
    assert grade_words(3, 3, DE).startswith("falls CRS: ASTCT-Grad 3")
