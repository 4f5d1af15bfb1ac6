"""A bed's assessment for CRS at one moment, and its report with all inputs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind


class AssessmentState(StrEnum):
    """The assessment states; a bed is always in exactly one of them."""

    ASSESSING = "assessing"
    """All inputs are fresh."""
    DEGRADED = "degraded"
    """Some inputs are missing; the others are evaluated."""
    NOT_ASSESSING = "not_assessing"
    """Silence does not mean that the patient is well."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """State of a bed, with its reason."""

    state: AssessmentState
    reason: str
    """Reason why the bed is not assessed; empty if it is."""
    missing: tuple[str, ...]
    """Inputs that are not fresh."""
    since: Instant
    """Start of the present state and reason; `missing` may have changed since."""


@dataclass(frozen=True, slots=True)
class TermPoints:
    """Points of one term of the CRS suspicion score at one moment."""

    name: str
    text: str
    """Meaning of the term with its limits, human-readable."""
    low: int
    high: int
    """Equal to `low` where the inputs are known."""
    value: float | None
    """Value compared with the limits; None where it is unknown or not a number."""
    unit: str
    """UCUM; empty without a value."""


@dataclass(frozen=True, slots=True)
class PointRange:
    """Lowest and highest score that the known inputs allow."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class ShownScore:
    """A score that is shown and that no rule reads."""

    name: str
    """mews or qsofa; bedside_pews for children."""
    points: PointRange


@dataclass(frozen=True, slots=True)
class RiskMarker:
    """A patient's risk computed from laboratory values; it never raises an alert."""

    name: str
    """easix or modified_easix."""
    value: float
    oldest_s: float
    """Age of the oldest laboratory value in it, seconds."""


@dataclass(frozen=True, slots=True)
class ShownGrade:
    """The range of a CRS grade as it is shown; a suggestion."""

    scale: str
    low: int
    high: int
    decided_by: str
    missing: tuple[str, ...]
    """Inputs that could narrow the range."""
    text: str
    """Sentence that people read."""


@dataclass(frozen=True, slots=True)
class InputAge:
    """Age of the newest usable reading of an input."""

    name: str
    age_s: float | None
    """Seconds; None without a usable reading."""
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class UsualBand:
    """The patient's own usual values of one vital, in its canonical unit."""

    kind: VitalKind
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PauseOfBed:
    """A pause in the monitoring of a bed whose patient is away."""

    name: str
    """shower, ct, transport, therapy or other."""
    until_utc_ns: int
    by: str


@dataclass(frozen=True, slots=True)
class PatientAtBed:
    """The stay of the patient in a bed, without anything that names a person."""

    patient_id: str
    """Pseudonymous; empty for an empty bed."""
    is_present: bool
    """False once the last patient has left and no other was admitted."""
    since_utc_ns: int | None
    """Start of the stay at this bed; None where nobody was ever admitted."""
    product: str = ""
    """As in `PatientContext`."""
    infused_utc_ns: int | None = None
    away: PauseOfBed | None = None
    """None while the patient is at the bed."""


@dataclass(frozen=True, slots=True)
class BedReport:
    """The assessment of one bed at one moment with all its inputs, for people."""

    bed_id: str
    at: Instant
    assessment: Assessment
    inputs: tuple[InputAge, ...]
    crs_score: PointRange | None
    """None before the first minute has ended."""
    terms: tuple[TermPoints, ...]
    """Terms of the score in the minute that ended last; empty without a score."""
    news2: PointRange | None
    """None before the first minute has ended, and for children."""
    scores: tuple[ShownScore, ...]
    """Scores of the minute that ended last; empty before the first has ended."""
    risk_markers: tuple[RiskMarker, ...]
    """Markers whose laboratory values were all entered."""
    shock_index: float | None
    """None where heart rate or pressure is out of date."""
    mean_pressure_mmhg: float | None
    """None where every pressure is out of date."""
    grade: ShownGrade
    """ASTCT grade."""
    other_grades: tuple[ShownGrade, ...]
    """CTCAE grade, and the grade of neurotoxicity where its inputs were entered."""
    usual: tuple[UsualBand, ...] = ()
    """Bands of the patient's own usual values; none before they are known."""
    temperature_slope_per_h: float | None = None
    """Slope of the temperature, Cel/h; None where it is not known."""
    patient: PatientAtBed | None = None
    """None where it is not known."""
