"""Entries about a patient as numbers for the formulas over minutes."""

from __future__ import annotations

from itertools import pairwise
from math import inf, nan
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.arrays import Events
from edge_agent.detect.minutes.formulas import CONTEXT
from edge_agent.detect.scores.early_warning import CONSCIOUSNESS
from edge_agent.detect.series.places import INELIGIBLE_SITES
from edge_agent.model.durations import HOUR_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.age import age_of
from edge_agent.patient.context import UNKNOWN_PATIENT, known_from
from edge_agent.patient.onset import ANY_PRODUCT, ONSETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge_agent.detect.arrays import FloatArray, IntArray
    from edge_agent.model.patient import PatientEntry
    from edge_agent.patient.context import ContextLog, PatientContext
    from edge_agent.patient.spells import Spell

_ROW: Final = {name: row for row, name in enumerate(CONTEXT)}
CONSCIOUSNESS_NS: Final = 12 * HOUR_NS
"""Time for which an entry of consciousness is valid: one shift; design start value, unvalidated."""
_UNIT_NS: Final = 12 * HOUR_NS
"""Longest assumed transfusion where nobody entered its end; a procedure lasts an hour at most. Both
explain a fast heart or a fever. design start values, unvalidated"""
_HYPERCAPNIC: Final = "hypercapnic"
_ANTICYTOKINE: Final = (EntryKind.TOCILIZUMAB, EntryKind.STEROID)


def context_columns(log: ContextLog | None, utc_ns: IntArray) -> FloatArray:
    """Return the rows of `minutes.CONTEXT` for each moment.

    Parameters
    ----------
    log
        The entries about the patient; None if there are none.
    utc_ns
        The moments, increasing, shape (n,).

    Returns
    -------
    FloatArray
        Shape (len(CONTEXT), n).
    """
    found = np.empty((len(CONTEXT), utc_ns.size))
    begins = utc_ns.searchsorted(log.changes()).tolist() if log else []
    for begin, end in pairwise(sorted({0, *begins, utc_ns.size})):
        part = utc_ns[begin:end]
        known = log.at(int(part[0])) if log else UNKNOWN_PATIENT
        infused = _infused(log, int(part[0]))
        for name, values in _rows(known, infused, age_of(log), part).items():
            found[_ROW[name], begin:end] = values
    return found


def _rows(
    known: PatientContext, infused: PatientEntry | None, age_years: float | None, utc_ns: IntArray
) -> Mapping[str, FloatArray | float]:
    """Return the rows for moments between which no entry begins or ends to count."""
    band = ONSETS.get(infused.name, ANY_PRODUCT) if infused else None
    cytokine_ns = (known.tocilizumab_utc_ns, known.steroid_utc_ns)
    newest_ns = max((ns for ns in cytokine_ns if ns is not None), default=None)
    pressors = known.vasopressors
    return {
        "hours_since_infusion": _hours_since(infused.at_utc_ns if infused else None, utc_ns),
        "onset_from_h": band.from_h if band else nan,
        "onset_to_h": band.to_h if band else nan,
        "hours_since_antipyretic": _hours_since(known.antipyretic_utc_ns, utc_ns),
        "hours_since_anticytokine": _hours_since(newest_ns, utc_ns),
        "hours_since_transfusion": _hours_since_spell(known.transfusion, _UNIT_NS, utc_ns),
        "hours_since_procedure": _hours_since_spell(known.procedure, HOUR_NS, utc_ns),
        "is_cooled": float(known.cooling is not None and known.cooling.is_running(int(utc_ns[0]))),
        "has_oxygen": _has_oxygen(known),
        "oxygen_raised": (utc_ns < (known.oxygen_raised_until_utc_ns or 0)).astype(np.float64),
        "vasopressors": nan if pressors is None else float(len(pressors)),
        "consciousness": _consciousness(known, utc_ns),
        "is_hypercapnic": float(_HYPERCAPNIC in known.flags),
        "age_years": nan if age_years is None else age_years,
        "product_is_known": 1.0 if infused else nan,
        "treatment_is_known": 1.0 if any(map(known.was_entered, _ANTICYTOKINE)) else nan,
    }


def _infused(log: ContextLog | None, utc_ns: int) -> PatientEntry | None:
    """Return the latest infusion, before the first one the planned one; None if there are none."""
    entries = log.standing(EntryKind.INFUSION) if log else ()
    known = [entry for entry in entries if entry.entered_utc_ns <= utc_ns]
    given = [entry for entry in known if entry.at_utc_ns <= utc_ns]
    return next(reversed(given or known), None)


def _hours_since(at_utc_ns: int | None, utc_ns: IntArray) -> FloatArray | float:
    return inf if at_utc_ns is None else (utc_ns - at_utc_ns) / HOUR_NS


def _hours_since_spell(
    spell: Spell | None, at_most_ns: int, utc_ns: IntArray
) -> FloatArray | float:
    """Return the hours since a spell ended, 0 while it runs, infinite if there was none.

    Parameters
    ----------
    at_most_ns
        Assumed duration, ns, where nobody entered the end.
    """
    if spell is None:
        return inf
    until_ns = spell.until_utc_ns
    over_ns = spell.from_utc_ns + at_most_ns if until_ns is None else until_ns
    return np.maximum(0, utc_ns - over_ns) / HOUR_NS


def _has_oxygen(known: PatientContext) -> float:
    if known.oxygen_device is None:
        return nan
    return float(known.oxygen_device is not OxygenDevice.AIR)


def _consciousness(known: PatientContext, utc_ns: IntArray) -> FloatArray | float:
    seen = known.consciousness
    if seen is None:
        return nan
    is_fresh = utc_ns - seen.utc_ns <= CONSCIOUSNESS_NS
    return np.where(is_fresh, float(CONSCIOUSNESS[seen.name]), nan)


def entered_baselines(log: ContextLog | None, utc_ns: int) -> Mapping[VitalKind, float]:
    """Return a patient's usual values as entered by a moment."""
    entries = log.standing(EntryKind.BASELINE) if log else ()
    known = (e for e in entries if known_from(e) <= utc_ns)
    return {VitalKind(e.name): e.amount for e in known if e.amount is not None}


def entered_readings(log: ContextLog | None, kind: VitalKind, utc_less_ns: int) -> Events:
    """Return a vital's readings that people entered by hand, oldest first.

    Parameters
    ----------
    utc_less_ns
        UTC minus monotonic time, ns.
    """
    return readings_of(log.standing(EntryKind.SPOT) if log else (), kind, utc_less_ns)


def readings_of(entries: Iterable[PatientEntry], kind: VitalKind, utc_less_ns: int) -> Events:
    """Return a vital's readings among spot entries, oldest first."""
    barred = INELIGIBLE_SITES.get(kind, frozenset())
    taken = [e for e in entries if e.name == kind.value and e.site not in barred]
    utc_ns = np.array([e.at_utc_ns for e in taken], np.int64)
    values = np.array([nan if e.amount is None else e.amount for e in taken])
    return Events(utc_ns - utc_less_ns, values, utc_ns, utc_ns)
