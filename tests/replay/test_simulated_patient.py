"""Patients of a cohort that a command names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.replay.simulated_patient import member_of, patient_moments
from simulators.cohorts.cohort_file import load_cohort, shipped_cohorts
from simulators.patients.patient import BLOCK_S

if TYPE_CHECKING:
    from pathlib import Path

NAME = shipped_cohorts()[0]
LAST = load_cohort(NAME).patients - 1


@pytest.mark.parametrize("number", [0, LAST])
def test_the_id_names_the_cohort_and_the_patient(number: int) -> None:
    patient_id = f"{NAME}-{number:05}"
    assert member_of("cohort show", "ID", patient_id, None).patient_id == patient_id


def test_a_stay_ends_within_a_block_of_samples() -> None:
    seconds = BLOCK_S + 5
    patient = replace(load_cohort(NAME), days=seconds / 86_400).patient(0).patient
    assert [moment.at_s for moment in patient_moments(patient)] == list(range(seconds))


@pytest.mark.parametrize("wrong", [f"{NAME}-{LAST + 1:05}", f"{NAME}-x", f"{NAME}-"])
def test_a_patient_beyond_the_cohort_is_refused_with_the_range(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        member_of("cohort show", "ID", wrong, None)
    (mistake,) = caught.value.mistakes
    assert f"is {wrong!r}; want {NAME}-00000 to {NAME}-{LAST:05}" in str(mistake)


def test_a_cohort_that_is_given_counts_and_not_the_one_in_the_id(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        member_of("replay", "--patient", "none-00000", None)
    assert member_of("replay", "--patient", "none-00001", NAME).patient_id == f"{NAME}-00001"
    with pytest.raises(ConfigError):
        member_of("replay", "--patient", f"{NAME}-00001", str(tmp_path / "none.toml"))
