"""The explanation of an alert, in a sentence that takes three seconds to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from math import isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import Events
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import Rule
from edge_agent.detect.report.assessment import missing_inputs
from edge_agent.detect.report.clock_words import day_of, time_of_day
from edge_agent.detect.report.doubt_explanation import doubt_sentence
from edge_agent.detect.scores.grade_course import context_of
from edge_agent.model.alerts import AlertKind
from edge_agent.model.durations import DAY_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.patient.state import PatientContext

_USED_NS: Final = 4 * 3600 * 10**9
"""Greatest age of a single reading that is shown; crs.fever uses one entered by hand for 4 h."""
_NEVER: Final = -(2**63)
_BY_HAND: Final = "by hand"
_COMPATIBLE: Final = "Compatible with CRS or infection"
_LINE: Final = (VitalKind.ART_SYSTOLIC, VitalKind.ART_DIASTOLIC, VitalKind.ART_MEAN)
_CUFF: Final = (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_DIASTOLIC, VitalKind.NIBP_MEAN)
_FLAG_WORDS: Final[Mapping[str, str]] = {
    "neutropenia": "neutropenia",
    "culture": "cultures taken",
    "beta_blocker": "beta-blocker (the heart rate may not rise)",
    "paced": "pacemaker",
    "hypercapnic": "hypercapnic",
    "infusion_reaction": "infusion reaction",
    "limits": "limits of treatment",
}
"""Each flag in the words of an explanation."""
_NOTEWORTHY: Final = {"over": 0.5, "excess": 10.0}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reason why an alert was raised, human-readable."""

    sentence: str
    missing: tuple[str, ...]
    """Inputs that are out of date or were never entered."""


def explanation_of(rule: Rule, view: View, zone: tzinfo = UTC) -> Explanation:
    """Return the patient's signs while a rule holds, and the missing inputs.

    People read an alert for hours: every older value carries its time of day in the ward's `zone`,
    and only readings that the rules still use are shown.
    """
    known = context_of(view)
    missing = _missing(view, known)
    if rule.policy.kind is AlertKind.TECHNICAL:
        return Explanation(doubt_sentence(rule, view), missing)
    parts = [
        *_temperature(view, zone),
        *_heart(view),
        *_pressure(view, zone),
        *_oxygen(view),
        *_day(view, known, zone),
        *_entered(view, known, zone),
    ]
    sentence = "; ".join(parts)
    if rule.policy.rule_id.startswith("crs."):
        sentence = ". ".join(filter(None, [sentence, _COMPATIBLE]))
    return Explanation(f"{sentence}." if sentence else "", missing)


def _now(view: View, signal: str) -> float:
    return float(view.window(signal, 1)[-1])


def _temperature(view: View, zone: tzinfo) -> list[str]:
    """Return the temperature in words, or a recent single reading."""
    value, over = _now(view, "temperature"), _now(view, "temperature_over_baseline")
    if isnan(value):
        spots = view.events("spot_temperature")
        newest = spots.times_ns.size - 1
        if newest < 0 or isnan(spots.values[newest]) or not _is_recent(view, spots, newest):
            return ["Temp unknown"]
        times = _time_of_reading(view, VitalKind.TEMPERATURE, int(spots.utc_ns[newest]), zone)
        return [f"Temp {spots.values[newest]:.1f} °C ({times})"]
    text = f"Temp {value:.1f} °C"
    if over >= _NOTEWORTHY["over"]:
        reference = "own baseline" if _now(view, "baseline_is_own") > 0 else "usual"
        text += f", {over:.1f} above {reference}"
    return [text]


def _heart(view: View) -> list[str]:
    value, excess = _now(view, "heart_rate"), _now(view, "heart_rate_excess")
    if isnan(value):
        return ["HR unknown"]
    text = f"HR {value:.0f}/min"
    if excess >= _NOTEWORTHY["excess"]:
        text += f", {excess:.0f} above expected for the temperature"
    return [text]


