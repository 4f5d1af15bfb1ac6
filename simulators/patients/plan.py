"""The plan of a simulated stay: every event with its time, without chance.

Times are patient time in seconds; 0 is the beginning of monitoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Cause of a fever."""

    CRS = "crs"
    INFECTION = "infection"


class TreatmentKind(StrEnum):
    """Kind of treatment by staff."""

    ANTIPYRETIC = "antipyretic"
    TOCILIZUMAB = "tocilizumab"
    STEROID = "steroid"
    FLUIDS = "fluids"
    VASOPRESSOR = "vasopressor"
    OXYGEN = "oxygen"


class EpisodeKind(StrEnum):
    """Kind of event besides the illness that can look like it."""

    INFUSION_REACTION = "infusion_reaction"
    TRANSFUSION_REACTION = "transfusion_reaction"
    PAIN = "pain"
    WALK = "walk"
    ATRIAL_FIBRILLATION = "atrial_fibrillation"
    SLEEP_BRADYCARDIA = "sleep_bradycardia"
    DESATURATION = "desaturation"
    SKIN_WARMING = "skin_warming"
    COOLING = "cooling"
    HAEMORRHAGE = "haemorrhage"
    PULMONARY_EMBOLISM = "pulmonary_embolism"
    FLUID_OVERLOAD = "fluid_overload"


class FaultKind(StrEnum):
    """Kind of fault between patient and gateway."""

    PROBE_OFF = "probe_off"
    """The monitor notices it and shows no value."""
    PROBE_ZERO = "probe_zero"
    """The monitor shows zero."""
    PROBE_FLAT = "probe_flat"
    """An oximeter in the air shows a steady 100."""
    STUCK = "stuck"
    """The value no longer changes."""
    MOTION = "motion"
    """SpO2 is low and the pulse differs from the heart rate."""
    CUFF_ERROR = "cuff_error"
    """One odd reading."""
    DRIFT_OFF = "drift_off"
    """A temperature probe slips off and cools."""
    FAHRENHEIT = "fahrenheit"
    """The number is in Fahrenheit, the unit says Celsius."""
    LOSS = "loss"
    """Nothing arrives from the monitor."""
    DUPLICATE = "duplicate"
    """Every message arrives twice."""
    REORDER = "reorder"
    """Messages arrive up to a minute late and out of order."""
    CUFF_DEEP = "cuff_deep"
    """One reading is too low."""
    CUFF_HIGH = "cuff_high"
    """One reading is too high."""
    CUFF_NARROW = "cuff_narrow"
    """One reading has almost no pulse pressure."""
    CUFF_SWAPPED = "cuff_swapped"
    """One reading has systolic and diastolic pressure swapped."""
    CUFF_FAILED = "cuff_failed"
    """One reading ends without a value."""
    CUFF_MISSED = "cuff_missed"
    """One reading is not taken."""
    PROBE_SLIPPED = "probe_slipped"
    """A temperature probe slips, off or partly, and settles at a lower value."""
    PROBE_WARMED = "probe_warmed"
    """A blanket, a bath or a hot drink warms a temperature probe."""
    PROBE_COOLED = "probe_cooled"
    """Ice, a blanket or a cold drink cools a temperature probe."""
    TRANSPORT = "transport"
    """The patient is away from the monitor."""
    NO_PROBE = "no_probe"
    """Nobody put on a probe: a habit of the ward, nothing to announce."""
    CLOCK_STEP = "clock_step"
    """The monitor's wall clock jumps."""


class Sensor(StrEnum):
    """Sensor that a fault concerns."""

    ECG = "ecg"
    SPO2 = "spo2"
    TEMPERATURE = "temperature"
    CUFF = "cuff"
    ALL = "all"
    """The whole monitor."""


@dataclass(frozen=True, slots=True)
class LimbCourse:
    """A fall of pressure or oxygen: in over `rise_s`, out over `fall_s` before `end_s`."""

    onset_s: float
    rise_s: float
    end_s: float
    fall_s: float
    depth: float
    """Untreated fall: mmHg systolic, or points of SpO2."""


@dataclass(frozen=True, slots=True)
class Illness:
    """A febrile illness in its untreated course."""

    cause: Cause
    onset_s: float
    """Beginning of the temperature's drift."""
    rise_s: float
    """Time from `onset_s` to the first peak, seconds."""
    end_s: float
    fall_s: float
    """Length of the last fall, which ends at `end_s`, seconds."""
    peak: float
    """Height of the peak above the patient's baseline, Celsius."""
    excess_heart_rate: float
    """Heart rate at the peak beyond the rise due to fever, 1/min."""
    spike_every_s: float
    """Time from one spike of fever to the next, seconds."""
    valley: float
    """Share of the elevation that is lost between spikes, 0 to 1."""
    has_rigors: bool
    hypotension: LimbCourse | None = None
    hypoxia: LimbCourse | None = None
    shock_heart_rate: float = 22.0
    """Rise of the heart rate at full hypotension, 1/min."""
    hypoxia_breaths: float = 6.0
    """Rise of the respiratory rate at full hypoxia, 1/min."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment and its amount."""

    kind: TreatmentKind
    at_s: float
    until_s: float
    """End of a vasopressor or of oxygen; `at_s` for a single dose."""
    name: str
    """Name: noradrenaline, nasal cannula, paracetamol."""
    amount: float
    """Amount. Antipyretic: reduction in degrees; fluids: litres; oxygen: l/min; others: share of
    the usual effect, usually 1."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Another event of the patient; `size` in the unit of its kind."""

    kind: EpisodeKind
    from_s: float
    to_s: float
    size: float


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault of a sensor, the monitor or the line."""

    kind: FaultKind
    sensor: Sensor
    from_s: float
    to_s: float
    size: float = 0.0
    """Size. Stuck: the value shown; clock step: seconds; cuff error, deep and high: mmHg of the
    jump, 0 for a pulse pressure of almost nothing; cuff narrow: mmHg of pulse pressure; motion: the
    SpO2 shown, 0 where only the pulse is wrong; slipped, warmed, cooled: degrees Celsius."""


@dataclass(frozen=True, slots=True)
class PlannedEntry:
    """An entry by a person: ICE, chills, a transfusion, a spot temperature."""

    at_s: float
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class CuffPlan:
    """Interval of cuff measurements, `every_s` seconds from `from_s` on."""

    from_s: float
    every_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A patient's whole stay."""

    length_s: float
    cuff: tuple[CuffPlan, ...]
    """In order of time."""
    cuff_requests_s: tuple[float, ...] = ()
    """Times of additional readings that staff request."""
    illnesses: tuple[Illness, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    episodes: tuple[Episode, ...] = ()
    faults: tuple[PlannedFault, ...] = ()
    entries: tuple[PlannedEntry, ...] = ()
    cuff_scatter_mmhg: float = 0.0
    """Scatter of cuff readings beyond the person's own, standard deviation."""
