"""The assessment state of a bed at one moment, and the report on the bed.

A bed is always exactly one of assessed, degraded and not assessed, so that the
silence of an assessed bed means that no rule holds.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from math import isfinite, isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.signals import SCORED
from edge_agent.detect.minutes.baseline import DEFAULTS, SLIPPED_BELOW
from edge_agent.detect.minutes.formulas import ROW, derived, score_signals
from edge_agent.detect.report.shown_scores import (
    other_grades,
    risk_markers,
    shown_grade,
    shown_scores,
)
from edge_agent.detect.scores.crs_grade import suggestion
from edge_agent.detect.scores.crs_score import CrsScore, compiled
from edge_agent.detect.scores.grade_course import context_of, current_grade
from edge_agent.detect.scores.indices import mean_pressure
from edge_agent.model.assessment import (
    Assessment,
    AssessmentState,
    BedReport,
    InputAge,
    PointRange,
    TermPoints,
    UsualBand,
)
from edge_agent.model.bed_events import BedState
from edge_agent.model.measurements import VitalKind

_REPORT_EVERY_S: Final = 10.0
"""Seconds between reports of a bed whose state does not change."""
_NO_DATA_S: Final = 30.0
"""Seconds, the same as in rule system.feed; design start value, unvalidated."""
NO_DATA: Final = "no data from the bed"
UNCONFIRMED: Final = "monitor not confirmed"
UNASSIGNED: Final = "patient not assigned"
AWAY: Final = "patient is away"
INPUTS_MISSING: Final = "temperature and other inputs missing"
PRESSURE: Final = "blood pressure"
TEMPERATURE: Final = "temperature"
_MISSING_AT_MOST: Final = 1
"""Number of inputs that may be missing besides the temperature; design start value, unvalidated."""
_FRESH_S: Final = {
    TEMPERATURE: (VitalKind.TEMPERATURE, 300.0),
    "heart rate": (VitalKind.HEART_RATE, 30.0),
    "SpO2": (VitalKind.SPO2, 30.0),
    "respiratory rate": (VitalKind.RESPIRATORY_RATE, 60.0),
}
"""Vital and greatest age in seconds of each input; design start values, unvalidated."""
_BANDS: Final = {
    **{kind: (f"base_{kind.value}", default.spread) for kind, default in DEFAULTS.items()},
    VitalKind.NIBP_SYSTOLIC: ("base_systolic", 12.0),
}
"""Usual value of each vital, and the half width of its band: the spread of adults at rest; design
start values, unvalidated."""
_LINE: Final = (VitalKind.ART_SYSTOLIC, VitalKind.ART_MEAN)
"""Pressures of an arterial line, which may send its mean alone."""


@dataclass(frozen=True, slots=True)
class _Minute:
    """Inputs and derived signals of the minute that ended last."""

    inputs: FloatArray
    found: Mapping[str, FloatArray]

    def value(self, name: str) -> float | None:
        """Return the value of a signal or input, None where it is unknown or never occurred."""
        row = self.found[name] if name in self.found else self.inputs[ROW[name]]
        return float(row[-1]) if isfinite(row[-1]) else None

    def span(self, low: str, high: str) -> PointRange | None:
        """Return the range of a score, None where the patient has none."""
        least, most = self.value(low), self.value(high)
        return None if least is None or most is None else PointRange(round(least), round(most))


def _input_ages(view: View) -> tuple[InputAge, ...]:
    """Return the age of each input of the assessment, and whether it is fresh."""
    found = []
    # A probe that slipped off still sends values, but they are not the patient's.
    slipped = {TEMPERATURE} if view.window(TEMPERATURE, 1)[-1] < SLIPPED_BELOW else set()
    for name, (kind, limit_s) in _FRESH_S.items():
        newest = view.newest_usable(kind)
        age_s = None if newest is None else max(0.0, view.at.seconds_since(newest.at))
        is_fresh = age_s is not None and age_s <= limit_s and name not in slipped
        found.append(InputAge(name, age_s, is_fresh=is_fresh))
    return (*found, _pressure_age(view))


def _pressure_age(view: View) -> InputAge:
    """Return the age of the newest pressure; a cuff reading is fresh until the next is overdue."""
    cuff = view.events(VitalKind.NIBP_SYSTOLIC.value)
    by_cuff_ns = cuff.times_ns[~np.isnan(cuff.values)][-1:].tolist()
    lines = [stamp for kind in _LINE if (stamp := view.newest_usable(kind)) is not None]
    by_line_ns = [line.at.monotonic_ns for line in lines]
    if not by_cuff_ns and not by_line_ns:
        return InputAge(PRESSURE, None, is_fresh=False)
    is_on_time = bool(by_cuff_ns) and not view.window("cuff_overdue", 1)[-1] > 0
    is_shown = any(not isnan(view.window(kind.value, 1)[-1]) for kind in _LINE)
    age_s = max(0.0, (view.at.monotonic_ns - max(by_cuff_ns + by_line_ns)) / 1e9)
    return InputAge(PRESSURE, age_s, is_fresh=is_on_time or is_shown)


def missing_inputs(view: View) -> tuple[str, ...]:
    """Return the inputs of the assessment that are not fresh."""
    return tuple(age.name for age in _input_ages(view) if not age.is_fresh)


def assessment_of(view: View, before: Assessment | None) -> Assessment:
    """Return a bed's assessment at a moment; `before` is its previous one, None at first."""
    missing = missing_inputs(view)
    reason = _reason_not_assessed(view, missing)
    if reason:
        state = AssessmentState.NOT_ASSESSING
    else:
        state = AssessmentState.DEGRADED if missing else AssessmentState.ASSESSING
    is_as_before = before is not None and (before.state, before.reason) == (state, reason)
    since = before.since if before is not None and is_as_before else view.at
    return Assessment(state, reason, missing, since)


