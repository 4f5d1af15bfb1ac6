"""A cohort names its physiology; the first is the default, and its files do not say so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.model.errors import ConfigError
from simulators.cohorts.cohort import PhysiologyName
from simulators.cohorts.cohort_file import format_cohort, load_cohort, parse_cohort, shipped_cohorts
from simulators.cohorts.cohort_store import write_cohort
from simulators.cohorts.realism import realism
from simulators.patients.context import context_events, patient_entries
from simulators.patients.negatives import CONFOUNDERS, FAULTS
from simulators.patients.truth import truth_of

SETPOINT = replace(load_cohort("tune"), physiology=PhysiologyName.SETPOINT)
SMALL = replace(SETPOINT, name="small", patients=3, days=1.3)
FIRST_PATIENTS = 120


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_first_physiology_is_the_default_and_its_files_stay_as_they_were() -> None:
    for name in shipped_cohorts():
        spec = load_cohort(name)
        assert spec.physiology is PhysiologyName.CURVES
        assert "physiology" not in format_cohort(spec)
        assert spec.patient(0).patient.physiology is None


def test_the_second_is_chosen_by_name_and_written_again() -> None:
    text = format_cohort(SETPOINT)
    assert 'physiology = "setpoint"' in text
    assert parse_cohort(text, "x") == SETPOINT
    assert parse_cohort(text.replace("setpoint", "curves"), "x") == load_cohort("tune")
    with pytest.raises(ConfigError) as caught:
        parse_cohort(text.replace("setpoint", "setpoints"), "x")
    assert [mistake.key for mistake in caught.value.mistakes] == ["physiology"]


def test_the_same_spec_gives_the_same_bytes_on_any_number_of_cores(tmp_path: Path) -> None:
    for workers in (1, 2):
        list(write_cohort(SMALL, tmp_path / str(workers), workers))
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    list(write_cohort(replace(SMALL, seed=1), tmp_path / "other", 1))
    mine, others = contents(tmp_path / "1"), contents(tmp_path / "other")
    assert all(mine[name] != others[name] for name in mine if name.startswith("small-"))


@pytest.mark.untraced
def test_its_patients_are_as_the_cohort_asks() -> None:
    members = [SETPOINT.patient(number) for number in range(FIRST_PATIENTS)]
    grades = Counter(member.grade for member in members)
    assert grades[0] / FIRST_PATIENTS == pytest.approx(SETPOINT.no_crs, abs=0.13)
    marks = {mark for member in members for mark in member.marks}
    assert marks >= {*CONFOUNDERS}
    assert marks & {*FAULTS}
    for member in members:
        assert member.patient.physiology is not None
        assert all(event.kind for event in context_events(member.patient))
        assert patient_entries(member.patient, 0)
        if not member.marks:
            assert truth_of(member.patient).worst_grade == member.grade


@pytest.mark.proof
def test_nothing_about_the_second_physiology_is_off_without_a_reason() -> None:
    figures = realism(SETPOINT, 500)
    assert [(one.name, one.simulated) for one in figures if one.is_off and not one.why] == []
