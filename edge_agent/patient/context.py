"""A patient's state at one moment, derived from everything that people entered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind
from edge_agent.patient.corrections import Corrections
from edge_agent.patient.drugs import drug_name
from edge_agent.patient.oxygen_course import oxygen_phases
from edge_agent.patient.spells import spells_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from edge_agent.model.patient import OxygenDevice, PatientEntry
    from edge_agent.patient.oxygen_course import OxygenPhase
    from edge_agent.patient.spells import Spell

    Known = Mapping[EntryKind, Sequence[PatientEntry]]
    """Entries that have begun, by kind and in order of time; only kinds that have any."""

SYMPTOMS_COUNT_NS: Final = 24 * 3_600_000_000_000
"""Time for which an entered symptom counts as present; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Seen:
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
class PatientContext:
    """A patient's state at one moment, as people entered it.

    `entered` separates "none" from "never entered": "somebody entered that no vasopressor runs" is
    not the same as "nobody entered anything about vasopressors".
    """

    entered: frozenset[EntryKind] = frozenset()
    """Kinds of which anything was entered up to now."""
    product: str = ""
    """Product of the latest infusion or dose; empty if none was entered."""
    infused_utc_ns: int | None = None
    """Time of the latest infusion or dose; None if none was entered."""
    age_years: float | None = None
    """Years; None if not entered."""
    weight_kg: float | None = None
    """Kilograms; None if not entered."""
    baselines: Mapping[VitalKind, float] = field(default_factory=lambda: MappingProxyType({}))
    """The patient's own usual values, as entered."""
    oxygen_device: OxygenDevice | None = None
    """Device in use; None if never entered, AIR after the last one has ended."""
    oxygen_flow_l_min: float | None = None
    """l/min; None if not entered, and for air."""
    oxygen_since_utc_ns: int | None = None
    """Start of the present oxygen therapy; None if never entered."""
    oxygen_raised_until_utc_ns: int | None = None
    """End of the time in which it counts as raised; None if never entered."""
    vasopressors: tuple[str, ...] | None = None
    """Names of the running ones; empty if none runs, None if never entered."""
    antipyretic_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    tocilizumab_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    steroid_utc_ns: int | None = None
    """Time of the latest dose; None if none was entered."""
    transfusion: Spell | None = None
    """Running transfusion, else the last one; None if none was entered."""
    procedure: Spell | None = None
    """Running procedure, pain or mobilisation, else the last; None if none was entered."""
    cooling: Spell | None = None
    """Running cooling, else the last one; None if none was entered."""
    consciousness: Seen | None = None
    """Latest level of ACVPU; None if never entered."""
    ice: Measured | None = None
    """Latest points; None if never entered."""
    symptoms: tuple[Seen, ...] = ()
    """Symptoms of the last 24 h, each once with its latest time, in order of time."""
    flags: frozenset[str] = frozenset()
    labs: Mapping[str, Measured] = field(default_factory=lambda: MappingProxyType({}))
    """Latest value of each name."""
    crs: Seen | None = None
    """Latest verdict of a clinician: confirmed or ruled_out; None if there is none."""

    def was_entered(self, kind: EntryKind) -> bool:
        """Return True if anything of a kind was entered up to now, "none" included."""
        return kind in self.entered


UNKNOWN_PATIENT: Final = PatientContext()
"""Patient about whom nobody has entered anything."""


