"""Patients of an evaluation: a cohort as it is, or on several wards and in several physiologies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from edge_agent.evaluate.stays.peer_alerts import Peer
from edge_agent.evaluate.stays.stay import Place
from simulators.cohorts.cohort import CohortPatient, CohortSpec, PhysiologyName
from simulators.habits.ward_habits import WardHabits


class Answers(Enum):
    """Answers to alerts that no single time describes."""

    NEVER = "never"
    WARD = "ward"
    """Each alert after the time that the nurses of its ward take, or never."""


Answered = Answers | float
"""Answers to alerts: after so many seconds, or as `Answers` says."""
TEN_MINUTES_S: Final = 600.0
"""Time after which a nurse is assumed to acknowledge an alert; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some patients of a cohort in one place."""

    spec: CohortSpec
    numbers: range

    @property
    def place(self) -> Place:
        """Ward and physiology."""
        ward = self.spec.ward
        return Place("" if ward is None else ward.name, self.spec.physiology)


@dataclass(frozen=True, slots=True)
class Study:
    """Patients of an evaluation, the answers to their alerts, and another detector's alerts."""

    parts: tuple[Part, ...]
    answered: Answered = TEN_MINUTES_S
    peer: Peer | None = None
    """Another detector; None for none."""

    @property
    def spec(self) -> CohortSpec:
        """Definition of the cohort, in the first of its places."""
        return self.parts[0].spec

    @property
    def patients(self) -> int:
        """Number of stays."""
        return sum(len(part.numbers) for part in self.parts)

    def member(self, place: Place, number: int) -> CohortPatient:
        """Return a patient of one place."""
        return next(part.spec for part in self.parts if part.place == place).patient(number)


def whole_cohort(spec: CohortSpec, answered: Answered = TEN_MINUTES_S) -> Study:
    """Return all patients of a cohort where they are."""
    return Study((Part(spec, range(spec.patients)),), answered)


def on_wards(
    spec: CohortSpec,
    wards: Sequence[WardHabits | None],
    physiologies: Sequence[PhysiologyName],
    each: int,
    answered: Answered,
) -> Study:
    """Return a cohort spread over wards, the same numbers in every physiology.

    The numbers go on from ward to ward: different persons lie on different wards, so that a study
    of twelve wards has seen twelve times as many courses as one ward.

    Parameters
    ----------
    each
        Number of patients on each ward, at most as many as the cohort has for all.
    """
    parts = [
        Part(replace(spec, ward=ward, physiology=physiology), range(n * each, (n + 1) * each))
        for physiology in physiologies
        for n, ward in enumerate(wards)
    ]
    return Study(tuple(parts), answered)
