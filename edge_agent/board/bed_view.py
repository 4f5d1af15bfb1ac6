"""One bed as the board shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from edge_agent.board.bed_state import BedState, ms_of
from edge_agent.board.problem_view import alarmed_vitals, problem_view
from edge_agent.board.shapes import (
    ShownAssessment,
    ShownAway,
    ShownBed,
    ShownCrs,
    ShownLink,
    ShownVital,
    Words,
)
from edge_agent.board.sign_texts import Reader
from edge_agent.board.vital_view import Limit
from edge_agent.board.words import NOTHING, both, said
from edge_agent.model.assessment import PatientAtBed, PauseOfBed
from edge_agent.model.language import Language
from edge_agent.model.problems import problem_of
from edge_agent.wording.catalogue import phrase, phrases
from edge_agent.wording.rule_texts import RuleTexts
from edge_agent.wording.status_words import (
    assessment_words,
    away_words,
    grade_words,
    missing_words,
)

_FLAT_PER_H: Final = 0.1
"""Slope of the temperature from which it rises or falls, Cel/h; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment at which beds are shown."""

    now_ms: int
    zone: ZoneInfo
    limit: Limit
    lag_s: float
    """Seconds that a value may be on its way."""
    texts: RuleTexts | None
    """Words of the rules in force; None for the shipped ones."""


def bed_view(bed: BedState, moment: Moment, fault: Words | None, fault_ms: int | None) -> ShownBed:
    """Return a bed at a moment.

    Parameters
    ----------
    fault
        Reason why nothing about the bed can be relied on, such as a lost gateway; None for none.
    fault_ms
        Start of that, UTC milliseconds; None where it is not known.
    """
    problem = problem_of(bed.bed_id, bed.alerts.values())
    newest = bed.vitals.newest(moment.now_ms, moment.limit, moment.lag_s)
    reader = Reader(moment.now_ms, moment.zone, moment.texts)
    patient = None if bed.assessment is None else bed.assessment.patient
    away = _away(patient, moment)
    assessment = _assessment(bed, _away_words(away, patient, moment), fault, fault_ms)
    in_alarm = alarmed_vitals(problem)
    vitals = bed.vitals.shown(moment.now_ms, moment.limit, in_alarm, moment.lag_s)
    return ShownBed(
        id=bed.bed_id,
        gateway=bed.gateway_id,
        vitals=_with_arrow(bed, vitals),
        link=bed.link(),
        assessment=assessment,
        crs=_crs(bed) if assessment.state != "not_assessing" else None,
        day=_day(bed, moment),
        product="" if patient is None else patient.product,
        away=away,
        problem=problem_view(
            problem, bed.call, lambda alert: bed.texts.texts(alert, reader), newest
        ),
        occupied=bed.is_occupied,
        stay=bed.stays,
    )


def _with_arrow(bed: BedState, vitals: dict[str, ShownVital]) -> dict[str, ShownVital]:
    """Return the vital signs with the arrow of the temperature, by the detector's slope."""
    slope = None if bed.assessment is None else bed.assessment.temperature_slope_per_h
    temperature = vitals["temperature"]
    if slope is None or temperature.state != "live":
        return vitals
    arrow = "flat" if abs(slope) < _FLAT_PER_H else "up" if slope > 0 else "down"
    return vitals | {"temperature": msgspec.structs.replace(temperature, arrow=arrow)}


def broken_view(bed_id: str, gateway_id: str) -> ShownBed:
    """Return a bed that cannot be shown, so that everybody sees that it is not."""
    return ShownBed(
        id=bed_id,
        gateway=gateway_id,
        vitals={},
        link=ShownLink("never", None, NOTHING),
        assessment=ShownAssessment("not_assessing", None, said("board.broken"), ()),
        crs=None,
        day=None,
        product="",
        away=None,
        problem=None,
        occupied=True,
        stay=0,
    )


def _day(bed: BedState, moment: Moment) -> int | None:
    """Return the day since the infusion, counted by dates in the ward's zone."""
    patient = None if bed.assessment is None else bed.assessment.patient
    if patient is None or patient.infused_utc_ns is None:
        return None
    moments_s = (patient.infused_utc_ns / 1e9, moment.now_ms / 1e3)
    then, today = (datetime.fromtimestamp(at_s, moment.zone).date() for at_s in moments_s)
    return (today - then).days


def _away(patient: PatientAtBed | None, moment: Moment) -> ShownAway | None:
    if patient is None or patient.away is None:
        return None
    until_ms = patient.away.until_utc_ns // 1_000_000
    if until_ms <= moment.now_ms:
        return None
    name = _away_name(patient.away)
    reason = both(lambda language: phrase(language, f"away.{name}"))
    return ShownAway(reason, until_ms, patient.away.by)


def _away_name(pause: PauseOfBed) -> str:
    """Return the reason of a pause; one that this board does not know is another."""
    return pause.name if f"away.{pause.name}" in phrases(Language.EN) else "other"


def _away_words(
    away: ShownAway | None, patient: PatientAtBed | None, moment: Moment
) -> Words | None:
    if away is None or patient is None or patient.away is None:
        return None
    name, until_ns = _away_name(patient.away), patient.away.until_utc_ns
    now_ns = moment.now_ms * 1_000_000
    return both(lambda language: away_words(name, until_ns, now_ns, moment.zone, language))


def _assessment(
    bed: BedState, away: Words | None, fault: Words | None, fault_ms: int | None
) -> ShownAssessment:
    if fault is not None:
        return ShownAssessment("not_assessing", fault_ms, fault, ())
    if away is not None:
        return ShownAssessment("not_assessing", None, away, ())
    if not bed.is_occupied:
        return ShownAssessment(
            "not_assessing", bed.stay_since_ms or None, said("board.empty_bed"), ()
        )
    if bed.assessment is None:
        return ShownAssessment("not_assessing", None, said("board.not_yet"), ())
    found = bed.assessment
    words = both(
        lambda language: assessment_words(found.state, found.reason, found.missing, language)
    )
    missing = tuple(map(_missing, found.missing))
    return ShownAssessment(found.state.value, ms_of(found.since), words, missing)


def _missing(name: str) -> Words:
    return both(lambda language: missing_words(name, language))


def _crs(bed: BedState) -> ShownCrs | None:
    if bed.assessment is None:
        return None
    score, grade = bed.assessment.crs_score, bed.assessment.grade
    words = both(lambda language: grade_words(grade.low, grade.high, language))
    points = None if score is None else (score.low, score.high)
    return ShownCrs(points, (grade.low, grade.high), words, tuple(map(_missing, grade.missing)))
