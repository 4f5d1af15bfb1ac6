"""What an alert rests on, in a sentence that is read in three seconds."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.assessment import missing_inputs
from edge_agent.model.alerts import AlertKind
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind

if TYPE_CHECKING:
    from edge_agent.detect.ask import View
    from edge_agent.detect.rule import Rule

_DAY_NS: Final = 86_400 * 10**9
_NOTEWORTHY: Final = {"over": 0.5, "excess": 10.0}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an alert was raised, for people."""

    sentence: str
    missing: tuple[str, ...]
    """Inputs that are not fresh or were never entered."""


def explained(rule: Rule, view: View) -> Explanation:
    """Return what is seen of the patient as a rule holds, and what is not known."""
    missing = _missing(view)
    if rule.policy.kind is AlertKind.TECHNICAL:
        return Explanation("", missing)
    parts = [*_warmth(view), *_heart(view), *_pressure(view), *_oxygen(view), *_day(view)]
    sentence = "; ".join(parts)
    if rule.policy.rule_id.startswith("crs."):
        sentence = f"{sentence}. CRS or infection" if sentence else "CRS or infection"
    return Explanation(f"{sentence}." if sentence else "", missing)


def _now(view: View, signal: str) -> float:
    return float(view.window(signal, 1)[-1])


def _warmth(view: View) -> list[str]:
    value, over = _now(view, "temperature"), _now(view, "temperature_over_baseline")
    spots = view.events("spot_temperature")
    if isnan(value):
        if spots.values.size and not isnan(spots.values[-1]):
            return [f"Temp {spots.values[-1]:.1f} taken by hand"]
        return ["Temp not known"]
    text = f"Temp {value:.1f}"
    if over >= _NOTEWORTHY["over"]:
        whose = "own baseline" if _now(view, "baseline_is_own") > 0 else "what is usual"
        text += f", {over:.1f} above {whose}"
    return [text]


def _heart(view: View) -> list[str]:
    value, excess = _now(view, "heart_rate"), _now(view, "heart_rate_excess")
    if isnan(value):
        return ["HR not known"]
    text = f"HR {value:.0f}"
    if excess >= _NOTEWORTHY["excess"]:
        text += f", {excess:.0f} more than fever explains"
    return [text]


def _pressure(view: View) -> list[str]:
    line = view.window(VitalKind.ART_SYSTOLIC.value, 1)[-1]
    if not isnan(line):
        return [f"BP {line:.0f} systolic (arterial line)"]
    cuff = view.events(VitalKind.NIBP_SYSTOLIC.value)
    usable = np.flatnonzero(~np.isnan(cuff.values))
    if not usable.size:
        return []
    newest = usable[-1]
    age_min = (view.at.monotonic_ns - int(cuff.times_ns[newest])) / 60e9
    return [f"BP {cuff.values[newest]:.0f} systolic {age_min:.0f} min ago"]


def _oxygen(view: View) -> list[str]:
    value = _now(view, "spo2")
    text = "SpO2 not known" if isnan(value) else f"SpO2 {value:.0f} %"
    return [f"{text}, oxygen was raised" if _now(view, "oxygen_raised") > 0 else text]


def _day(view: View) -> list[str]:
    infusions = view.log.standing(EntryKind.INFUSION) if view.log else ()
    given = [e for e in infusions if e.at_utc_ns <= view.at.utc_ns]
    if not given:
        return []
    day = (view.at.utc_ns - given[-1].at_utc_ns) // _DAY_NS
    return [f"day {day} after {given[-1].name}"]


def _missing(view: View) -> tuple[str, ...]:
    found = list(missing_inputs(view))
    log = view.log
    for name, kind in (
        ("oxygen device", EntryKind.OXYGEN),
        ("vasopressors", EntryKind.VASOPRESSOR),
        ("product and infusion time", EntryKind.INFUSION),
    ):
        if log is None or not log.standing(kind):
            found.append(name)
    return tuple(found)