class ContextLog:
    """All entries of one patient; corrected ones are stored, too, but no longer count.

    An entry counts from the moment it is about, or from its entry if that is later.

    Parameters
    ----------
    entries
        Entries without mistakes, see `check_entry`, in the order in which they were entered.
    """

    def __init__(self, entries: Iterable[PatientEntry] = ()) -> None:
        self._entries = Corrections()
        self._version = 0
        for entry in entries:
            self.add(entry)

    @property
    def version(self) -> int:
        """Number that changes with every change of the patient's state."""
        return self._version

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: PatientEntry, clock_ns: int | None = None) -> None:
        """Add an entry; a second entry with a known id is ignored.

        Parameters
        ----------
        clock_ns
        UTC minus monotonic time at the entry, ns; None for a clock that is never set.
        """
        self._entries.add(entry, clock_ns)
        self._version += 1

    def run_on(self, clock_ns: int) -> None:
        """Adopt the present UTC minus monotonic time: somebody may have set the wall clock."""
        self._version += self._entries.run_on(clock_ns)

    def get(self, entry_id: str) -> PatientEntry | None:
        """Return the entry with that id; None if there is none."""
        return self._entries.get(entry_id)

    def count(self, kinds: Collection[EntryKind]) -> int:
        """Return the number of entries of some kinds, corrected ones included."""
        return self._entries.count(kinds)

    def with_one(
        self, entry: PatientEntry, clock_ns: int | None, kinds: Collection[EntryKind]
    ) -> ContextLog:
        """Return a new log of the entries of some kinds and one more; leave this one unchanged."""
        log = ContextLog()
        log._entries = self._entries.of_kinds(kinds)
        log.add(entry, clock_ns)
        return log

    def history(self) -> tuple[PatientEntry, ...]:
        """Return every entry in the order of entry, corrected ones included."""
        return tuple(self._entries)

    def corrected_by(self, entry_id: str) -> PatientEntry | None:
        """Return the newest entry that directly corrects this one; None if there is none."""
        return self._entries.corrected_by(entry_id)

    def standing(self, kind: EntryKind) -> tuple[PatientEntry, ...]:
        """Return a kind's entries that stand after all corrections, by the time they are about."""
        return self._entries.standing(kind)

    def at(self, utc_ns: int) -> PatientContext:
        """Return the patient's state at a moment."""
        known = {
            kind: begun
            for kind in EntryKind
            if (begun := [e for e in self.standing(kind) if known_from(e) <= utc_ns])
        }
        return _context(known, utc_ns)

    def changes(self) -> tuple[int, ...]:
        """Return the moments at which the result of `at` can change, in order."""
        moments: set[int] = set()
        for kind in EntryKind:
            for entry in self.standing(kind):
                moments.add(known_from(entry))
                if entry.until_utc_ns is not None:
                    moments.add(max(entry.until_utc_ns, known_from(entry)))
                if kind is EntryKind.INFUSION:  # a planned one counts from its entry
                    moments.add(entry.entered_utc_ns)
                if kind is EntryKind.SYMPTOM:
                    moments.add(entry.at_utc_ns + SYMPTOMS_COUNT_NS)
        return tuple(sorted(moments))


def known_from(entry: PatientEntry) -> int:
    """Return the UTC time from which an entry counts: it has come true and was entered."""
    return max(entry.at_utc_ns, entry.entered_utc_ns)


