"""A patient's state at one moment, as people entered it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice


@dataclass(frozen=True, slots=True)
class NamedObservation:
    """An observation and its time: a level of consciousness, a symptom, a verdict on CRS."""

    name: str
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its unit and time: ICE in points, a laboratory value."""

    value: float
    unit: str
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Absence:
    """An absence of the patient from the bed that somebody entered."""

    name: str
    """Reason, one of `entry_check.AWAY_REASONS`."""
    from_utc_ns: int
    until_utc_ns: int
    """Planned end."""
    by: str


@dataclass(frozen=True, slots=True)
class PatientContext:
    """A patient's state at one moment.

    `entered` separates "none" from "never entered": "somebody entered that no vasopressor runs" is
    not the same as "nobody entered anything about vasopressors".
    """

    entered: frozenset[EntryKind] = frozenset()
    """Kinds of which anything was entered up to now."""
    product: str = ""
    """Product of the latest infusion or dose, before the first one of the planned one; empty if
    none was entered."""
    infused_utc_ns: int | None = None
    """Time of that infusion or dose; None if none was entered."""
    age_years: float | None = None
    """Years; None if not entered."""
    baselines: Mapping[VitalKind, float] = field(default_factory=lambda: MappingProxyType({}))
    """The patient's own usual values, as entered."""
    oxygen_device: OxygenDevice | None = None
    """Device in use; None if never entered, AIR after the last one has ended."""
    oxygen_flow_l_min: float | None = None
    """l/min; None if not entered, and for air."""
    oxygen_raised_until_utc_ns: int | None = None
    """End of the time in which oxygen counts as raised; None if never entered."""
    oxygen_entered_utc_ns: int | None = None
    """Time of the newest entry about oxygen, or of the end that it named; None if none was made."""
    vasopressors: tuple[str, ...] | None = None
    """Names of the running ones; empty if none runs, None if never entered."""
    vasopressors_entered_utc_ns: int | None = None
    """The same about vasopressors."""
    antipyretic_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    tocilizumab_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    steroid_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    transfused_until_utc_ns: int | None = None
    """Latest end of a transfusion, assumed where nobody entered it; None if there was none."""
    procedure_until_utc_ns: int | None = None
    """Latest end of a procedure, pain or mobilisation, assumed where nobody entered it; None if
    there was none."""
    is_cooled: bool = False
    steady: frozenset[VitalKind] = frozenset()
    """Vitals that a device and not the patient sets, and that may therefore be constant."""
    consciousness: NamedObservation | None = None
    """Latest level of ACVPU; None if never entered."""
    ice: Measured | None = None
    """Latest points; None if never entered."""
    symptoms: tuple[NamedObservation, ...] = ()
    """Symptoms of the last 24 h, each once with its latest time, in order of time."""
    flags: frozenset[str] = frozenset()
    fluids_l: float | None = None
    """Fluids of the last 24 h in l; None if none were entered in that time."""
    labs: Mapping[str, Measured] = field(default_factory=lambda: MappingProxyType({}))
    """Latest value of each name."""
    crs: NamedObservation | None = None
    """Latest verdict of a clinician: confirmed or ruled_out; None if there is none."""
    away: Absence | None = None
    """Absence from the bed; None while the patient is there."""

    def was_entered(self, kind: EntryKind) -> bool:
        """Return True if anything of a kind was entered up to now, "none" included."""
        return kind in self.entered


UNKNOWN_PATIENT: Final = PatientContext()
"""Patient about whom nobody has entered anything."""