def _reason_not_assessed(view: View, missing: tuple[str, ...]) -> str:
    """Return the reason why a bed is not assessed, empty if it is; reasons to act on come first."""
    newest = view.newest_usable(None)
    lacks_inputs = TEMPERATURE in missing and len(missing) - 1 > _MISSING_AT_MOST
    reasons = {
        UNCONFIRMED: view.state(BedState.MONITOR_CHANGED) is not None,
        UNASSIGNED: view.state(BedState.PATIENT_NOT_ASSIGNED) is not None,
        AWAY: context_of(view).away is not None,
        NO_DATA: newest is None or view.at.seconds_since(newest.at) > _NO_DATA_S,
        INPUTS_MISSING: lacks_inputs,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def report_of(
    bed_id: str, view: View, assessment: Assessment, evaluated: Container[str]
) -> BedReport:
    """Return the report on a bed at the moment of a view.

    Parameters
    ----------
    evaluated
        The rules that were evaluated at the moment.
    """
    inputs = view.minute_inputs()
    score = compiled(view.score)
    minute = _Minute(inputs, derived(inputs, score))
    grade = current_grade(view, evaluated)
    has_minute = not isnan(view.window("crs_score_low", 1)[-1])
    return BedReport(
        bed_id=bed_id,
        at=view.at,
        assessment=assessment,
        inputs=_input_ages(view),
        crs_score=minute.span("crs_score_low", "crs_score_high") if has_minute else None,
        terms=_terms(minute, score) if has_minute else (),
        news2=minute.span("news2_low", "news2_high") if has_minute else None,
        scores=shown_scores(inputs, view) if has_minute else (),
        risk_markers=risk_markers(view),
        shock_index=minute.value("shock_index"),
        mean_pressure_mmhg=_mean_pressure(view),
        grade=shown_grade(grade, suggestion(grade)),
        other_grades=other_grades(view, evaluated),
        usual=_usual(minute),
        temperature_slope_per_h=minute.value("slope"),
    )


def _usual(minute: _Minute) -> tuple[UsualBand, ...]:
    """Return the patient's own usual values; none before they are known."""
    if not minute.value("base_is_own"):
        return ()
    found = ((kind, half, minute.value(name)) for kind, (name, half) in _BANDS.items())
    return tuple(
        UsualBand(kind, value - half, value + half) for kind, half, value in found if value
    )


def _terms(minute: _Minute, score: CrsScore) -> tuple[TermPoints, ...]:
    """Return each term of the CRS score with its points and its value in the newest minute."""
    row = {name: minute.inputs[index] for name, index in ROW.items()}
    signals = score_signals(row, minute.found)
    low, high = score.points(score.with_unknown(score.answers(signals), signals))
    ends = zip(low[:, -1].tolist(), high[:, -1].tolist(), strict=True)
    found = []
    for term, text, (least, most) in zip(score.terms, score.texts, ends, strict=True):
        # A temperature is shown even if a probe has slipped off.
        shown = float((signals | row)[term.shows][-1]) if term.shows else nan
        value = shown if isfinite(shown) else None
        unit = "" if value is None else SCORED[term.shows].unit
        found.append(TermPoints(term.name, text, least, most, value, unit))
    return tuple(found)


def _mean_pressure(view: View) -> float | None:
    """Return the mean pressure in mmHg while it is fresh: the arterial line's, else the cuff's."""
    line = view.window(VitalKind.ART_MEAN.value, 1)[-1]
    if not isnan(line):
        return float(line)
    if not _pressure_age(view).is_fresh:
        return None
    mean = view.events(VitalKind.NIBP_MEAN.value)
    if mean.values.size and not isnan(mean.values[-1]):
        return float(mean.values[-1])
    systolic = view.events(VitalKind.NIBP_SYSTOLIC.value)
    diastolic = view.events(VitalKind.NIBP_DIASTOLIC.value)
    computed = mean_pressure(systolic.values[-1:], diastolic.values[-1:])
    return float(computed[-1]) if computed.size and isfinite(computed[-1]) else None


class ReportPace:
    """Chooses the beds to report: at once after a change, otherwise every `_REPORT_EVERY_S`."""

    def __init__(self) -> None:
        self._reported: dict[str, tuple[object, int]] = {}

    def is_due(self, bed_id: str, shown: object, now_ns: int) -> bool:
        """Return True if a bed is to be reported now, and count it as reported.

        Parameters
        ----------
        shown
            Assessment of the bed, and whatever else is reported at once when it changes.
        now_ns
            Monotonic time of the assessment, ns.
        """
        before = self._reported.get(bed_id)
        if before is not None:
            reported, reported_ns = before
            is_recent = now_ns - reported_ns < _REPORT_EVERY_S * 1e9
            if reported == shown and is_recent:
                return False
        self._reported[bed_id] = shown, now_ns
        return True
