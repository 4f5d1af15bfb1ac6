"""No open alert keeps a new sign of a simulated patient untold, on wards drawn at random."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.detector import BatchDetector, recorded_signals, recorded_stay
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import draw_ward
from simulators.patients.context import patient_entries
from tests.support.untold import ToldCourse

RULES = read_rulebook(None).rules
WARDS = st.integers(0, 10**6)
NUMBERS = st.integers(0, 200)
ANSWERS_S = st.sampled_from((None, None, 60.0, 600.0, 3600.0, 20_000.0))


def check(ward_seed: int, number: int, answered_after_s: float | None, days: float) -> None:
    """Assert that every medium or high condition of a patient is told."""
    cohort = replace(load_cohort("tune"), ward=draw_ward(ward_seed), days=days)
    member = cohort.patient(number)
    _, recording = read_patient(member.patient)
    entries = patient_entries(member.patient, recording.start_utc_ns, member.events())
    stay = recorded_stay(recording, entries)
    rules = [rule for rule in RULES if rule.signal in recorded_signals(recording) | {""}]
    found = BatchDetector(RULES, None, answered_after_s).run(recording, entries)
    course = ToldCourse(
        {rule.rule_id: rule.policy for rule in rules},
        found.steps_s,
        StayAnswers(stay, rules).presence,
        [(each.at_s, each.alert) for each in found.transitions],
    )
    assert list(course.untold()) == []


@pytest.mark.untraced
@settings(max_examples=4)
@given(WARDS, NUMBERS, ANSWERS_S)
def test_no_open_alert_keeps_a_new_sign_untold(
    ward_seed: int, number: int, answered_after_s: float | None
) -> None:
    check(ward_seed, number, answered_after_s, 4.0)


@pytest.mark.proof
@settings(max_examples=60)
@given(WARDS, NUMBERS, ANSWERS_S)
def test_no_open_alert_keeps_a_new_sign_untold_in_a_fortnight(
    ward_seed: int, number: int, answered_after_s: float | None
) -> None:
    check(ward_seed, number, answered_after_s, 14.0)