def _pressure(view: View, zone: tzinfo) -> list[str]:
    """Return the arterial pressure in words, else a recent cuff reading."""
    line = [_now(view, kind.value) for kind in _LINE]
    if not (isnan(line[0]) and isnan(line[2])):
        return [f"BP {_pressures(*line)} (arterial line)"]
    systolic, _, mean = _CUFF
    newest = max(_newest_usable(view, systolic), _newest_usable(view, mean))
    if newest == _NEVER:
        return []
    if view.at.monotonic_ns - newest > _USED_NS:
        return ["BP unknown"]
    cuff = [_reading_at(view, kind, newest) for kind in _CUFF]
    utc_ns = newest + view.at.utc_ns - view.at.monotonic_ns
    times = [_time_of_reading(view, kind, utc_ns, zone) for kind in _CUFF]
    by_hand = next((words for words in times if words.startswith(_BY_HAND)), "")
    return [f"BP {_pressures(*cuff)} {f'({by_hand})' if by_hand else times[0]}"]


def _pressures(systolic: float, diastolic: float, mean: float) -> str:
    """Return the known parts of a pressure."""
    if isnan(systolic):
        return f"{mean:.0f} mmHg mean"
    if isnan(diastolic):
        return f"{systolic:.0f} mmHg systolic"
    return f"{systolic:.0f}/{diastolic:.0f} mmHg"


def _newest_usable(view: View, kind: VitalKind) -> int:
    events = view.events(kind.value)
    usable = np.flatnonzero(~np.isnan(events.values))
    return int(events.times_ns[usable[-1]]) if usable.size else _NEVER


def _reading_at(view: View, kind: VitalKind, time_ns: int) -> float:
    events = view.events(kind.value)
    found = events.values[(events.times_ns == time_ns) & ~np.isnan(events.values)]
    return float(found[-1]) if found.size else nan


def _is_recent(view: View, events: Events, index: int) -> bool:
    return view.at.monotonic_ns - int(events.times_ns[index]) <= _USED_NS


def _time_of_reading(view: View, kind: VitalKind, utc_ns: int, zone: tzinfo) -> str:
    """Return the time of a single reading, marked if it was entered by hand."""
    entries = view.log.current(EntryKind.SPOT) if view.log else ()
    is_by_hand = any(e.name == kind.value and e.at_utc_ns == utc_ns for e in entries)
    when = f"at {time_of_day(utc_ns, view.at.utc_ns, zone)}"
    return f"{_BY_HAND} {when}" if is_by_hand else when


def _oxygen(view: View) -> list[str]:
    value = _now(view, "spo2")
    text = "SpO2 unknown" if isnan(value) else f"SpO2 {value:.0f} %"
    return [f"{text}, oxygen increased" if _now(view, "oxygen_raised") > 0 else text]


def _day(view: View, known: PatientContext, zone: tzinfo) -> list[str]:
    """Return the day after the latest infusion, in words."""
    infused_ns = known.infused_utc_ns
    if infused_ns is None or infused_ns > view.at.utc_ns:
        return []
    day = (view.at.utc_ns - infused_ns) // DAY_NS
    return [f"day {day} after {known.product} ({day_of(infused_ns, zone)})"]


def _entered(view: View, known: PatientContext, zone: tzinfo) -> list[str]:
    """Return the symptoms, the fluids and the flags that people entered, in words."""
    found = [
        f"{symptom.name} {time_of_day(symptom.utc_ns, view.at.utc_ns, zone)}"
        for symptom in known.symptoms
    ]
    if known.fluids_l is not None:
        found.append(f"fluids {known.fluids_l:g} l in 24 h")
    found += [words for flag, words in _FLAG_WORDS.items() if flag in known.flags]
    return [f"entered: {', '.join(found)}"] if found else []


def _missing(view: View, known: PatientContext) -> tuple[str, ...]:
    """Return the inputs that are out of date or were never entered."""
    never_entered = {
        "oxygen device": not known.was_entered(EntryKind.OXYGEN),
        "vasopressors": not known.was_entered(EntryKind.VASOPRESSOR),
        "product and infusion time": known.infused_utc_ns is None,
    }
    return (*missing_inputs(view), *(name for name, holds in never_entered.items() if holds))