def _context(known: Known, utc_ns: int) -> PatientContext:
    """Return the patient's state from the entries that have begun by a moment."""
    infusion = _last(known, EntryKind.INFUSION)
    oxygen = _oxygen(known.get(EntryKind.OXYGEN, ()), utc_ns)
    return PatientContext(
        entered=frozenset(known),
        product="" if infusion is None else infusion.name,
        infused_utc_ns=None if infusion is None else infusion.at_utc_ns,
        age_years=_amount(known, EntryKind.AGE),
        weight_kg=_amount(known, EntryKind.WEIGHT),
        baselines=MappingProxyType(
            {
                VitalKind(entry.name): entry.amount
                for entry in known.get(EntryKind.BASELINE, ())
                if entry.amount is not None
            }
        ),
        oxygen_device=oxygen.device if oxygen else None,
        oxygen_flow_l_min=oxygen.flow_l_min if oxygen else None,
        oxygen_since_utc_ns=oxygen.since_utc_ns if oxygen else None,
        oxygen_raised_until_utc_ns=oxygen.raised_until_utc_ns if oxygen else None,
        vasopressors=_running_names(known.get(EntryKind.VASOPRESSOR), utc_ns),
        antipyretic_utc_ns=_latest_given(known, EntryKind.ANTIPYRETIC),
        tocilizumab_utc_ns=_latest_given(known, EntryKind.TOCILIZUMAB),
        steroid_utc_ns=_latest_given(known, EntryKind.STEROID),
        transfusion=_spell(known, EntryKind.TRANSFUSION, utc_ns),
        procedure=_spell(known, EntryKind.PROCEDURE, utc_ns),
        cooling=_spell(known, EntryKind.COOLING, utc_ns),
        consciousness=_seen(_last(known, EntryKind.CONSCIOUSNESS)),
        ice=_measured(_last(known, EntryKind.ICE)),
        symptoms=_symptoms(known.get(EntryKind.SYMPTOM, ()), utc_ns),
        flags=frozenset(
            entry.name for entry in known.get(EntryKind.FLAG, ()) if _is_active(entry, utc_ns)
        ),
        labs=MappingProxyType(
            {
                entry.name: measured
                for entry in known.get(EntryKind.LAB, ())
                if (measured := _measured(entry)) is not None
            }
        ),
        crs=_seen(_last(known, EntryKind.CRS)),
    )


def _last(known: Known, kind: EntryKind) -> PatientEntry | None:
    some = known.get(kind)
    return some[-1] if some else None


def _amount(known: Known, kind: EntryKind) -> float | None:
    entry = _last(known, kind)
    return None if entry is None else entry.amount


def _latest_given(known: Known, kind: EntryKind) -> int | None:
    """Return the time of the newest dose of a kind of drug, None for no dose."""
    times = [entry.at_utc_ns for entry in known.get(kind, ()) if entry.name != NONE]
    return max(times, default=None)


def _spell(known: Known, kind: EntryKind, utc_ns: int) -> Spell | None:
    """Return the newest running spell of a kind, else the last one, None without any."""
    spells = spells_of(known.get(kind, ()))
    running = [spell for spell in spells if spell.is_running(utc_ns)]
    return next(reversed(running or spells), None)


def _running_names(entries: Sequence[PatientEntry] | None, utc_ns: int) -> tuple[str, ...] | None:
    """Return the names of the running drugs, one name per drug."""
    if entries is None:
        return None
    spells = spells_of(replace(entry, name=drug_name(entry.name)) for entry in entries)
    running = {spell.name for spell in spells if spell.is_running(utc_ns)}
    called: dict[str, str] = {}
    for entry in entries:
        called.setdefault(drug_name(entry.name), entry.name)
    return tuple(name for drug, name in called.items() if drug in running)


def _oxygen(entries: Sequence[PatientEntry], utc_ns: int) -> OxygenPhase | None:
    """Return the oxygen therapy at a moment, None where nobody entered any."""
    phases = [p for p in oxygen_phases(entries) if p.since_utc_ns <= utc_ns]
    return phases[-1] if phases else None


def _is_active(entry: PatientEntry, utc_ns: int) -> bool:
    return entry.until_utc_ns is None or utc_ns < entry.until_utc_ns


def _seen(entry: PatientEntry | None) -> Seen | None:
    return None if entry is None else Seen(entry.name, entry.at_utc_ns)


def _measured(entry: PatientEntry | None) -> Measured | None:
    if entry is None or entry.amount is None:
        return None
    return Measured(entry.amount, entry.unit, entry.at_utc_ns)


def _symptoms(entries: Iterable[PatientEntry], utc_ns: int) -> tuple[Seen, ...]:
    """Return the symptoms that count at a moment, each with its latest time."""
    latest: dict[str, int] = {}
    for entry in entries:
        if utc_ns < entry.at_utc_ns + SYMPTOMS_COUNT_NS and _is_active(entry, utc_ns):
            latest.pop(entry.name, None)
            latest[entry.name] = entry.at_utc_ns
    return tuple(Seen(name, at_ns) for name, at_ns in latest.items())
