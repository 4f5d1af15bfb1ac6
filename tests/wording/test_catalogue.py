"""Every language has every phrase, and no phrase is there for nothing."""

from __future__ import annotations

import re
import string
from pathlib import Path
from typing import Final

import pytest

from edge_agent.model.alerts import AlertPriority, AlertState, SignalReason
from edge_agent.model.assessment import AssessmentState
from edge_agent.model.course import Course
from edge_agent.model.duty import Duty
from edge_agent.model.facts import FactKind, NoteKind, Reference
from edge_agent.model.language import Language
from edge_agent.model.patient import OxygenDevice
from edge_agent.patient.entry_check import FLAGS, SYMPTOMS
from edge_agent.wording.catalogue import (
    listed,
    number,
    phrase,
    phrases,
    short_number,
    translated,
)

ROOT: Final = Path(__file__).resolve().parents[2] / "edge_agent"
TRANSLATED: Final = {"reason", "missing", "closed", "unassessed", "refusal"}
"""Sections whose English phrases are texts of the program itself."""
MEMBERS: Final[dict[str, set[str]]] = {
    "name": set(FactKind),
    "signal": set(SignalReason),
    "duty": set(Duty),
    "course": set(Course),
    "above": set(Reference),
    "priority": {priority.name.lower() for priority in AlertPriority},
    "symptom": set(SYMPTOMS),
    "flag": set(FLAGS),
    "device": {device.value.replace(" ", "_").replace("-", "_") for device in OxygenDevice},
    "months": {str(month) for month in range(1, 13)},
    "value": {*FactKind} - {FactKind.MONITORING}
    | {"systolic", "mean", "oxygen_flow", "unknown", "line", "doubtful"},
    "tail": {"points", "oxygen", "oxygen_flow", "vasopressor", "since", "former"}
    | {"mean", "systolic"},
    "when": {"at", "by_hand", "former", "former_untimed", "never", "last", "raised"},
    "limit": {f"{side}_{how}" for side in ("low", "high") for how in ("for", "twice", "once")}
    | {"mean", "share", "for", "qualified"},
    "span": {"seconds", "minutes", "hours"},
    "note": {*NoteKind} - {NoteKind.SYMPTOM, NoteKind.FLAG}
    | {"day", "entered", "timed", "oxygen_flow", "no_vasopressors"}
    | {"not_evaluated", "not_stored", "missing_earlier"},
    "state": {state.value for state in AlertState}
    | {"acknowledged_by", "closed", "absorbed", "stale", "inhibited", "silenced", "test"},
    "assessment": {*AssessmentState} | {"away"},
    "grade": {"none", "one", "range"},
    "link": {"connected", "lost", "lost_because", "never"},
}
"""Members of which each has a phrase, by section."""


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", Language)
def test_every_language_has_the_same_phrases_with_the_same_placeholders(
    language: Language,
) -> None:
    english, other = phrases(Language.EN), phrases(language)
    assert other.keys() == english.keys()
    assert {k: holes(v) for k, v in other.items()} == {k: holes(v) for k, v in english.items()}
    assert [key for key, text in other.items() if text != text.strip() or not text] == []


def test_german_is_no_copy_of_english() -> None:
    english, german = phrases(Language.EN), phrases(Language.DE)
    same = [key for key in english if english[key] == german[key] and english[key].isalpha()]
    assert len(same) < len(english) / 10


@pytest.mark.parametrize("section", MEMBERS)
def test_each_member_has_a_phrase_and_no_phrase_is_of_no_member(section: str) -> None:
    keys = {key.partition(".")[2] for key in phrases(Language.EN) if key.startswith(f"{section}.")}
    assert keys == {str(member) for member in MEMBERS[section]}


def test_no_phrase_is_there_for_nothing() -> None:
    source = "\n".join(
        path.read_text() for suffix in ("*.py", "*.js") for path in ROOT.rglob(suffix)
    )
    named = set(re.findall(r"[\"'`]([a-z_]+\.[a-z_0-9]+)[\"'`]", source))
    composed = set(re.findall(r"[\"'`]([a-z_]+)\.\$?\{", source))
    unused = {
        key
        for key in phrases(Language.EN)
        if key not in named
        and key.partition(".")[0] not in composed
        and key.partition(".")[0] not in TRANSLATED | MEMBERS.keys()
    }
    assert unused == set()


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert number(Language.EN, 39.25, 1) == "39.2"
    assert number(Language.DE, 39.25, 1) == "39,2"
    assert number(Language.DE, 0.0) == "0"
    assert short_number(Language.DE, 1.5) == "1,5"
    assert short_number(Language.EN, 2.0) == "2"


def test_words_are_listed_with_commas() -> None:
    assert listed(["a", "b"]) == "a, b"
    assert listed(()) == ""


@pytest.mark.parametrize(
    ("section", "text", "german"),
    [
        ("missing", "temperature", "Temperatur"),
        ("unassessed", "no data from the bed", "keine Daten vom Bett"),
        ("reason", "sensor off or no signal", "Sensor ab oder kein Signal"),
        ("reason", "no sound message for 30 s", "seit 30 s keine lesbare Nachricht"),
        ("reason", "jump from 80 to 140 /min, not confirmed yet", None),
        ("reason", "/dev/ttyUSB0 was unplugged", "/dev/ttyUSB0 wurde abgezogen"),
        ("closed", "patient moved to bed-02", "Patient ist jetzt in bed-02"),
    ],
)
def test_a_text_of_the_program_is_read_in_the_readers_language(
    section: str, text: str, german: str | None
) -> None:
    assert translated(section, text, Language.EN) == text
    wanted = german or "Sprung von 80 auf 140 /min, noch nicht bestätigt"
    assert translated(section, text, Language.DE) == wanted


def test_a_devices_own_words_stay_as_they_are() -> None:
    assert translated("reason", "*** VTACH", Language.DE) == "*** VTACH"
    assert translated("missing", "no such input", Language.DE) == "no such input"


def test_the_longest_phrase_that_fits_a_text_is_taken() -> None:
    text = "/dev/ttyS0 was unplugged, or its device was switched off"
    assert translated("reason", text, Language.DE) == (
        "/dev/ttyS0 wurde abgezogen, oder das Gerät wurde ausgeschaltet"
    )


def test_a_placeholder_without_a_value_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="time"):
        phrase(Language.EN, "when.raised")
