"""Newest readings of a bed as facts: what the monitor shows, with time, place and doubt."""

from __future__ import annotations

from dataclasses import replace
from math import isnan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.signals import SIGNALS
from edge_agent.detect.scores.grade_course import context_of
from edge_agent.detect.series.doubts import AS_MEASURED
from edge_agent.model.facts import Fact, FactKind, Reference
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.model.patient import EntryKind

_USED_NS: Final = 4 * 3600 * 10**9
"""Greatest age of a single reading that is shown; crs.fever uses one entered by hand for 4 h."""
_LINE: Final = (VitalKind.ART_SYSTOLIC, VitalKind.ART_DIASTOLIC, VitalKind.ART_MEAN)
_CUFF: Final = (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_DIASTOLIC, VitalKind.NIBP_MEAN)
_MMHG: Final = CANONICAL_UNITS[VitalKind.NIBP_SYSTOLIC]
_NOTEWORTHY_CEL: Final = 0.5
_NOTEWORTHY_MIN: Final = 10.0


def running(kind: FactKind, signal: str, view: View) -> Fact:
    """Return the present value of a running signal; without a value where it is unknown."""
    value = _now(view, signal)
    if value is None:
        return Fact(kind)
    return Fact(kind, value, SIGNALS[signal].unit)


def temperature(view: View) -> Fact:
    """Return the temperature with its part above the baseline, or a recent single reading."""
    value, over = _now(view, "temperature"), _now(view, "temperature_over_baseline")
    if value is None:
        return _spot(view)
    fact = Fact(FactKind.TEMPERATURE, value, CANONICAL_UNITS[VitalKind.TEMPERATURE])
    if over is None or over < _NOTEWORTHY_CEL:
        return fact
    is_own = (_now(view, "baseline_is_own") or 0) > 0
    return _above(fact, over, Reference.OWN if is_own else Reference.USUAL)


def heart_rate(view: View) -> Fact:
    """Return the heart rate with its part above the rate that the temperature explains."""
    fact, excess = running(FactKind.HEART_RATE, "heart_rate", view), _now(view, "heart_rate_excess")
    if fact.value is None or excess is None or excess < _NOTEWORTHY_MIN:
        return fact
    return _above(fact, excess, Reference.EXPECTED)


def oxygen(view: View) -> Fact:
    """Return the oxygen that is given, as it was entered."""
    known = context_of(view)
    device, flow = known.oxygen_device, known.oxygen_flow_l_min
    names = () if device is None else (device.value,)
    return Fact(FactKind.OXYGEN, flow, "" if flow is None else "L/min", names=names)


def vasopressors(view: View) -> Fact:
    """Return the vasopressors that run, as they were entered."""
    return Fact(FactKind.VASOPRESSOR, names=context_of(view).vasopressors or ())


def pressure(view: View) -> Fact | None:
    """Return the pressure of an arterial line, else a recent cuff reading; None if there was none.

    A cuff reading that no rule uses any longer is no value.
    """
    line = line_pressure(view)
    if line.value is not None or line.mean is not None:
        return line
    cuff = newest_pressure(view)
    if cuff.measured_utc_ns is None:
        return None
    is_used = view.at.utc_ns - cuff.measured_utc_ns <= _USED_NS
    return cuff if is_used else Fact(FactKind.PRESSURE)


def line_pressure(view: View) -> Fact:
    """Return the present pressure of an arterial line."""
    systolic, diastolic, mean = (_now(view, kind.value) for kind in _LINE)
    is_known = systolic is not None or mean is not None
    fact = Fact(FactKind.PRESSURE, systolic, _MMHG if is_known else "", is_line=True)
    return replace(fact, diastolic=diastolic, mean=mean)


def newest_pressure(view: View) -> Fact:
    """Return the newest usable cuff reading, however old, with its time."""
    systolic, _, mean = _CUFF
    newest = [*_newest_usable(view, systolic), *_newest_usable(view, mean)]
    if not newest:
        return Fact(FactKind.PRESSURE)
    time_ns = max(newest)
    utc_ns = time_ns + view.at.utc_ns - view.at.monotonic_ns
    values = [_reading_at(view, kind, time_ns) for kind in _CUFF]
    return Fact(
        FactKind.PRESSURE,
        values[0],
        _MMHG,
        utc_ns,
        diastolic=values[1],
        mean=values[2],
        is_by_hand=any(_is_by_hand(view, kind, utc_ns) for kind in _CUFF),
    )


def doubted(name: str, kind: FactKind, evidence: Evidence, view: View) -> Fact:
    """Return the newest value that is shown but may not be trusted."""
    if name in AS_MEASURED:
        return _as_measured(name, view)
    values = view.window(name, max(1, round(evidence.window_s / 10)))
    known = values[~np.isnan(values)]
    value = float(known[-1]) if known.size else evidence.value
    fact = Fact(kind, None, evidence.unit, is_doubtful=True, is_line=name.startswith("art_"))
    return replace(fact, mean=value) if "mean" in name else replace(fact, value=value)


def _as_measured(name: str, view: View) -> Fact:
    """Return a cuff's newest reading, doubted or not."""
    measured, trusted = view.events(name), view.events(AS_MEASURED[name].value)
    known = np.flatnonzero(~np.isnan(measured.values))
    newest = int(known[-1])
    value = float(measured.values[newest])
    is_trusted = bool((trusted.values[-1:] == value).all()) and trusted.values.size > 0
    if is_trusted:
        return newest_pressure(view)
    fact = Fact(FactKind.PRESSURE, None, _MMHG, int(measured.utc_ns[newest]), is_doubtful=True)
    return replace(fact, mean=value) if "mean" in name else replace(fact, value=value)


def _spot(view: View) -> Fact:
    """Return a recent single reading of the temperature."""
    spots = view.events("spot_temperature")
    newest = spots.times_ns.size - 1
    if newest < 0 or isnan(spots.values[newest]):
        return Fact(FactKind.TEMPERATURE)
    if view.at.monotonic_ns - int(spots.times_ns[newest]) > _USED_NS:
        return Fact(FactKind.TEMPERATURE)
    utc_ns = int(spots.utc_ns[newest])
    return Fact(
        FactKind.TEMPERATURE,
        float(spots.values[newest]),
        CANONICAL_UNITS[VitalKind.TEMPERATURE],
        utc_ns,
        is_by_hand=_is_by_hand(view, VitalKind.TEMPERATURE, utc_ns),
    )


def _above(fact: Fact, above: float, reference: Reference) -> Fact:
    return replace(fact, above=above, reference=reference)


def _now(view: View, signal: str) -> float | None:
    """Return a running signal's present value; None where it is unknown."""
    values: FloatArray = view.window(signal, 1)
    return None if isnan(values[-1]) else float(values[-1])


def _newest_usable(view: View, kind: VitalKind) -> list[int]:
    """Return the monotonic time of a cuff's newest usable reading, ns, if there is one."""
    events = view.events(kind.value)
    usable = np.flatnonzero(~np.isnan(events.values))
    return [int(events.times_ns[index]) for index in usable[-1:]]


def _reading_at(view: View, kind: VitalKind, time_ns: int) -> float | None:
    events = view.events(kind.value)
    found = events.values[(events.times_ns == time_ns) & ~np.isnan(events.values)]
    return float(found[-1]) if found.size else None


def _is_by_hand(view: View, kind: VitalKind, utc_ns: int) -> bool:
    entries = view.log.current(EntryKind.SPOT) if view.log else ()
    return any(entry.name == kind.value and entry.at_utc_ns == utc_ns for entry in entries)
