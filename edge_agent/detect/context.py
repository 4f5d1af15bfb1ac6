"""What is known of one patient at a moment, worked out from everything that people entered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.detect.corrections import Corrections
from edge_agent.detect.crs_limbs import drug_name
from edge_agent.detect.oxygen_course import oxygen_phases
from edge_agent.detect.spells import spells_of
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from edge_agent.detect.oxygen_course import OxygenPhase
    from edge_agent.detect.spells import Spell
    from edge_agent.model.patient import OxygenDevice, PatientEntry

    Known = Mapping[EntryKind, Sequence[PatientEntry]]
    """The entries that have begun, by kind, in order of time; no kind without any."""

SYMPTOMS_COUNT_NS: Final = 24 * 3_600_000_000_000
"""How long an entered symptom is one of the present ones; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody found, and when: a level of consciousness, a symptom, a verdict on CRS."""

    name: str
    utc_ns: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its time: ICE in points, a laboratory value in its unit."""

    value: float
    unit: str
    utc_ns: int


@dataclass(frozen=True, slots=True)
class PatientContext:
    """What is known of a patient besides the monitor at one moment.

    `entered` tells "none" from "never entered": no vasopressor runs and nobody said so is another
    thing than no vasopressor runs.
    """

    entered: frozenset[EntryKind] = frozenset()
    """The kinds of which anything was entered up to now."""
    product: str = ""
    """Of the latest infusion or dose; empty if none was entered."""
    infused_utc_ns: int | None = None
    """The latest infusion or dose; None if none was entered."""
    age_years: float | None = None
    """None if not entered."""
    weight_kg: float | None = None
    """None if not entered."""
    baselines: Mapping[VitalKind, float] = field(default_factory=lambda: MappingProxyType({}))
    """The patient's own usual values, those that were entered."""
    oxygen_device: OxygenDevice | None = None
    """None if never entered; AIR where what ran has ended."""
    oxygen_flow_l_min: float | None = None
    """None if not entered, and for air."""
    oxygen_since_utc_ns: int | None = None
    """None if never entered."""
    oxygen_raised_until_utc_ns: int | None = None
    """Until when it counts as more than lately; None if never entered."""
    vasopressors: tuple[str, ...] | None = None
    """Those that run, by name; empty: none runs, None: never entered."""
    antipyretic_utc_ns: int | None = None
    """The latest; None if none was entered."""
    tocilizumab_utc_ns: int | None = None
    """The latest; None if none was entered."""
    steroid_utc_ns: int | None = None
    """The latest; None if none was entered."""
    transfusion: Spell | None = None
    """The one that runs, else the last one; None if none was entered."""
    procedure: Spell | None = None
    """Procedure, pain or mobilising: the one that runs, else the last; None if none was entered."""
    cooling: Spell | None = None
    """The one that runs, else the last one; None if none was entered."""
    consciousness: Seen | None = None
    """Latest level of ACVPU; None if never entered."""
    ice: Measured | None = None
    """Latest points; None if never entered."""
    symptoms: tuple[Seen, ...] = ()
    """Of the last 24 h, each name once with its latest time, in order of time."""
    flags: frozenset[str] = frozenset()
    labs: Mapping[str, Measured] = field(default_factory=lambda: MappingProxyType({}))
    """The latest of each name."""
    crs: Seen | None = None
    """A clinician's latest verdict: confirmed or ruled_out; None if there is none."""

    def was_entered(self, kind: EntryKind) -> bool:
        """Return whether anything of a kind was entered up to now, "none" included."""
        return kind in self.entered


UNKNOWN_PATIENT: Final = PatientContext()
"""A patient of whom nobody has entered anything."""


