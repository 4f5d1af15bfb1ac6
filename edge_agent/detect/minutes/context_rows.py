"""Entries about a patient as numbers for the formulas over minutes."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import Events, FloatArray, IntArray
from edge_agent.detect.language.signals import CUFF
from edge_agent.detect.minutes.formulas import CONTEXT
from edge_agent.detect.scores.early_warning import CONSCIOUSNESS
from edge_agent.detect.series.sites import INELIGIBLE_SITES
from edge_agent.model.clock import LATEST_UTC_NS
from edge_agent.model.durations import HOUR_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.context import ContextLog, states_over
from edge_agent.patient.onset import ANY_PRODUCT, ONSETS
from edge_agent.patient.state import PatientContext

_ROW: Final = {name: row for row, name in enumerate(CONTEXT)}
CONSCIOUSNESS_NS: Final = 12 * HOUR_NS
"""Time for which an entry of consciousness is valid: one shift; design start value, unvalidated."""
_HYPERCAPNIC: Final = "hypercapnic"
_ANTICYTOKINE: Final = (EntryKind.TOCILIZUMAB, EntryKind.STEROID)


def context_columns(log: ContextLog | None, utc_ns: IntArray) -> FloatArray:
    """Return the rows of `formulas.CONTEXT` for each moment.

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
    for begin, end, known in states_over(log, utc_ns):
        for name, values in _rows(known, utc_ns[begin:end]).items():
            found[_ROW[name], begin:end] = values
    return found


def _rows(known: PatientContext, utc_ns: IntArray) -> Mapping[str, FloatArray | float]:
    """Return the rows for moments between which no entry starts or stops counting."""
    is_infused = known.infused_utc_ns is not None
    band = ONSETS.get(known.product, ANY_PRODUCT) if is_infused else None
    cytokine_ns = (known.tocilizumab_utc_ns, known.steroid_utc_ns)
    newest_ns = max((ns for ns in cytokine_ns if ns is not None), default=None)
    pressors, raised_ns = known.vasopressors, known.oxygen_raised_until_utc_ns
    return {
        "hours_since_infusion": _hours_since(known.infused_utc_ns, utc_ns),
        "onset_from_h": band.from_h if band else nan,
        "onset_to_h": band.to_h if band else nan,
        "hours_since_antipyretic": _hours_since(known.antipyretic_utc_ns, utc_ns),
        "hours_since_anticytokine": _hours_since(newest_ns, utc_ns),
        "hours_since_transfusion": _hours_since_end(known.transfused_until_utc_ns, utc_ns),
        "hours_since_procedure": _hours_since_end(known.procedure_until_utc_ns, utc_ns),
        "is_cooled": float(known.is_cooled),
        "away": float(known.away is not None),
        "has_oxygen": _has_oxygen(known),
        "oxygen_raised": 0.0 if raised_ns is None else (utc_ns < raised_ns).astype(np.float64),
        "vasopressors": nan if pressors is None else float(len(pressors)),
        "consciousness": _consciousness(known, utc_ns),
        "is_hypercapnic": float(_HYPERCAPNIC in known.flags),
        "age_years": nan if known.age_years is None else known.age_years,
        "product_is_known": 1.0 if is_infused else nan,
        "treatment_is_known": 1.0 if any(map(known.was_entered, _ANTICYTOKINE)) else nan,
    }


def _hours_since(at_utc_ns: int | None, utc_ns: IntArray) -> FloatArray | float:
    return inf if at_utc_ns is None else (utc_ns - at_utc_ns) / HOUR_NS


def _hours_since_end(until_utc_ns: int | None, utc_ns: IntArray) -> FloatArray | float:
    """Return the hours since an end, 0 before it, infinite without one."""
    return inf if until_utc_ns is None else np.maximum(0, utc_ns - until_utc_ns) / HOUR_NS


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


def late_entries_ns(log: ContextLog | None) -> IntArray:
    """Return the UTC times at which readings by hand were entered later than they were taken."""
    spots = log.current(EntryKind.SPOT) if log else ()
    return np.unique([e.entered_utc_ns for e in spots if e.entered_utc_ns > e.at_utc_ns]).astype(
        np.int64
    )


def entered_readings(
    log: ContextLog | None, clock_ns: int, known_by_ns: int = LATEST_UTC_NS
) -> dict[VitalKind, Events]:
    """Return the readings that people had entered by hand by a moment, by vital, oldest first.

    Parameters
    ----------
    log
        The entries about the patient; None if there are none.
    clock_ns
        UTC minus monotonic time, ns.
    """
    entries = log.current(EntryKind.SPOT) if log else ()
    spots, found = [e for e in entries if e.entered_utc_ns <= known_by_ns], {}
    for kind in (*CUFF, VitalKind.TEMPERATURE):
        ineligible = INELIGIBLE_SITES.get(kind, frozenset())
        listed = [e for e in spots if e.name == kind.value and e.site not in ineligible]
        utc_ns = np.array([e.at_utc_ns for e in listed], np.int64)
        values = np.array([nan if e.amount is None else e.amount for e in listed])
        found[kind] = Events(utc_ns - clock_ns, values, utc_ns, utc_ns)
    return found
