"""The entries about a patient folded to moments of change, with the state between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from edge_agent.model.durations import HOUR_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice, PatientEntry
from edge_agent.patient.drugs import drug_name
from edge_agent.patient.oxygen_course import OxygenPhase, oxygen_phases
from edge_agent.patient.spells import spells_of
from edge_agent.patient.state import (
    UNKNOWN_PATIENT,
    Absence,
    Measured,
    NamedObservation,
    PatientContext,
)

Known = Mapping[EntryKind, Sequence[PatientEntry]]
"""Entries by kind and in order of time; only kinds that have any."""

ASSUMED_LENGTH_NS: Final[Mapping[EntryKind, int]] = MappingProxyType(
    {
        EntryKind.TRANSFUSION: 12 * HOUR_NS,
        EntryKind.PROCEDURE: HOUR_NS,
    }
)
"""Longest assumed duration where nobody entered the end. Both explain a fast heart or a fever.
design start values, unvalidated"""
RECENT_NS: Final[Mapping[EntryKind, int]] = MappingProxyType(
    {EntryKind.SYMPTOM: 24 * HOUR_NS, EntryKind.FLUIDS: 24 * HOUR_NS}
)
"""Time for which an entered symptom counts as present, and fluids as recent; design start values,
unvalidated."""
_PACED: Final = "paced"
_SETS_THE_RATE: Final = frozenset({OxygenDevice.BIPAP, OxygenDevice.VENTILATOR})


class Fold:
    """A patient's states over time; a state is derived when it is first asked for, and stored.

    Parameters
    ----------
    current
        Entries that stand after all corrections, by kind and in order of time; only kinds that have
        any.
    """

    def __init__(self, current: Known) -> None:
        self._current = current
        moments = {ns for entries in current.values() for e in entries for ns in _moments(e)}
        self.moments = tuple(sorted(moments))
        """Times at which the state can change, UTC, in order."""
        self._states: dict[int, PatientContext] = {0: UNKNOWN_PATIENT}
        """States by the number of moments that have passed."""

    def at(self, utc_ns: int) -> PatientContext:
        """Return the patient's state at a moment."""
        passed = bisect_right(self.moments, utc_ns)
        state = self._states.get(passed)
        if state is None:
            state = self._states[passed] = self._derived(self.moments[passed - 1])
        return state

    def _derived(self, utc_ns: int) -> PatientContext:
        known = {
            kind: begun
            for kind, entries in self._current.items()
            if (begun := [e for e in entries if _known_from(e) <= utc_ns])
        }
        return _state(known, self._current.get(EntryKind.INFUSION, ()), utc_ns)


def _known_from(entry: PatientEntry) -> int:
    """Return the UTC time from which an entry counts: it has come true and was entered."""
    return max(entry.at_utc_ns, entry.entered_utc_ns)


def _moments(entry: PatientEntry) -> Iterator[int]:
    """Yield the times at which an entry begins or ceases to count."""
    known_ns = _known_from(entry)
    yield known_ns
    if entry.until_utc_ns is not None:
        yield max(entry.until_utc_ns, known_ns)
    if entry.kind is EntryKind.INFUSION:  # a planned one counts from its entry
        yield entry.entered_utc_ns
    if entry.kind in RECENT_NS:
        yield max(entry.at_utc_ns + RECENT_NS[entry.kind], known_ns)


def _state(known: Known, infusions: Sequence[PatientEntry], utc_ns: int) -> PatientContext:
    """Return the patient's state.

    Parameters
    ----------
    known
        Entries that have begun to count by the moment.
    infusions
        All infusions, planned ones included.
    """
    infused = _infused(infusions, utc_ns)
    oxygen = _oxygen(known.get(EntryKind.OXYGEN, ()), utc_ns)
    flags = frozenset(e.name for e in known.get(EntryKind.FLAG, ()) if _is_active(e, utc_ns))
    return PatientContext(
        entered=frozenset(known),
        product="" if infused is None else infused.name,
        infused_utc_ns=None if infused is None else infused.at_utc_ns,
        age_years=_amount(known, EntryKind.AGE),
        baselines=MappingProxyType(
            {
                VitalKind(entry.name): entry.amount
                for entry in known.get(EntryKind.BASELINE, ())
                if entry.amount is not None
            }
        ),
        oxygen_device=oxygen.device if oxygen else None,
        oxygen_flow_l_min=oxygen.flow_l_min if oxygen else None,
        oxygen_raised_until_utc_ns=oxygen.raised_until_utc_ns if oxygen else None,
        oxygen_entered_utc_ns=_newest_ns(known, EntryKind.OXYGEN, utc_ns),
        vasopressors=_running_names(known.get(EntryKind.VASOPRESSOR), utc_ns),
        vasopressors_entered_utc_ns=_newest_ns(known, EntryKind.VASOPRESSOR, utc_ns),
        antipyretic_utc_ns=_latest_ns(known, EntryKind.ANTIPYRETIC),
        tocilizumab_utc_ns=_latest_ns(known, EntryKind.TOCILIZUMAB),
        steroid_utc_ns=_latest_ns(known, EntryKind.STEROID),
        transfused_until_utc_ns=_latest_end(known, EntryKind.TRANSFUSION),
        procedure_until_utc_ns=_latest_end(known, EntryKind.PROCEDURE),
        is_cooled=any(s.is_running(utc_ns) for s in spells_of(known.get(EntryKind.COOLING, ()))),
        steady=_steady(flags, oxygen),
        consciousness=_seen(_last(known, EntryKind.CONSCIOUSNESS)),
        ice=_measured(_last(known, EntryKind.ICE)),
        symptoms=_symptoms(known, utc_ns),
        flags=flags,
        fluids_l=_fluids(known, utc_ns),
        labs=MappingProxyType(
            {
                entry.name: measured
                for entry in known.get(EntryKind.LAB, ())
                if (measured := _measured(entry)) is not None
            }
        ),
        crs=_seen(_last(known, EntryKind.CRS)),
        away=_away(known, utc_ns),
    )


