"""An alert in words: the sign that rang first, with its value, its unit and its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.facts import Fact, FactKind, Note, NoteKind
from edge_agent.model.language import Language
from edge_agent.wording.rule_texts import RuleText
from edge_agent.wording.sentence import (
    HEADLINE_WORDS,
    action_of,
    evidence_of,
    headline_of,
    sentence_of,
    worded,
)
from tests.support.samples import an_alert
from tests.support.worded_alerts import (
    BERLIN,
    HEART,
    NOW,
    NS,
    PRESSURE,
    SPO2,
    WARM,
    alert,
    limit,
    technical,
)

EN, DE = Language.EN, Language.DE


def test_the_sign_that_rang_leads_and_the_others_follow() -> None:
    shock = alert("vital.shock", PRESSURE, others=(HEART, SPO2, replace(WARM, limit=None)))
    assert headline_of(shock, EN, BERLIN) == "Possible shock: BP 72/42 mmHg"
    assert sentence_of(shock, EN, BERLIN) == (
        "BP 72/42 mmHg at 04:26 (below 75), HR 147/min, SpO2 88 %, T 39.2 °C. Since 04:26."
    )
    assert action_of(shock, EN) == "See the patient now."
    assert headline_of(shock, DE, BERLIN) == "Schock möglich: Blutdruck 72/42 mmHg"
    assert sentence_of(shock, DE, BERLIN) == (
        "Blutdruck 72/42 mmHg um 04:26 (unter 75), HF 147/min, SpO2 88 %, Temp 39,2 °C. Seit 04:26."
    )
    assert action_of(shock, DE) == "Jetzt zum Patienten gehen."


@pytest.mark.parametrize(
    ("fact", "headline", "sentence"),
    [
        (
            replace(HEART, value=188.0, limit=limit(150, for_s=60)),
            "Heart very fast: HR 188/min",
            "HR 188/min (150 or more for 1 min)",
        ),
        (
            replace(HEART, value=31.0, limit=limit(35, is_lower=True, for_s=60)),
            "Heart very slow: HR 31/min",
            "HR 31/min (below 35 for 1 min)",
        ),
        (
            replace(HEART, value=0.0, limit=limit(35, is_lower=True, for_s=60)),
            "Heart very slow: HR 0/min",
            "HR 0/min (below 35 for 1 min)",
        ),
    ],
)
def test_the_case_of_an_or_is_named(fact: Fact, headline: str, sentence: str) -> None:
    found = alert("vital.heart_rate_extreme", fact)
    assert headline_of(found, EN, BERLIN) == headline
    assert sentence_of(found, EN, BERLIN) == f"{sentence}. Since 04:26."


def test_more_oxygen_is_a_case_of_low_oxygen_with_its_own_words() -> None:
    given = Fact(FactKind.OXYGEN, 4.0, "L/min", names=("nasal cannula",), limit=limit(1))
    found = alert("crs.hypoxia", given, others=(replace(SPO2, value=95.0),))
    assert headline_of(found, EN, BERLIN) == "More oxygen: nasal cannula 4 l/min"
    assert sentence_of(found, EN, BERLIN).startswith(
        "More oxygen: nasal cannula 4 l/min, SpO2 95 %."
    )
    assert headline_of(found, DE, BERLIN) == "Mehr Sauerstoff: Nasenbrille 4 l/min"
    unknown = replace(given, value=None, names=("face mask",))
    assert headline_of(alert("crs.hypoxia", unknown), EN, BERLIN) == "More oxygen: face mask"
    assert sentence_of(alert("crs.hypoxia", unknown), EN, BERLIN).startswith(
        "More oxygen: face mask."
    )


def test_a_lost_signal_says_since_when_and_its_last_value() -> None:
    last = replace(SPO2, value=97.0, is_lost=True, measured_utc_ns=NOW - 840 * NS)
    lost = technical("signal.lost.spo2", last)
    assert headline_of(lost, EN, BERLIN) == "SpO2 not measured since 04:12"
    assert sentence_of(lost, EN, BERLIN) == "SpO2 97 % when last measured at 04:12."
    without = technical("signal.lost.spo2", replace(last, value=None))
    assert sentence_of(without, EN, BERLIN).startswith("SpO2: last usable value at 04:12.")
    never = technical("signal.lost.spo2", replace(last, value=None, measured_utc_ns=None))
    assert headline_of(never, EN, BERLIN) == "SpO2 not measured"
    assert sentence_of(never, EN, BERLIN).startswith("SpO2: no usable value yet.")


def test_a_hidden_sign_names_the_value_that_it_had() -> None:
    last = replace(
        HEART, value=142.0, is_lost=True, measured_utc_ns=NOW - 60 * NS, limit=limit(110)
    )
    hidden = technical("signal.hidden.heart_rate", last)
    assert headline_of(hidden, EN, BERLIN) == "Heart rate lost after HR 142/min"
    assert sentence_of(hidden, EN, BERLIN) == "HR 142/min when last measured at 04:25."
    untimed = technical("signal.hidden.heart_rate", replace(last, measured_utc_ns=None))
    assert sentence_of(untimed, EN, BERLIN).startswith("HR 142/min when last measured.")


def test_a_state_of_the_monitoring_says_since_when_it_holds() -> None:
    since = Fact(FactKind.MONITORING, measured_utc_ns=NOW - 840 * NS)
    note = Note(NoteKind.LINK, ("no answer", "/dev/ttyUSB0 was unplugged"))
    link = technical("system.link", since, notes=(note,))
    assert headline_of(link, EN, BERLIN) == "Link to monitor lost since 04:12"
    assert sentence_of(link, EN, BERLIN) == (
        "Since 04:12. Link: no answer; /dev/ttyUSB0 was unplugged."
    )
    assert sentence_of(link, DE, BERLIN) == (
        "Seit 04:12. Verbindung: keine Antwort; /dev/ttyUSB0 wurde abgezogen."
    )


def test_the_time_is_left_out_of_a_headline_that_would_grow_long() -> None:
    assert HEADLINE_WORDS == 6
    since = Fact(FactKind.MONITORING, measured_utc_ns=NOW - 840 * NS)
    found = technical("system.monitor_changed", since)
    assert headline_of(found, EN, BERLIN) == "Different monitor at this bed"


@pytest.mark.parametrize(
    ("fact", "headline"),
    [
        (replace(PRESSURE, value=None), "Possible shock: mean 52 mmHg"),
        (replace(PRESSURE, diastolic=None), "Possible shock: BP 72 mmHg"),
        (Fact(FactKind.VASOPRESSOR, names=("x",)), "Possible shock: x"),
        (Fact(FactKind.NEWS2, 8.0), "Possible shock: 8 points"),
        (Fact(FactKind.CRS_SCORE, 7.0), "Possible shock: 7 points"),
    ],
)
def test_a_headline_ends_with_the_value_in_its_shortest_form(fact: Fact, headline: str) -> None:
    assert headline_of(alert("vital.shock", fact), EN, BERLIN) == headline


def test_the_day_after_the_infusion_and_entries_follow() -> None:
    notes = (
        Note(NoteKind.SYMPTOM, ("chills",), None, NOW - 2160 * NS),
        Note(NoteKind.FLUIDS, (), 1.5),
        Note(NoteKind.FLAG, ("neutropenia",)),
        Note(NoteKind.OXYGEN, ("nasal cannula",), 2.0),
    )
    infused = NOW - 3 * 86_400 * NS
    found = alert("crs.fever", WARM, product="axi-cel", infused_utc_ns=infused, day=3, notes=notes)
    assert sentence_of(found, EN, BERLIN).endswith(
        " Since 04:26, day 3 after axi-cel (25 Nov). "
        "Entered: chills 03:50, fluids 1.5 l in 24 h, neutropenia."
    )


def test_times_of_another_day_are_read_with_their_date() -> None:
    shock = alert("vital.shock", PRESSURE)
    tomorrow = sentence_of(shock, EN, BERLIN, NOW + 86_400 * NS)
    assert tomorrow.startswith("BP 72/42 mmHg at 28 Nov 04:26")


def test_the_evidence_lists_facts_and_treatments_with_their_times() -> None:
    notes = (
        Note(NoteKind.OXYGEN, ("air",)),
        Note(NoteKind.OXYGEN, ("high-flow cannula",), 40.0),
        Note(NoteKind.VASOPRESSORS),
        Note(NoteKind.VASOPRESSORS, ("norepinephrine",)),
        Note(NoteKind.ANTIPYRETIC, at_utc_ns=NOW - 7200 * NS),
        Note(NoteKind.SYMPTOM, ("rash",), None, NOW - 60 * NS),
        Note(NoteKind.ALARMS, ("*** VTACH",)),
    )
    state = Fact(FactKind.MONITORING, measured_utc_ns=NOW)
    found = alert("crs.x", PRESSURE, state, others=(WARM,), notes=notes)
    assert [
        (line.text, (NOW - line.at_utc_ns) // NS) for line in evidence_of(found, EN, BERLIN)
    ] == [
        ("BP 72/42 mmHg at 04:26 (below 75)", 0),
        ("T 39.2 °C, 2.4 above own baseline (38.0 or more for 10 min)", 0),
        ("oxygen: room air", 0),
        ("oxygen: high-flow cannula 40 l/min", 0),
        ("no vasopressor", 0),
        ("vasopressors: norepinephrine", 0),
        ("antipyretic at 02:26", 7200),
        ("rash 04:25", 60),
    ]


def test_what_devices_say_opens_with_its_subject() -> None:
    notes = (
        Note(NoteKind.ALARMS, ('"*** VTACH"', '"APNEA"')),
        Note(
            NoteKind.FAILURES,
            (
                "line of bed-07 stopped and was restarted",
                "BedEvent could not be stored or reported (OSError)",
                "a step could not be evaluated (OSError)",
                "NumericsReceived could not be evaluated (OSError)",
            ),
        ),
        Note(NoteKind.CLOCK, ("the gateway's clock was set ahead by 5 min",)),
        Note(NoteKind.NOT_USED, ("sensor off or no signal",)),
        Note(NoteKind.NO_VITAL, ("ST-II (code 7, mm)",)),
        Note(NoteKind.AWAY, ("ct",), None, NOW + 600 * NS),
        Note(NoteKind.MISSING, ("temperature", "SpO2")),
    )
    found = technical("system.agent", notes=notes)
    assert sentence_of(found, EN, BERLIN) == (
        'Since 04:26. The monitor shows "*** VTACH"; "APNEA". '
        "Line of bed-07 stopped and was restarted; something could not be stored or reported; "
        "readings or a command could not be evaluated. "
        "The gateway's clock was set ahead by 5 min. "
        "Not used: sensor off or no signal. "
        "The monitor answers but sends no vital sign that is evaluated: ST-II (code 7, mm). "
        "Away: CT until 04:36. Missing: temperature, SpO2."
    )
    assert "Die Uhr des Gateways wurde um 5 min vorgestellt." in sentence_of(found, DE, BERLIN)
    assert "Es fehlt: Temperatur, SpO2." in sentence_of(found, DE, BERLIN)


def test_an_alert_without_facts_keeps_its_own_text_and_explanation() -> None:
    old = replace(an_alert(), rule_id="vital.shock", text="Old text.", explanation="BP 72.")
    assert headline_of(old, EN, BERLIN) == "Possible shock"
    assert sentence_of(old, EN, BERLIN) == "BP 72."
    assert evidence_of(old, EN, BERLIN) == ()
    assert worded(old, DE, BERLIN) == old


def test_a_rule_without_words_here_is_read_as_its_gateway_wrote_it() -> None:
    foreign = replace(alert("ward.own", PRESSURE), text="Unser Text.")
    assert headline_of(foreign, EN, BERLIN) == "Unser Text."
    assert action_of(foreign, EN) == ""
    assert worded(foreign, EN, BERLIN).text == "Unser Text."
    own = {language: {"ward.own": RuleText("Ours", "Go.")} for language in Language}
    assert headline_of(foreign, EN, BERLIN, own) == "Ours: BP 72/42 mmHg"
    assert worded(foreign, EN, BERLIN, own).text == "Ours: BP 72/42 mmHg. Go."


def test_an_alert_is_stored_with_its_words_in_the_sites_language() -> None:
    shock = alert("vital.shock", PRESSURE)
    german = worded(shock, DE, BERLIN)
    assert german.text == "Schock möglich: Blutdruck 72/42 mmHg. Jetzt zum Patienten gehen."
    assert german.explanation == sentence_of(shock, DE, BERLIN)
    assert replace(german, text=shock.text, explanation=shock.explanation) == shock


def test_an_alert_that_was_not_raised_says_no_since() -> None:
    pending = replace(alert("vital.shock", PRESSURE), raised_at=None)
    assert sentence_of(pending, EN, BERLIN) == "BP 72/42 mmHg at 04:26 (below 75)."
    bare = replace(alert("vital.shock"), raised_at=None)
    assert sentence_of(bare, EN, BERLIN) == ""
