"""What befalls a simulated patient: every event with its time, nothing left to chance.

Times are patient time in seconds; 0 is when monitoring begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why there is fever."""

    CRS = "crs"
    INFECTION = "infection"


class TreatmentKind(StrEnum):
    """What staff can give."""

    ANTIPYRETIC = "antipyretic"
    TOCILIZUMAB = "tocilizumab"
    STEROID = "steroid"
    FLUIDS = "fluids"
    VASOPRESSOR = "vasopressor"
    OXYGEN = "oxygen"


class EpisodeKind(StrEnum):
    """What happens to a patient besides the illness, and can look like it."""

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
    """What goes wrong between patient and gateway."""

    PROBE_OFF = "probe_off"
    """The monitor knows it and shows no value."""
    PROBE_ZERO = "probe_zero"
    """The monitor shows zero."""
    PROBE_FLAT = "probe_flat"
    """An oximeter in the air shows a steady 100."""
    STUCK = "stuck"
    """The value stays what it was."""
    MOTION = "motion"
    """SpO2 is low and the pulse is not the heart's."""
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
    """Messages arrive up to a minute late, in another order."""
    CLOCK_STEP = "clock_step"
    """The monitor's wall clock jumps."""


class Sensor(StrEnum):
    """What can be off a patient."""

    ECG = "ecg"
    SPO2 = "spo2"
    TEMPERATURE = "temperature"
    CUFF = "cuff"
    ALL = "all"
    """The whole monitor."""


@dataclass(frozen=True, slots=True)
class Limb:
    """Falling pressure or falling oxygen: in over `rise_s`, out over `fall_s` before `end_s`."""

    onset_s: float
    rise_s: float
    end_s: float
    fall_s: float
    depth: float
    """How far it falls untreated: mmHg systolic, or points of SpO2."""


@dataclass(frozen=True, slots=True)
class Illness:
    """A febrile illness; without treatment it takes this course."""

    cause: Cause
    onset_s: float
    """When the temperature starts to drift."""
    rise_s: float
    """From there to the first peak."""
    end_s: float
    fall_s: float
    """How long the last fall takes, ending at `end_s`."""
    peak: float
    """Degrees above the patient's own baseline."""
    excess_heart_rate: float
    """Beats per minute at the peak, more than the fever explains."""
    spike_every_s: float
    """From one spike of fever to the next."""
    valley: float
    """Share of the elevation that is lost between spikes, 0 to 1."""
    has_rigors: bool
    hypotension: Limb | None = None
    hypoxia: Limb | None = None
    shock_heart_rate: float = 22.0
    """Beats per minute that full hypotension adds."""
    hypoxia_breaths: float = 6.0
    """Breaths per minute that full hypoxia adds."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """Something given, and how much of it."""

    kind: TreatmentKind
    at_s: float
    until_s: float
    """When a vasopressor or oxygen ends; `at_s` for a single dose."""
    name: str
    """Which one: noradrenaline, nasal cannula, paracetamol."""
    amount: float
    """Antipyretic: degrees it takes off; fluids: litres; oxygen: l/min; others: share of the
    usual effect, usually 1."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Something else that happens to the patient; `size` in the unit of its kind."""

    kind: EpisodeKind
    from_s: float
    to_s: float
    size: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a sensor, the monitor or the line."""

    kind: FaultKind
    sensor: Sensor
    from_s: float
    to_s: float
    size: float = 0.0
    """Stuck: the value it stays at; clock step: seconds; cuff error: mmHg of the jump, 0 for a
    pulse pressure of next to nothing; motion: the SpO2 shown, 0 where only the pulse is wrong."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person enters: ICE, chills, a transfusion, a spot temperature."""

    at_s: float
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class CuffPlan:
    """From `from_s` on the cuff measures every `every_s` seconds."""

    from_s: float
    every_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A patient's whole stay."""

    lasts_s: float
    cuff: tuple[CuffPlan, ...]
    """In order of time."""
    cuff_requests_s: tuple[float, ...] = ()
    """Readings that staff ask for besides."""
    illnesses: tuple[Illness, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    episodes: tuple[Episode, ...] = ()
    faults: tuple[Fault, ...] = ()
    entries: tuple[Entry, ...] = ()
