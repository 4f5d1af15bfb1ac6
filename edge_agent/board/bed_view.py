"""One bed as the board shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from edge_agent.board.bed_state import BedState, ms_of
from edge_agent.board.problem_view import alarmed_vitals, problem_view
from edge_agent.board.shapes import (
    ShownAssessment,
    ShownAway,
    ShownBed,
    ShownCrs,
    ShownLink,
    Words,
)
from edge_agent.board.texts import (
    ASSESSING,
    AWAY,
    BROKEN,
    DEGRADED,
    EMPTY_BED,
    NOT_YET,
    NOTHING,
    input_words,
    reason_words,
    same,
)
from edge_agent.board.vital_view import Limit
from edge_agent.model.assessment import AssessmentState, PatientAtBed


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment at which beds are shown."""

    now_ms: int
    zone: ZoneInfo
    limit: Limit
    lag_s: float
    """Seconds that a value may be on its way."""


def bed_view(bed: BedState, moment: Moment, fault: Words | None, fault_ms: int | None) -> ShownBed:
    """Return a bed at a moment.

    Parameters
    ----------
    fault
        Reason why nothing about the bed can be relied on, such as a lost gateway; None for none.
    fault_ms
        Start of that, UTC milliseconds; None where it is not known.
    """
    alerts = tuple(bed.alerts.values())
    problem = problem_view(bed.bed_id, alerts, bed.call)
    patient = None if bed.assessment is None else bed.assessment.patient
    away = _away(patient, moment)
    assessment = _assessment(bed, away, fault, fault_ms)
    in_alarm = alarmed_vitals(problem, alerts)
    return ShownBed(
        id=bed.bed_id,
        gateway=bed.gateway_id,
        vitals=bed.vitals.shown(moment.now_ms, moment.limit, in_alarm, moment.lag_s),
        link=bed.link(),
        assessment=assessment,
        crs=_crs(bed) if assessment.state != "not_assessing" else None,
        day=_day(bed, moment),
        product="" if patient is None else patient.product,
        away=away,
        problem=problem,
        occupied=bed.is_occupied,
    )


def broken_view(bed_id: str, gateway_id: str) -> ShownBed:
    """Return a bed that cannot be shown, so that everybody sees that it is not."""
    return ShownBed(
        id=bed_id,
        gateway=gateway_id,
        vitals={},
        link=ShownLink("never", None, NOTHING),
        assessment=ShownAssessment("not_assessing", None, BROKEN, ()),
        crs=None,
        day=None,
        product="",
        away=None,
        problem=None,
        occupied=True,
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
    reason = AWAY.get(patient.away.name) or same(patient.away.name)
    return ShownAway(reason, until_ms, patient.away.by)


def _assessment(
    bed: BedState, away: ShownAway | None, fault: Words | None, fault_ms: int | None
) -> ShownAssessment:
    if fault is not None:
        return ShownAssessment("not_assessing", fault_ms, fault, ())
    if away is not None:
        words = Words(
            f"not assessed: away ({away.reason.en})",
            f"nicht beurteilt: abwesend ({away.reason.de})",
        )
        return ShownAssessment("not_assessing", None, words, ())
    if not bed.is_occupied:
        return ShownAssessment("not_assessing", bed.stay_since_ms or None, EMPTY_BED, ())
    if bed.assessment is None:
        return ShownAssessment("not_assessing", None, NOT_YET, ())
    found = bed.assessment
    missing = tuple(map(input_words, found.missing))
    state: Literal["assessing", "degraded", "not_assessing"] = found.state.value
    words = {
        AssessmentState.ASSESSING: ASSESSING,
        AssessmentState.DEGRADED: DEGRADED,
        AssessmentState.NOT_ASSESSING: reason_words(found.reason),
    }[found.state]
    return ShownAssessment(state, ms_of(found.since), words, missing)


def _crs(bed: BedState) -> ShownCrs | None:
    if bed.assessment is None:
        return None
    score, grade = bed.assessment.crs_score, bed.assessment.grade
    low, high = grade.low, grade.high
    grades = f"{low}" if low == high else f"{low}-{high}"
    words = Words(
        f"CRS or infection: grade {grades}, a suggestion",
        f"CRS oder Infektion: Grad {grades}, ein Vorschlag",
    )
    points = None if score is None else (score.low, score.high)
    return ShownCrs(points, (low, high), words, tuple(map(input_words, grade.missing)))