def _infused(infusions: Sequence[PatientEntry], utc_ns: int) -> PatientEntry | None:
    """Return the latest infusion, before the first one the planned one; None if there are none."""
    known = [entry for entry in infusions if entry.entered_utc_ns <= utc_ns]
    given = [entry for entry in known if entry.at_utc_ns <= utc_ns]
    return next(reversed(given or known), None)


def _last(known: Known, kind: EntryKind) -> PatientEntry | None:
    some = known.get(kind)
    return some[-1] if some else None


def _amount(known: Known, kind: EntryKind) -> float | None:
    entry = _last(known, kind)
    return None if entry is None else entry.amount


def _latest_ns(known: Known, kind: EntryKind) -> int | None:
    """Return the time of the newest dose of a kind of drug, None for no dose."""
    times = [entry.at_utc_ns for entry in known.get(kind, ()) if entry.name != NONE]
    return max(times, default=None)


def _newest_ns(known: Known, kind: EntryKind, utc_ns: int) -> int | None:
    """Return the time of the newest entry of a kind, or of an end that it named; None for none."""
    entries = known.get(kind, ())
    begun = [_known_from(entry) for entry in entries]
    ends = [e.until_utc_ns for e in entries if e.until_utc_ns is not None]
    return max([*begun, *(ns for ns in ends if ns <= utc_ns)], default=None)


def _latest_end(known: Known, kind: EntryKind) -> int | None:
    """Return the latest end of the spells of a kind, past or future; None if there are none."""
    ends = [
        spell.from_utc_ns + ASSUMED_LENGTH_NS[kind]
        if spell.until_utc_ns is None
        else spell.until_utc_ns
        for spell in spells_of(known.get(kind, ()))
    ]
    return max(ends, default=None)


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


def _steady(flags: frozenset[str], oxygen: OxygenPhase | None) -> frozenset[VitalKind]:
    """Return the vitals that a pacemaker or a ventilator sets."""
    is_so = {
        VitalKind.HEART_RATE: _PACED in flags,
        VitalKind.RESPIRATORY_RATE: oxygen is not None and oxygen.device in _SETS_THE_RATE,
    }
    return frozenset(kind for kind, is_set in is_so.items() if is_set)


def _is_active(entry: PatientEntry, utc_ns: int) -> bool:
    return entry.until_utc_ns is None or utc_ns < entry.until_utc_ns


def _away(known: Known, utc_ns: int) -> Absence | None:
    """Return the absence that was entered last, while it lasts; an arrival at a bed ends it."""
    entry = _last(known, EntryKind.AWAY)
    if entry is None or entry.until_utc_ns is None or not _is_active(entry, utc_ns):
        return None
    arrivals = (_last(known, kind) for kind in (EntryKind.ADMITTED, EntryKind.TRANSFERRED))
    if any(arrival.at_utc_ns >= entry.at_utc_ns for arrival in arrivals if arrival is not None):
        return None
    return Absence(entry.name, entry.at_utc_ns, entry.until_utc_ns, entry.by)


def _seen(entry: PatientEntry | None) -> NamedObservation | None:
    return None if entry is None else NamedObservation(entry.name, entry.at_utc_ns)


def _measured(entry: PatientEntry | None) -> Measured | None:
    if entry is None or entry.amount is None:
        return None
    return Measured(entry.amount, entry.unit, entry.at_utc_ns)


def _recent(known: Known, kind: EntryKind, utc_ns: int) -> list[PatientEntry]:
    return [e for e in known.get(kind, ()) if utc_ns < e.at_utc_ns + RECENT_NS[kind]]


def _symptoms(known: Known, utc_ns: int) -> tuple[NamedObservation, ...]:
    """Return the symptoms that count at a moment, each with its latest time."""
    latest: dict[str, int] = {}
    for entry in _recent(known, EntryKind.SYMPTOM, utc_ns):
        if _is_active(entry, utc_ns):
            latest.pop(entry.name, None)
            latest[entry.name] = entry.at_utc_ns
    return tuple(NamedObservation(name, at_ns) for name, at_ns in latest.items())


def _fluids(known: Known, utc_ns: int) -> float | None:
    """Return the fluids given lately, None where none were entered."""
    recent = _recent(known, EntryKind.FLUIDS, utc_ns)
    amounts = [entry.amount for entry in recent if entry.amount is not None]
    return sum(amounts) if amounts else None
