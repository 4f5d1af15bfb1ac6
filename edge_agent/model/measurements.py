"""Measurements of a monitor, before and after normalisation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

from edge_agent.model.clock import Instant


class VitalKind(StrEnum):
    """The vital signs that the detector reads, each with one canonical unit."""

    HEART_RATE = "heart_rate"
    PULSE_RATE = "pulse_rate"
    SPO2 = "spo2"
    PERFUSION_INDEX = "perfusion_index"
    RESPIRATORY_RATE = "respiratory_rate"
    NIBP_SYSTOLIC = "nibp_systolic"
    NIBP_MEAN = "nibp_mean"
    NIBP_DIASTOLIC = "nibp_diastolic"
    ART_SYSTOLIC = "art_systolic"
    ART_MEAN = "art_mean"
    ART_DIASTOLIC = "art_diastolic"
    TEMPERATURE = "temperature"
    ETCO2 = "etco2"


RequiredSignal = Literal["heart_rate", "spo2", "temperature", "blood_pressure"]
"""Signal whose loss at a bed is an alert; each may come as several kinds of vital."""
REQUIRED_SIGNALS: Final[tuple[RequiredSignal, ...]] = get_args(RequiredSignal)

CANONICAL_UNITS: Final[Mapping[VitalKind, str]] = MappingProxyType(
    {
        VitalKind.HEART_RATE: "/min",
        VitalKind.PULSE_RATE: "/min",
        VitalKind.SPO2: "%",
        VitalKind.PERFUSION_INDEX: "%",
        VitalKind.RESPIRATORY_RATE: "/min",
        VitalKind.NIBP_SYSTOLIC: "mm[Hg]",
        VitalKind.NIBP_MEAN: "mm[Hg]",
        VitalKind.NIBP_DIASTOLIC: "mm[Hg]",
        VitalKind.ART_SYSTOLIC: "mm[Hg]",
        VitalKind.ART_MEAN: "mm[Hg]",
        VitalKind.ART_DIASTOLIC: "mm[Hg]",
        VitalKind.TEMPERATURE: "Cel",
        VitalKind.ETCO2: "mm[Hg]",
    }
)
"""UCUM unit of every `Vital` of a kind."""

OUT_OF_RANGE: Final = "outside "
"""Beginning of the reason for a value outside the plausible range."""
ANOTHER_MONITOR: Final = "another monitor than before, not confirmed"
FORMER_PATIENT: Final = "measured before the patient came to the bed"
"""Reasons why a reading may be another patient's; they come first in `Vital.reason`."""


class Validity(Enum):
    """Usability of a value, after ISO/IEEE 11073-10207 MeasurementValidity."""

    VALID = "valid"
    QUESTIONABLE = "questionable"
    INVALID = "invalid"
    CALIBRATING = "calibrating"
    MEASURING = "measuring"
    NOT_AVAILABLE = "not_available"
    ABOVE_RANGE = "above_range"
    BELOW_RANGE = "below_range"


_DOUBTFUL: Final = {Validity.QUESTIONABLE, Validity.ABOVE_RANGE, Validity.BELOW_RANGE}


class GenerationMode(Enum):
    """Source of a value, after ISO/IEEE 11073-10207 GenerationMode."""

    REAL = "real"
    DEMO = "demo"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class DeviceTime:
    """Time of something on the device's own clocks."""

    elapsed_ns: int | None = None
    """Nanoseconds since the device's own start; None if it sends none."""
    wall_ns: int | None = None
    """Device's wall clock read as if it were UTC, ns since 1970; None if it sends none."""


@dataclass(frozen=True, slots=True)
class Numeric:
    """One value as the device sent it, with the validity that the device gives it."""

    device_id: str
    channel: str
    """Device's own name of the object that carries the value, such as its handle."""
    code: int
    """ISO/IEEE 11073-10101 code (partition x 65536 + term)."""
    label: str
    """Reference name or the device's label; empty where both are unknown."""
    value: float | None
    """None if the device has no value."""
    unit_code: int
    """ISO/IEEE 11073-10101 unit code (partition 4); 0 if the device sends none."""
    unit: str
    """UCUM; empty where the unit code is unknown."""
    state: int
    """The device's raw status bits."""
    validity: Validity
    mode: GenerationMode
    measured_at: DeviceTime
    received_at: Instant
    is_sent_once: bool = False
    """True if the device sends an occasional reading once, when it is taken, so that the message
    itself is new; False if it repeats the reading or sends running values."""
    reason: str = ""
    """Reason why there is no plain value, where the source gives more than the validity."""

    def __post_init__(self) -> None:
        _check_value(self.label or hex(self.code), self.value, self.validity)


@dataclass(frozen=True, slots=True)
class Vital:
    """One normalised value in the canonical unit of its kind (see `CANONICAL_UNITS`)."""

    bed_id: str
    kind: VitalKind
    value: float | None
    """None where the device sent no value, or an unreadable one; a doubted value stays."""
    validity: Validity
    mode: GenerationMode
    reason: str
    """Reason why the value is not both VALID and REAL; empty if it is."""
    site: str
    """Measurement site (temperature probe, pulse source); empty where there is only one."""
    device_id: str
    code: int
    """ISO/IEEE 11073-10101 code from the device."""
    device_time: DeviceTime
    measured_at: Instant
    """Time of measurement: for a cuff the time of the reading, else the receive time."""
    received_at: Instant
    stored_ns: int
    """UTC ns under which it is stored; unique and increasing within bed, device, kind and site."""

    def __post_init__(self) -> None:
        _check_value(self.kind, self.value, self.validity)

    @property
    def is_usable(self) -> bool:
        """True if rules may use the value."""
        return (
            self.value is not None
            and self.validity is Validity.VALID
            and self.mode is GenerationMode.REAL
        )

    @property
    def doubted_value(self) -> float | None:
        """The value if the device shows it for this patient and crswatch doubts it; None otherwise.

        Values that the device marks as no measurement, zeros that mean no signal, and values that
        may be another patient's are not doubted values.
        """
        is_shown = self.value != 0 and not self.reason.startswith((ANOTHER_MONITOR, FORMER_PATIENT))
        is_doubted = self.validity in _DOUBTFUL or (
            self.validity is Validity.INVALID and self.reason.startswith(OUT_OF_RANGE)
        )
        is_real = self.mode is GenerationMode.REAL
        return self.value if is_shown and is_doubted and is_real else None


@dataclass(frozen=True, slots=True)
class Readings:
    """All values of one device message about one bed: the unit that is journalled and sent."""

    bed_id: str
    device_id: str
    received_at: Instant
    numerics: tuple[Numeric, ...]
    vitals: tuple[Vital, ...]
    device_now: DeviceTime = DeviceTime()
    """The device's clocks at the moment of the message."""


def _check_value(name: str, value: float | None, validity: Validity) -> None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{name} must be finite or None, got {value!r}")
    if value is None and validity is Validity.VALID:
        raise ValueError(f"{name} without a value cannot be VALID")
