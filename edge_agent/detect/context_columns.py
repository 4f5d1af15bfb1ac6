"""What was entered about a patient, as numbers that formulas over minutes read."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.minutes import CONTEXT
from edge_agent.detect.products import ANY_PRODUCT, ONSETS
from edge_agent.detect.scores import CONSCIOUSNESS
from edge_agent.detect.sites import INELIGIBLE_SITES
from edge_agent.detect.track import Events
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_agent.detect.context import ContextLog
    from edge_agent.detect.window import BoolArray, FloatArray, IntArray
    from edge_agent.model.patient import PatientEntry

_HOUR_NS: Final = 3600 * 10**9
_ROW: Final = {name: row for row, name in enumerate(CONTEXT)}
_RAISED_FOR_NS: Final = 6 * _HOUR_NS
CONSCIOUSNESS_NS: Final = 12 * _HOUR_NS
"""How long an entry of consciousness stands: one shift; design start value, unvalidated."""
_STRENGTH: Final = {device: rank for rank, device in enumerate(OxygenDevice)}
"""Devices from air to ventilator in the order in which they give more."""

_SINCE: Final = {
    "hours_since_antipyretic": (EntryKind.ANTIPYRETIC,),
    "hours_since_anticytokine": (EntryKind.TOCILIZUMAB, EntryKind.STEROID),
    "hours_since_transfusion": (EntryKind.TRANSFUSION,),
    "hours_since_procedure": (EntryKind.PROCEDURE,),
}
_EMPTY: Final = {
    "hours_since_infusion": inf,
    "hours_since_antipyretic": inf,
    "hours_since_anticytokine": inf,
    "hours_since_transfusion": inf,
    "hours_since_procedure": inf,
    "is_cooled": 0.0,
    "oxygen_raised": 0.0,
    "is_hypercapnic": 0.0,
}
"""What holds where nothing was entered; all else is not known then."""


def context_columns(log: ContextLog | None, utc_ns: IntArray) -> FloatArray:
    """Return the rows `minutes.CONTEXT` for each moment.

    An entry counts from when it became true and was entered.

    Parameters
    ----------
    log
        What was entered, corrections applied; None where nothing was.
    utc_ns
        The moments, increasing, shape (n,).

    Returns
    -------
    FloatArray
        Shape (len(CONTEXT), n).
    """
    found = np.full((len(CONTEXT), utc_ns.size), nan)
    for name, value in _EMPTY.items():
        found[_ROW[name]] = value
    if log is None:
        return found
    _fill_infusion(found, log.standing(EntryKind.INFUSION), utc_ns)
    _fill_hours(found, log, utc_ns)
    for entry in log.standing(EntryKind.COOLING):
        found[_ROW["is_cooled"]][_known(entry, utc_ns)] = 0.0
        if entry.name != NONE:
            found[_ROW["is_cooled"]][_running(entry, utc_ns)] = 1.0
    _fill_oxygen(found, log.standing(EntryKind.OXYGEN), utc_ns)
    _fill_pressors(found, log.standing(EntryKind.VASOPRESSOR), utc_ns)
    for entry in log.standing(EntryKind.CONSCIOUSNESS):
        stands = _known(entry, utc_ns) & (utc_ns - entry.at_utc_ns <= CONSCIOUSNESS_NS)
        found[_ROW["consciousness"]][stands] = float(CONSCIOUSNESS[entry.name])
    for entry in (e for e in log.standing(EntryKind.FLAG) if e.name == "hypercapnic"):
        found[_ROW["is_hypercapnic"]][_running(entry, utc_ns)] = 1.0
    age_years = age_of(log)
    found[_ROW["age_years"]] = nan if age_years is None else age_years
    return found


def _fill_hours(found: FloatArray, log: ContextLog, utc_ns: IntArray) -> None:
    """Fill in how long ago things were given."""
    for name, kinds in _SINCE.items():
        row = found[_ROW[name]]
        for entry in (e for kind in kinds for e in log.standing(kind) if e.name != NONE):
            np.fmin(row, _hours_since(entry, utc_ns), out=row, where=_known(entry, utc_ns))


def age_of(log: ContextLog | None) -> float | None:
    """Return a patient's age in years, None where nobody entered it."""
    entries = log.standing(EntryKind.AGE) if log else ()
    return entries[-1].amount if entries else None


