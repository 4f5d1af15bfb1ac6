"""Right and false alerts of one method on one patient, by the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlerts
from edge_agent.evaluate.stays.spans import Bools, Spans
from edge_agent.evaluate.stays.truth import AlertWindow, Ground
from edge_agent.model.alerts import AlertPriority

_FEVER_AFTER_S: Final = 900.0
"""Time after a fever at which an alert for it is still right, seconds, as alerts wait."""
_LIMB_BEFORE_S: Final = 900.0
"""Time before the noiseless course crosses a limit at which a sensor may see it, seconds."""
_LIMB_AFTER_S: Final = 1800.0
"""Time for two cuff readings, half an hour apart, seconds."""
_REAL_AFTER_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """Result of a method on one episode of CRS."""

    reported_s: float | None
    """Time of the first owed alert in the window, seconds; None if there was none."""
    with_watch_s: float | None
    """Time of the first owed alert or pre-fever alert in the window, seconds; None if none."""
    was_open_before: bool
    """True where an owed alert from before the drift was still open at the onset: found, but
    without a delay or a lead."""

    @property
    def is_found(self) -> bool:
        """True where an alert reached nurses."""
        return self.reported_s is not None or self.was_open_before


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of alerts of a method in one stay."""

    false_fever: int
    """Fever alerts while no true fever was there or on its way."""
    false_crs: int
    """CRS alerts while neither CRS nor infection was there."""
    crs_in_infection: int
    """CRS alerts in an infection alone; they count as right, as vital signs look the same."""
    false_watch: int
    """False pre-fever alerts, the price of early warning: no illness was there or coming."""
    low: int
    medium: int
    high: int
    technical: int
    """Technical alerts of any priority."""
    nurse_technical: int
    """Technical alerts of medium or high priority."""
    evaluated: int
    """Alerts about the patient, of medium or high priority."""
    right: int
    """Evaluated alerts that were about something real."""
    alarm_periods: int
    """Stretches with an open alert about the patient of medium or high priority."""
    alarm_hours: float

    @property
    def nurse(self) -> int:
        """Alerts of medium or high priority."""
        return self.medium + self.high

    @property
    def false(self) -> int:
        """Alerts about the patient, of medium or high priority, that are about nothing real."""
        return self.evaluated - self.right


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One method on one patient."""

    episodes: tuple[EpisodeResult, ...]
    chance: tuple[bool, ...]
    """True for each window of a patient without CRS that holds an alert that CRS would owe."""
    counts: Counts


def is_owed(reported: ReportedAlerts, ground: Ground) -> Bools:
    """Return True for each alert that can find CRS.

    Fever, CRS and early warning scores; low pressure and low oxygen only while the patient truly
    has it.
    """
    always = reported.is_about(About.FEVER, About.CRS, About.SCORE)
    low_pressure = reported.is_about(About.PRESSURE) & _limb(ground.hypotension, reported)
    low_oxygen = reported.is_about(About.OXYGEN) & _limb(ground.hypoxia, reported)
    return np.asarray(always | low_pressure | low_oxygen, np.bool_)


def is_right(reported: ReportedAlerts, ground: Ground) -> Bools:
    """Return True for each alert that was about something real.

    Fever: a true fever, or the rise of CRS or infection to one. CRS: CRS or infection. Pressure
    and oxygen: that limb. The pre-fever alert: illness or fever. Scores, heart rate, breaths: any
    of these, a reaction, atrial fibrillation, bleeding, embolism or overload. Technical alerts are
    left out here and count as right.
    """
    at_s = reported.at_s
    fever = ground.fever.widened(0.0, _FEVER_AFTER_S).joined(ground.rising)
    sick = ground.sick
    real = sick.joined(ground.fever, ground.hypotension, ground.hypoxia, ground.other_real)
    watch = sick.joined(ground.fever)
    right = reported.is_about(About.TECHNICAL)
    right |= reported.is_about(About.FEVER) & fever.hold(at_s)
    right |= reported.is_about(About.CRS) & sick.hold(at_s)
    right |= reported.is_about(About.PRESSURE) & _limb(ground.hypotension, reported)
    right |= reported.is_about(About.OXYGEN) & _limb(ground.hypoxia, reported)
    right |= reported.is_about(About.WATCH) & watch.hold(at_s)
    is_real = real.widened(0.0, _REAL_AFTER_S).hold(at_s)
    right |= reported.is_about(About.SCORE, About.OTHER) & is_real
    return right


def score(reported: ReportedAlerts, ground: Ground) -> MethodScore:
    """Return the score of a method's alerts on one patient."""
    owed = is_owed(reported, ground)
    return MethodScore(
        tuple(found_in(reported, owed, episode.window) for episode in ground.episodes),
        tuple(found_in(reported, owed, window).is_found for window in ground.chance_windows),
        _counts(reported, ground),
    )


def found_in(reported: ReportedAlerts, owed: Bools, window: AlertWindow) -> EpisodeResult:
    """Return the alerts that fall in a window in which an alert is owed."""
    inside = (reported.at_s >= window.drift_s) & (reported.at_s <= window.end_s)
    first = np.flatnonzero(inside & owed)
    with_watch = np.flatnonzero(inside & (owed | reported.is_about(About.WATCH)))
    is_open = owed & (reported.at_s < window.drift_s) & (reported.until_s > window.onset_s)
    return EpisodeResult(
        float(reported.at_s[first[0]]) if first.size else None,
        float(reported.at_s[with_watch[0]]) if with_watch.size else None,
        bool(is_open.any()),
    )


def _limb(spans: Spans, reported: ReportedAlerts) -> Bools:
    return spans.widened(_LIMB_BEFORE_S, _LIMB_AFTER_S).hold(reported.at_s)


def _counts(reported: ReportedAlerts, ground: Ground) -> Counts:
    right = is_right(reported, ground)
    technical = reported.is_about(About.TECHNICAL)
    urgent = reported.priority >= AlertPriority.MEDIUM
    evaluated = urgent & ~technical
    about_crs = reported.is_about(About.CRS)
    in_crs = ground.crs.hold(reported.at_s)
    open_spans = Spans.of(zip(reported.at_s[evaluated], reported.until_s[evaluated], strict=True))
    return Counts(
        false_fever=_count(reported.is_about(About.FEVER) & ~right),
        false_crs=_count(about_crs & ~right),
        crs_in_infection=_count(about_crs & right & ~in_crs),
        false_watch=_count(reported.is_about(About.WATCH) & ~right),
        low=_count(reported.priority == AlertPriority.LOW),
        medium=_count(reported.priority == AlertPriority.MEDIUM),
        high=_count(reported.priority == AlertPriority.HIGH),
        technical=_count(technical),
        nurse_technical=_count(technical & urgent),
        evaluated=_count(evaluated),
        right=_count(evaluated & right),
        alarm_periods=int(open_spans.starts_s.size),
        alarm_hours=open_spans.total_s / 3600.0,
    )


def _count(which: Bools) -> int:
    return int(np.count_nonzero(which))
