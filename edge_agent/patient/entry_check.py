"""Limits of entries about a patient, and the mistakes in an entry.

Closed lists are used wherever possible, because free text invites patient names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from edge_agent.model.clock import LATEST_UTC_NS
from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.model.names import MAX_ID_CHARS, WANTED_NAME, is_id, names_somebody
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice, PatientEntry
from edge_agent.patient.absence import AWAY_REASONS, LONGEST_AWAY_S, end_mistakes
from edge_agent.patient.onset import ONSETS

PATIENT_ID: Final = re.compile(r"[A-Za-z0-9-]{1,32}")
_UNKNOWN_PRODUCT: Final = "unknown"
SYMPTOMS: Final = (
    "chills",
    "headache",
    "dyspnoea",
    "confusion",
    "aphasia",
    "tremor",
    "seizure",
    "drowsiness",
    "fatigue",
    "myalgia",
    "nausea",
    "rash",
)
FLAGS: Final = (
    "neutropenia",
    "culture",
    "beta_blocker",
    "paced",
    "hypercapnic",
    "infusion_reaction",
    "limits",
)
PROCEDURES: Final = ("procedure", "pain", "mobilising")
ACVPU: Final = ("A", "C", "V", "P", "U")
CRS_VERDICTS: Final = ("confirmed", "ruled_out")
LAB_UNITS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {  # UCUM
        "il6": ("pg/mL", "ng/L"),
        "crp": ("mg/L", "mg/dL"),
        "ferritin": ("ug/L", "ng/mL"),
        "ldh": ("U/L",),
        "creatinine": ("mg/dL", "umol/L"),
        "platelets": ("10*9/L", "10*3/uL"),
    }
)
RANGES: Final[Mapping[VitalKind, tuple[float, float]]] = MappingProxyType(
    {  # the same limits as for a monitor's values; design start value, unvalidated
        VitalKind.HEART_RATE: (20, 280),
        VitalKind.PULSE_RATE: (20, 280),
        VitalKind.SPO2: (40, 100),
        VitalKind.PERFUSION_INDEX: (0, 30),
        VitalKind.RESPIRATORY_RATE: (4, 110),
        VitalKind.NIBP_SYSTOLIC: (30, 250),
        VitalKind.NIBP_MEAN: (15, 200),
        VitalKind.NIBP_DIASTOLIC: (10, 150),
        VitalKind.ART_SYSTOLIC: (20, 280),
        VitalKind.ART_MEAN: (15, 280),
        VitalKind.ART_DIASTOLIC: (10, 280),
        VitalKind.TEMPERATURE: (33.0, 42.5),
        VitalKind.ETCO2: (0, 150),
    }
)
"""Lowest and highest plausible value, in the canonical unit, at any age."""
_ARTERIAL: Final = (VitalKind.ART_SYSTOLIC, VitalKind.ART_MEAN, VitalKind.ART_DIASTOLIC)
BY_HAND: Final = tuple(kind for kind in VitalKind if kind not in _ARTERIAL)
"""Vitals that people can measure without the monitor."""
SPOT_SITES: Final[Mapping[VitalKind, tuple[str, ...]]] = MappingProxyType(
    {
        VitalKind.TEMPERATURE: (
            "",
            "oral",
            "axillary",
            "tympanic",
            "rectal",
            "bladder",
            "core",
            "esophageal",
            "nasopharyngeal",
            "blood",
            "skin",
        ),
        VitalKind.PULSE_RATE: ("", "spo2", "nibp"),
    }
)
"""Sites of vitals measured by hand; other vitals have no site."""
_DRUG: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 .,+/()-]{0,39}")
_UNIT: Final = re.compile(r"[!-~]{0,16}")
_SHOWN_CHARS: Final = 200
"""Longest part of a wrong text that a refusal quotes."""
_VITALS: Final = tuple(kind.value for kind in VitalKind)


@dataclass(frozen=True, slots=True)
class _EntryLimits:
    """Limits of the entries of one kind."""

    names: tuple[str, ...] | None = ()
    """Allowed names; empty for no name, None for any drug or product."""
    may_be_nameless: bool = False
    amounts: tuple[float, float] | None = None
    """Lowest and highest amount; None for no amount."""
    needs_amount: bool = False
    unit: str | None = ""
    """The one unit that may be written; None for any, as in doses."""
    may_end: bool = False
    longest_s: float | None = None  # None where it need not have an end
    may_be_none: bool = False
    """True if the name may be `NONE`."""
    has_bed: bool = False


_DOSE: Final = (0.0, 100_000.0)
_ROWS: Final[Mapping[EntryKind, _EntryLimits]] = MappingProxyType(
    {
        EntryKind.ADMITTED: _EntryLimits(has_bed=True),
        EntryKind.TRANSFERRED: _EntryLimits(has_bed=True),
        EntryKind.DISCHARGED: _EntryLimits(),
        EntryKind.INFUSION: _EntryLimits(names=None),
        EntryKind.AGE: _EntryLimits(amounts=(0, 120), needs_amount=True, unit="a"),
        EntryKind.WEIGHT: _EntryLimits(amounts=(0.3, 400), needs_amount=True, unit="kg"),
        EntryKind.BASELINE: _EntryLimits(names=_VITALS, needs_amount=True),
        EntryKind.OXYGEN: _EntryLimits(
            names=tuple(OxygenDevice), amounts=(0, 100), unit="L/min", may_end=True
        ),
        EntryKind.VASOPRESSOR: _EntryLimits(
            names=None, amounts=_DOSE, unit=None, may_end=True, may_be_none=True
        ),
        EntryKind.ANTIPYRETIC: _EntryLimits(names=None, amounts=_DOSE, unit=None, may_be_none=True),
        EntryKind.TOCILIZUMAB: _EntryLimits(
            names=None, may_be_nameless=True, amounts=_DOSE, unit=None, may_be_none=True
        ),
        EntryKind.STEROID: _EntryLimits(names=None, amounts=_DOSE, unit=None, may_be_none=True),
        EntryKind.FLUIDS: _EntryLimits(
            names=None,
            may_be_nameless=True,
            amounts=(0, 20),
            needs_amount=True,
            unit="L",
            may_end=True,
        ),
        EntryKind.TRANSFUSION: _EntryLimits(names=None, may_end=True, may_be_none=True),
        EntryKind.PROCEDURE: _EntryLimits(names=PROCEDURES, may_end=True),
        EntryKind.COOLING: _EntryLimits(
            names=None, may_be_nameless=True, may_end=True, may_be_none=True
        ),
        EntryKind.SPOT: _EntryLimits(names=BY_HAND, needs_amount=True),
        EntryKind.CONSCIOUSNESS: _EntryLimits(names=ACVPU),
        EntryKind.ICE: _EntryLimits(amounts=(0, 10), needs_amount=True),
        EntryKind.SYMPTOM: _EntryLimits(names=SYMPTOMS, may_end=True),
        EntryKind.FLAG: _EntryLimits(names=FLAGS, may_end=True),
        EntryKind.LAB: _EntryLimits(names=tuple(LAB_UNITS), amounts=(0, 1e7), needs_amount=True),
        EntryKind.CRS: _EntryLimits(names=CRS_VERDICTS),
        EntryKind.AWAY: _EntryLimits(names=AWAY_REASONS, may_end=True, longest_s=LONGEST_AWAY_S),
    }
)


def check_entry(entry: PatientEntry) -> list[str]:
    """Return the mistakes in an entry, each with the value seen and the values allowed."""
    wrong = [*_wrong_ids(entry), *_wrong_times(entry), *_wrong_texts(entry)]
    if not entry.is_void:
        row = _ROWS[entry.kind]
        wrong += _wrong_name(entry, row)
        wrong += _wrong_amount(entry, row)
        wrong += _wrong_unit(entry, row)
        wrong += _wrong_rest(entry, row)
    return wrong


def remarks(entry: PatientEntry) -> list[str]:
    """Return remarks on an accepted entry for the person who enters it."""
    if entry.kind is EntryKind.WEIGHT and not entry.is_void:
        return ["weight: it is stored; nothing is computed from it"]
    if entry.kind is EntryKind.INFUSION and not entry.is_void and entry.name not in ONSETS:
        known = ", ".join(ONSETS)
        return [f"product {entry.name!r}: its usual time of onset is not known; known: {known}"]
    return []


def _wrong_ids(entry: PatientEntry) -> Iterator[str]:
    if not PATIENT_ID.fullmatch(entry.patient_id):
        # The text itself is not shown, because it may be a patient's name.
        yield (
            f"patient_id of {len(entry.patient_id)} characters; want a pseudonym of 1 to 32 "
            "letters, digits and dashes, never a name"
        )
    for name, text in (("entry_id", entry.entry_id), ("corrects", entry.corrects)):
        if not is_id(text) and (text or name == "entry_id"):
            yield f"{name} {_shown(text)}; want 1 to {MAX_ID_CHARS} printable characters"
    if entry.corrects == entry.entry_id:
        yield f"corrects {_shown(entry.corrects)}; an entry cannot correct itself"
    if entry.is_void and not entry.corrects:
        yield "is_void without corrects; want the entry_id to withdraw"


def _shown(text: str) -> str:
    """Return the start of a text in quotes, with invisible characters written out."""
    return repr(text[:_SHOWN_CHARS])


def _wrong_times(entry: PatientEntry) -> Iterator[str]:
    for name, utc_ns in (
        ("at_utc_ns", entry.at_utc_ns),
        ("until_utc_ns", entry.until_utc_ns),
        ("entered_utc_ns", entry.entered_utc_ns),
    ):
        if utc_ns is not None and not 0 <= utc_ns <= LATEST_UTC_NS:
            yield f"{name} {utc_ns}; want nanoseconds since 1970, UTC, up to {LATEST_UTC_NS}"


def _wrong_texts(entry: PatientEntry) -> Iterator[str]:
    """Yield the mistakes in texts that apply to every kind, and to withdrawals, too."""
    if entry.by and not names_somebody(entry.by):
        yield f"by {_shown(entry.by)}; want {WANTED_NAME}"
    for name in ("name", "unit", "site", "bed_id"):
        text = getattr(entry, name)
        if len(text) > MAX_ID_CHARS or not text.isprintable():
            yield f"{name} {_shown(text)}; want at most {MAX_ID_CHARS} printable characters"


def _wrong_name(entry: PatientEntry, row: _EntryLimits) -> Iterator[str]:
    name = entry.name
    if (name == NONE and row.may_be_none) or (
        not name and (row.names == () or row.may_be_nameless)
    ):
        return
    if row.names is None:
        if not _DRUG.fullmatch(name):
            none = f", or {NONE!r}" if row.may_be_none else ""
            unknown = f", or {_UNKNOWN_PRODUCT!r}" if entry.kind is EntryKind.INFUSION else ""
            seen = _shown(name)
            yield f"name {seen}; want its name, up to 40 plain characters{none}{unknown}"
    elif name not in row.names:
        yield f"name {_shown(name)}; want {_listed(row.names)}"


def _wrong_amount(entry: PatientEntry, row: _EntryLimits) -> Iterator[str]:
    amount, span = entry.amount, _amounts(entry, row)
    if amount is None:
        if row.needs_amount:
            allowed = "a number" if span is None else f"{span[0]:g} to {span[1]:g}"
            yield f"amount is missing; want {allowed}"
    elif span is None:
        if not row.needs_amount:  # a vital with a wrong name has no known range
            yield f"amount {amount:g}; want none"
    elif not span[0] <= amount <= span[1]:
        yield f"amount {amount:g}; want {span[0]:g} to {span[1]:g}"
    elif entry.kind is EntryKind.ICE and amount != round(amount):
        yield f"amount {amount:g}; want whole points, 0 to 10"


def _amounts(entry: PatientEntry, row: _EntryLimits) -> tuple[float, float] | None:
    if entry.kind in {EntryKind.BASELINE, EntryKind.SPOT}:
        return RANGES[VitalKind(entry.name)] if entry.name in _VITALS else None
    return None if entry.name in {NONE, OxygenDevice.AIR} else row.amounts


def _wrong_unit(entry: PatientEntry, row: _EntryLimits) -> Iterator[str]:
    if entry.kind is EntryKind.LAB:
        allowed: Collection[str] = LAB_UNITS.get(entry.name, (entry.unit,))
    elif row.unit is None:
        allowed = (entry.unit,) if _UNIT.fullmatch(entry.unit) else ()
    elif entry.kind in {EntryKind.BASELINE, EntryKind.SPOT} and entry.name in _VITALS:
        allowed = ("", CANONICAL_UNITS[VitalKind(entry.name)])
    else:
        allowed = {"", row.unit}
    if entry.unit not in allowed:
        yield f"unit {_shown(entry.unit)}; want {_listed(allowed) or 'up to 16 plain characters'}"


def _wrong_rest(entry: PatientEntry, row: _EntryLimits) -> Iterator[str]:
    sites: Collection[str] = ("",)
    if entry.kind is EntryKind.SPOT and entry.name in _VITALS:
        sites = SPOT_SITES.get(VitalKind(entry.name), sites)
    if entry.site not in sites:
        yield f"site {_shown(entry.site)}; want {_listed(sites)}"
    yield from end_mistakes(
        entry, may_end=row.may_end and entry.name != NONE, longest_s=row.longest_s
    )
    if row.has_bed and not entry.bed_id:
        yield "bed_id is missing; want the bed"
    if not row.has_bed and entry.bed_id:
        yield f"bed_id {_shown(entry.bed_id)}; want none, only admission and transfer name a bed"


def _listed(allowed: Collection[str]) -> str:
    return ", ".join(repr(str(one)) if one else "none" for one in sorted(allowed))
