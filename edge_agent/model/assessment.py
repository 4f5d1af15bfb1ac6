"""Whether a bed's patient is assessed for CRS at a moment, and everything that goes into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.clock import Instant


class AssessmentState(StrEnum):
    """A bed is in exactly one of these at any moment."""

    ASSESSING = "assessing"
    """All inputs are fresh."""
    DEGRADED = "degraded"
    """Some inputs are missing; those that are there are judged."""
    NOT_ASSESSING = "not_assessing"
    """Silence says nothing of the patient."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """In which state a bed is, and why."""

    state: AssessmentState
    reason: str
    """Why it is not assessed; empty where it is."""
    missing: tuple[str, ...]
    """Inputs that are not fresh."""
    since: Instant
    """Since when state and reason are so; what is missing may have changed meanwhile."""


@dataclass(frozen=True, slots=True)
class TermPoints:
    """What one term of the CRS suspicion score gives at a moment."""

    name: str
    text: str
    """What it means with its limits, for people."""
    low: int
    high: int
    """Equal where its inputs are known."""
    value: float | None
    """What is held against the limits; None where it is not known, or no number."""
    unit: str
    """UCUM; empty without a value."""


@dataclass(frozen=True, slots=True)
class PointRange:
    """The lowest and highest score that the known inputs allow."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """A score that is shown and that no rule looks at."""

    name: str
    """mews, qsofa; bedside_pews for children."""
    points: PointRange


@dataclass(frozen=True, slots=True)
class RiskMarker:
    """What laboratory values say of a patient's risk; it never raises an alert."""

    name: str
    """easix, modified_easix."""
    value: float
    oldest_s: float
    """Age of the oldest value in it."""


@dataclass(frozen=True, slots=True)
class GradeShown:
    """The range of a CRS grade as it is told; a suggestion."""

    scale: str
    low: int
    high: int
    decided_by: str
    missing: tuple[str, ...]
    """What could narrow the range."""
    text: str
    """The fixed wording for people."""


@dataclass(frozen=True, slots=True)
class InputAge:
    """How old the newest usable reading of an input is."""

    name: str
    age_s: float | None
    """None where there never was one."""
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class BedReport:
    """All that is known of the assessment of one bed at one moment, for people."""

    bed_id: str
    at: Instant
    assessment: Assessment
    inputs: tuple[InputAge, ...]
    crs_score: PointRange | None
    """None before the first minute is over."""
    terms: tuple[TermPoints, ...]
    """Those of the score, of the minute that ended last; empty without a score."""
    news2: PointRange | None
    """None before the first minute is over, and for children."""
    scores: tuple[ScoreShown, ...]
    """Of the minute that ended last; empty before the first is over."""
    risk_markers: tuple[RiskMarker, ...]
    """Those whose laboratory values were all entered."""
    shock_index: float | None
    """None where heart rate or pressure is not fresh."""
    mean_pressure_mmhg: float | None
    """None where no pressure is fresh."""
    grade: GradeShown
    """By ASTCT."""
    other_grades: tuple[GradeShown, ...]
    """By CTCAE, and of neurotoxicity where anybody looked."""
