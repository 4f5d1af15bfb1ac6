"""No two texts that stand open on a bed at one moment contradict each other or say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import cache
from itertools import combinations, groupby
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.batch.detector import BatchDetector
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.model.alerts import AlertKind, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.facts import Fact, FactKind
from edge_agent.model.language import Language
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.wording.sentence import HEADLINE_WORDS, action_of, headline_of, sentence_of
from simulators.patients.context import patient_entries
from simulators.scenarios.scenario_file import load_scenario, scenario_names
from tests.batch.test_detector import random_recording
from tests.support.worded_alerts import HEART, NOW, SPO2, alert, limit, technical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from edge_agent.batch.detection import Transition
    from edge_agent.model.alerts import Alert

LESS: Final = {
    "crs.prefever": {"crs.fever", "signal.hidden.temperature"},
    "crs.prefever.heart": {"crs.fever"},
    "crs.hypoxia": {"vital.severe_hypoxia"},
    "crs.hypotension": {"vital.shock"},
    "crs.tachycardia": {"vital.heart_rate_extreme"},
    "crs.suspected": {"crs.organ_sign"},
    "vital.recheck_pressure": {"crs.hypotension", "vital.shock", "vital.very_low_pressure"},
    "vital.very_low_pressure": {"vital.shock"},
    "signal.not_computable": {"crs.suspected", "crs.organ_sign"},
}
"""Rules that say less than others, which therefore tell it alone."""
FORBIDDEN: Final = {"error", "null", "none", "exception", "nan", "inf"}
AFTER_S: Final = (None, 300.0)
"""Seconds until somebody answers; None: nobody does."""


@cache
def detector(acknowledged_after_s: float | None) -> BatchDetector:
    return BatchDetector(read_rulebook(None).rules, acknowledged_after_s=acknowledged_after_s)


@cache
def scenario_transitions(name: str, after_s: float | None) -> tuple[Transition, ...]:
    scenario = load_scenario(name, 1)
    _, recording = read_patient(scenario.patient)
    entries = patient_entries(scenario.patient, recording.start_utc_ns)
    return detector(after_s).run(recording, entries).transitions


def open_sets(transitions: Iterable[Transition]) -> Iterator[tuple[float, list[Alert]]]:
    """Yield each moment with a change, and the alerts that stand open and on their own then."""
    newest: dict[str, Alert] = {}
    for at_s, changes in groupby(transitions, key=lambda transition: transition.at_s):
        newest |= {change.alert.rule_id: change.alert for change in changes}
        yield (
            at_s,
            [a for a in newest.values() if a.is_open and a.is_signalled and not a.absorbed_by],
        )


def measured(alert: Alert) -> list[Fact]:
    """Return the values that an alert gives as those of its moment."""
    others = () if alert.facts is None else alert.facts.others
    signs = (*_rang(alert), *others)
    return [f for f in signs if f.value is not None and f.measured_utc_ns is None]


def _rang(alert: Alert) -> tuple[Fact, ...]:
    return () if alert.facts is None else alert.facts.rang


def sides(alert: Alert) -> dict[FactKind, bool]:
    """Return the vital signs that an alert of the patient calls low (True) or high (False)."""
    if alert.kind is not AlertKind.PHYSIOLOGICAL:
        return {}
    signs = [fact for fact in _rang(alert) if not fact.is_former]
    return {fact.kind: fact.limit.is_lower for fact in signs if fact.limit is not None}


def contradiction(one: Alert, other: Alert) -> str:
    """Return how the texts of two open alerts contradict each other; empty if they do not."""
    if headline_of(one, Language.EN, UTC) == headline_of(other, Language.EN, UTC):
        return "the same headline"
    ours, theirs = sides(one), sides(other)
    for kind in ours.keys() & theirs.keys():
        if ours[kind] != theirs[kind]:
            return f"{kind} is low and high"
    for lost, seen in ((one, other), (other, one)):
        missing = {fact.kind for fact in _rang(lost) if fact.is_lost}
        given = {value.kind for value in measured(seen)}
        # a value from before the loss was reported was true in its time
        if missing & given and _raised_ns(seen) >= _raised_ns(lost):
            return f"{min(missing & given)} is not measured and has a value"
    return ""


def says_less(one: Alert, other: Alert) -> bool:
    """Return True if one was raised beside an unanswered other that says more."""
    is_unanswered = other.state is AlertState.RAISED and one.state is AlertState.RAISED
    is_known = other.rule_id in LESS.get(one.rule_id, ())
    return is_unanswered and is_known and _raised_ns(one) >= _raised_ns(other)


def _raised_ns(alert: Alert) -> int:
    assert alert.raised_at is not None
    return alert.raised_at.monotonic_ns


def mistakes(transitions: Iterable[Transition]) -> set[str]:
    """Return the contradictions that last for more than a minute.

    A signal that was hidden has returned when it was seen for 50 of 60 s.
    """
    since_s: dict[str, float] = {}
    found = set()
    for at_s, alerts in open_sets(transitions):
        now = set()
        for one, other in combinations(alerts, 2):
            wrong = [contradiction(one, other)]
            wrong += ["one says less"] * (says_less(one, other) or says_less(other, one))
            now |= {f"{one.rule_id} beside {other.rule_id}: {words}" for words in wrong if words}
        found |= {words for words, first_s in since_s.items() if at_s - first_s > 60}
        since_s = {words: since_s.get(words, at_s) for words in now}
    return found | since_s.keys()


@pytest.mark.untraced
@pytest.mark.parametrize("after_s", AFTER_S)
@pytest.mark.parametrize("name", sorted(scenario_names()))
def test_no_open_texts_of_a_scenario_contradict_each_other(
    name: str, after_s: float | None
) -> None:
    assert mistakes(scenario_transitions(name, after_s)) == set()


@pytest.mark.untraced
@pytest.mark.parametrize("seed", range(12))
def test_no_open_texts_of_random_readings_contradict_each_other(seed: int) -> None:
    assert mistakes(detector(None).run(random_recording(seed, 6.0)).transitions) == set()


@pytest.mark.untraced
@pytest.mark.parametrize("language", Language)
def test_every_text_of_every_scenario_can_be_read_in_three_seconds(language: Language) -> None:
    seen = set()
    for name in scenario_names():
        for _, alerts in open_sets(scenario_transitions(name, None)):
            for one in alerts:
                seen.add(one.rule_id)
                headline = headline_of(one, language, UTC)
                assert len(headline.split()) <= HEADLINE_WORDS, headline
                for text in (headline, sentence_of(one, language, UTC), action_of(one, language)):
                    words = {word.strip(".,:;()").lower() for word in text.split()}
                    assert text, one.rule_id
                    assert not words & FORBIDDEN, text
                    assert one.rule_id not in text
    assert len(seen) > 15


def test_a_contradiction_made_by_hand_is_found() -> None:
    fast = alert("crs.tachycardia", replace(HEART, limit=limit(120, for_s=60)), others=(SPO2,))
    slow = alert(
        "vital.heart_rate_extreme", replace(HEART, value=30.0, limit=limit(35, is_lower=True))
    )
    assert contradiction(fast, slow) == "heart_rate is low and high"
    lost = replace(SPO2, is_lost=True, measured_utc_ns=NOW - 10)
    assert contradiction(fast, technical("signal.lost.spo2", lost)) == (
        "spo2 is not measured and has a value"
    )
    later = replace(technical("signal.lost.spo2", lost), raised_at=Instant(1, NOW + 1))
    assert contradiction(later, fast) == ""
    assert contradiction(fast, replace(fast, rule_id="crs.tachycardia")) == "the same headline"