class ContextLog:
    """The entries of one patient, none ever lost; what holds is worked out with corrections.

    An entry counts from when it became true and was entered.

    Parameters
    ----------
    entries
        Such in which `check_entry` finds nothing, in the order in which they were entered.
    """

    def __init__(self, entries: Iterable[PatientEntry] = ()) -> None:
        self._entries = Corrections()
        self._version = 0
        for entry in entries:
            self.add(entry)

    @property
    def version(self) -> int:
        """A number that changes with what is known."""
        return self._version

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: PatientEntry, clock_ns: int | None = None) -> None:
        """Take an entry; one whose id is known already counts once, as it was first.

        Parameters
        ----------
        clock_ns
            UTC less monotonic as it was entered; None: nobody sets the clock that dates it.
        """
        self._entries.add(entry, clock_ns)
        self._version += 1

    def run_on(self, clock_ns: int) -> None:
        """Go on with the wall clock of now, UTC less monotonic: it may have been set."""
        self._version += self._entries.run_on(clock_ns)

    def get(self, entry_id: str) -> PatientEntry | None:
        """Return the entry of that id, None where there is none."""
        return self._entries.get(entry_id)

    def count(self, kinds: Collection[EntryKind]) -> int:
        """Return how many entries of some kinds there are, the corrected ones too."""
        return self._entries.count(kinds)

    def with_one(
        self, entry: PatientEntry, clock_ns: int | None, kinds: Collection[EntryKind]
    ) -> ContextLog:
        """Return a log of the entries of some kinds and one more; this one stays as it is."""
        log = ContextLog()
        log._entries = self._entries.of_kinds(kinds)
        log.add(entry, clock_ns)
        return log

    def history(self) -> tuple[PatientEntry, ...]:
        """Return every entry, the corrected ones too, as they were entered."""
        return tuple(self._entries)

    def corrected_by(self, entry_id: str) -> PatientEntry | None:
        """Return the newest entry that corrects this one directly, None where none does."""
        return self._entries.corrected_by(entry_id)

    def standing(self, kind: EntryKind) -> tuple[PatientEntry, ...]:
        """Return what stands of a kind after all corrections, in order of the times it is about."""
        return self._entries.standing(kind)

    def at(self, utc_ns: int) -> PatientContext:
        """Return what is known of the patient at a moment."""
        known = {
            kind: begun
            for kind in EntryKind
            if (begun := [e for e in self.standing(kind) if known_from(e) <= utc_ns])
        }
        return _context(known, utc_ns)

    def changes(self) -> tuple[int, ...]:
        """Return the moments at which `at` can differ from just before, in order."""
        moments: set[int] = set()
        for kind in EntryKind:
            for entry in self.standing(kind):
                moments.add(known_from(entry))
                if entry.until_utc_ns is not None:
                    moments.add(max(entry.until_utc_ns, known_from(entry)))
                if kind is EntryKind.INFUSION:  # one that is to come is known as such
                    moments.add(entry.entered_utc_ns)
                if kind is EntryKind.SYMPTOM:
                    moments.add(entry.at_utc_ns + SYMPTOMS_COUNT_NS)
        return tuple(sorted(moments))


def known_from(entry: PatientEntry) -> int:
    """Return since when an entry counts, UTC: it is true, and was entered."""
    return max(entry.at_utc_ns, entry.entered_utc_ns)


def _context(known: Known, utc_ns: int) -> PatientContext:
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
        antipyretic_utc_ns=_given(known, EntryKind.ANTIPYRETIC),
        tocilizumab_utc_ns=_given(known, EntryKind.TOCILIZUMAB),
        steroid_utc_ns=_given(known, EntryKind.STEROID),
        transfusion=_spell(known, EntryKind.TRANSFUSION, utc_ns),
        procedure=_spell(known, EntryKind.PROCEDURE, utc_ns),
        cooling=_spell(known, EntryKind.COOLING, utc_ns),
        consciousness=_seen(_last(known, EntryKind.CONSCIOUSNESS)),
        ice=_measured(_last(known, EntryKind.ICE)),
        symptoms=_symptoms(known.get(EntryKind.SYMPTOM, ()), utc_ns),
        flags=frozenset(
            entry.name for entry in known.get(EntryKind.FLAG, ()) if _lasts(entry, utc_ns)
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


def _given(known: Known, kind: EntryKind) -> int | None:
    times = [entry.at_utc_ns for entry in known.get(kind, ()) if entry.name != NONE]
    return max(times, default=None)


def _spell(known: Known, kind: EntryKind, utc_ns: int) -> Spell | None:
    spells = spells_of(known.get(kind, ()))
    running = [spell for spell in spells if spell.is_running(utc_ns)]
    return next(reversed(running or spells), None)


def _running_names(entries: Sequence[PatientEntry] | None, utc_ns: int) -> tuple[str, ...] | None:
    """Return the drugs that run, each once, whatever it is called."""
    if entries is None:
        return None
    spells = spells_of(replace(entry, name=drug_name(entry.name)) for entry in entries)
    running = {spell.name for spell in spells if spell.is_running(utc_ns)}
    called: dict[str, str] = {}
    for entry in entries:
        called.setdefault(drug_name(entry.name), entry.name)
    return tuple(name for drug, name in called.items() if drug in running)


def _oxygen(entries: Sequence[PatientEntry], utc_ns: int) -> OxygenPhase | None:
    """Return what is given at a moment, None where nobody has said."""
    phases = [p for p in oxygen_phases(entries) if p.since_utc_ns <= utc_ns]
    return phases[-1] if phases else None


def _lasts(entry: PatientEntry, utc_ns: int) -> bool:
    return entry.until_utc_ns is None or utc_ns < entry.until_utc_ns


def _seen(entry: PatientEntry | None) -> Seen | None:
    return None if entry is None else Seen(entry.name, entry.at_utc_ns)


def _measured(entry: PatientEntry | None) -> Measured | None:
    if entry is None or entry.amount is None:
        return None
    return Measured(entry.amount, entry.unit, entry.at_utc_ns)


def _symptoms(entries: Iterable[PatientEntry], utc_ns: int) -> tuple[Seen, ...]:
    latest: dict[str, int] = {}
    for entry in entries:
        if utc_ns < entry.at_utc_ns + SYMPTOMS_COUNT_NS and _lasts(entry, utc_ns):
            latest.pop(entry.name, None)
            latest[entry.name] = entry.at_utc_ns
    return tuple(Seen(name, at_ns) for name, at_ns in latest.items())
