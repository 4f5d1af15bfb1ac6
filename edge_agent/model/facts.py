"""Facts about a bed behind one alert, without any words: `wording` makes sentences of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """Subject of a fact; the note says what its value is, and in which unit (UCUM)."""

    PRESSURE = "pressure"
    """Systolic pressure, mm[Hg]; None where only the mean is known."""
    SPO2 = "spo2"
    """%."""
    OXYGEN = "oxygen"
    """Flow of the oxygen given, L/min; `names`: the device."""
    HEART_RATE = "heart_rate"
    """/min."""
    RESPIRATORY_RATE = "respiratory_rate"
    """/min."""
    TEMPERATURE = "temperature"
    """Cel."""
    VASOPRESSOR = "vasopressor"
    """No value; `names`: the drugs that run."""
    NEWS2 = "news2"
    """{score}."""
    CRS_SCORE = "crs_score"
    """{score}."""
    MONITORING = "monitoring"
    """No value: a state of the monitoring, `measured_utc_ns` is its start."""


class LimitOf(StrEnum):
    """Number that a limit is compared with."""

    VALUE = "value"
    """The value of the fact."""
    MEAN = "mean"
    """The mean pressure, mm[Hg]."""
    SHARE = "share"
    """The systolic pressure as a share of the usual one, %."""
    ABOVE = "above"
    """The part above the reference, `Fact.above`."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Limit of a rule that a value has passed, and for how long."""

    value: float
    is_lower: bool
    """True where values below it are the sign."""
    of: LimitOf
    for_s: float
    """Seconds for which it was passed at least; 0 for single readings."""
    times: int
    """Number of single readings in a row beyond it; 0 for a running value."""


class Reference(StrEnum):
    """Value that a measurement is compared with."""

    OWN = "own"
    """The patient's own baseline."""
    USUAL = "usual"
    """An entered baseline, or that of an adult at rest."""
    EXPECTED = "expected"
    """The heart rate that the temperature explains."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One measurement, treatment, score or state at one moment."""

    kind: FactKind
    value: float | None = None
    """None where it is unknown, and where the kind has none; zero is a value."""
    unit: str = ""
    """UCUM; empty without a value."""
    measured_utc_ns: int | None = None
    """Time of a single or a former reading, or of the last usable one where the value is unknown;
    None for a value of the moment, and where there never was one."""
    diastolic: float | None = None
    """mm[Hg], of a pressure."""
    mean: float | None = None
    """mm[Hg], of a pressure."""
    is_line: bool = False
    """True for the pressure of an arterial line."""
    is_by_hand: bool = False
    """True for a reading that a person entered."""
    is_doubtful: bool = False
    """True for a reading that the device shows and crswatch does not trust."""
    is_former: bool = False
    """True for a value of the hours before, on which the alert rests although it is over."""
    is_lost: bool = False
    """True where the signal is lost: the value is the last one, if it is known."""
    above: float | None = None
    """Part of the value above `reference`, if it is worth a word; None otherwise."""
    reference: Reference | None = None
    """None without `above`."""
    limit: Limit | None = None
    """None for a fact on which the alert does not rest."""
    names: tuple[str, ...] = ()


class NoteKind(StrEnum):
    """Subject of a note, with the content of its words."""

    SYMPTOM = "symptom"
    """A symptom that a person entered."""
    FLAG = "flag"
    """A flag that a person entered."""
    FLUIDS = "fluids"
    """Fluids of the last 24 h, l."""
    OXYGEN = "oxygen"
    """Device, and its flow in l/min."""
    VASOPRESSORS = "vasopressors"
    """Names of those that run."""
    ANTIPYRETIC = "antipyretic"
    TOCILIZUMAB = "tocilizumab"
    STEROID = "steroid"
    """Time of the latest dose; no words."""
    LINK = "link"
    """Reasons why the link is lost, in the words of the line."""
    ALARMS = "alarms"
    """The monitor's own alarms, in its own words."""
    FAILURES = "failures"
    """Parts of the program that failed."""
    CLOCK = "clock"
    """Clocks that were set."""
    NOT_USED = "not_used"
    """Reasons why readings are not used."""
    NOT_UNDERSTOOD = "not_understood"
    """Reasons why data are not understood."""
    NO_VITAL = "no_vital"
    """Measurements that the monitor sends and that are no vital signs."""
    MISSING = "missing"
    """Inputs that are missing, where the alert is about that."""
    TEST = "test"
    """Person who tests the chain of alerts."""
    AWAY = "away"
    """Reason why the patient is away; the time is the planned end."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person entered or a device said, beside the measurements."""

    kind: NoteKind
    words: tuple[str, ...] = ()
    value: float | None = None
    """Amount of fluids or flow of oxygen; None where it was not entered, and for other kinds."""
    at_utc_ns: int | None = None
    """None where the kind has no time."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was known about a bed when an alert was raised, or raised again."""

    at_utc_ns: int
    rang: tuple[Fact, ...] = ()
    """Facts on which the alert rests, the one that people read first in front."""
    others: tuple[Fact, ...] = ()
    """The other vital signs, unknown ones included; none for an alert about the monitoring."""
    product: str = ""
    """Product of the latest infusion; empty if none was given."""
    infused_utc_ns: int | None = None
    """None if none was given."""
    day: int | None = None
    """Days since the infusion, 0 on its first; None if none was given."""
    notes: tuple[Note, ...] = ()