def entered_baselines(log: ContextLog | None, utc_ns: int) -> Mapping[VitalKind, float]:
    """Return the usual values that were entered for a patient by a moment."""
    entries = log.standing(EntryKind.BASELINE) if log else ()
    known = (e for e in entries if max(e.at_utc_ns, e.entered_utc_ns) <= utc_ns)
    return {VitalKind(e.name): e.amount for e in known if e.amount is not None}


def entered_readings(log: ContextLog | None, kind: VitalKind, utc_less_ns: int) -> Events:
    """Return the readings of a vital that people took by hand and entered, oldest first.

    Parameters
    ----------
    utc_less_ns
        UTC less monotonic.
    """
    entries = log.standing(EntryKind.SPOT) if log else ()
    barred = INELIGIBLE_SITES.get(kind, frozenset())
    taken = [e for e in entries if e.name == kind.value and e.site not in barred]
    utc_ns = np.array([e.at_utc_ns for e in taken], np.int64)
    values = np.array([nan if e.amount is None else e.amount for e in taken])
    return Events(utc_ns - utc_less_ns, values, utc_ns, utc_ns)


def _known(entry: PatientEntry, utc_ns: IntArray) -> BoolArray:
    return np.asarray(utc_ns >= max(entry.at_utc_ns, entry.entered_utc_ns))


def _running(entry: PatientEntry, utc_ns: IntArray) -> BoolArray:
    is_known = _known(entry, utc_ns)
    return is_known if entry.until_utc_ns is None else is_known & (utc_ns < entry.until_utc_ns)


def _hours_since(entry: PatientEntry, utc_ns: IntArray) -> FloatArray:
    """Return the hours since something was given, 0 while it runs."""
    end_ns = entry.at_utc_ns if entry.until_utc_ns is None else entry.until_utc_ns
    return np.maximum(0, utc_ns - end_ns) / _HOUR_NS


def _fill_infusion(found: FloatArray, entries: Sequence[PatientEntry], utc_ns: IntArray) -> None:
    for entry in entries:
        band = ONSETS.get(entry.name, ANY_PRODUCT)
        is_known = utc_ns >= entry.entered_utc_ns
        hours = (utc_ns - entry.at_utc_ns) / _HOUR_NS
        for name, values in (
            ("hours_since_infusion", hours),
            ("onset_from_h", np.full(utc_ns.size, band.from_h)),
            ("onset_to_h", np.full(utc_ns.size, band.to_h)),
        ):
            found[_ROW[name]][is_known] = values[is_known]


def _fill_oxygen(found: FloatArray, entries: Sequence[PatientEntry], utc_ns: IntArray) -> None:
    """Fill in whether oxygen is given, and whether it went up lately."""
    before = (0, 0.0)
    for entry in sorted(entries, key=lambda e: e.at_utc_ns):
        device = OxygenDevice(entry.name)
        is_running = _running(entry, utc_ns)
        is_known = _known(entry, utc_ns)
        found[_ROW["has_oxygen"]][is_known] = 0.0
        if device is not OxygenDevice.AIR:
            found[_ROW["has_oxygen"]][is_running] = 1.0
        given = (_STRENGTH[device], entry.amount or 0.0)
        if given > before:
            is_recent = utc_ns - entry.at_utc_ns < _RAISED_FOR_NS
            found[_ROW["oxygen_raised"]][is_running & is_recent] = 1.0
        before = given


def _fill_pressors(found: FloatArray, entries: Sequence[PatientEntry], utc_ns: IntArray) -> None:
    row = found[_ROW["vasopressors"]]
    for entry in entries:
        if entry.name == NONE:
            row[_known(entry, utc_ns)] = 0.0
            continue
        row[_known(entry, utc_ns) & np.isnan(row)] = 0.0
        row[_running(entry, utc_ns)] += 1.0
