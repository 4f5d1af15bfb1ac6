"""Words for states, signals, duties, inputs, links, grades and reasons."""

from __future__ import annotations

from datetime import tzinfo

from edge_agent.model.alerts import Alert, AlertPriority, AlertState, SignalReason
from edge_agent.model.assessment import AssessmentState
from edge_agent.model.course import Course
from edge_agent.model.duty import Duty
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import listed, phrase, translated
from edge_agent.wording.times import time_of_day


def signal_words(reason: SignalReason, language: Language) -> str:
    """Return the reason of a signal."""
    return phrase(language, f"signal.{reason}")


def duty_words(duty: Duty, language: Language) -> str:
    """Return a duty in a shift."""
    return phrase(language, f"duty.{duty}")


def priority_words(priority: AlertPriority, language: Language) -> str:
    """Return a priority."""
    return phrase(language, f"priority.{priority.name.lower()}")


def course_words(course: Course, language: Language) -> str:
    """Return the course since the alert was raised."""
    return phrase(language, f"course.{course}")


def state_words(alert: Alert, language: Language) -> str:
    """Return the state of an alert: who has answered it, or how it ended."""
    if alert.absorbed_by:
        return phrase(language, "state.absorbed")
    if alert.closed_because:
        reason = translated("closed", alert.closed_because, language)
        return phrase(language, "state.closed", reason=reason)
    if alert.state is AlertState.ACKNOWLEDGED and alert.acknowledged_by:
        return phrase(language, "state.acknowledged_by", by=alert.acknowledged_by)
    return phrase(language, f"state.{alert.state.value}")


def flag_words(alert: Alert, language: Language, zone: tzinfo, now_ns: int) -> tuple[str, ...]:
    """Return what holds of an alert beside its state: not observed, inhibited, silent, a test."""
    flags = {"stale": alert.is_stale, "inhibited": alert.is_inhibited, "test": alert.is_test}
    found = [phrase(language, f"state.{name}") for name, holds in flags.items() if holds]
    until = alert.silenced_until
    if until is not None and until.utc_ns > now_ns:
        time = time_of_day(language, until.utc_ns, now_ns, zone)
        found.append(phrase(language, "state.silenced", time=time))
    return tuple(found)


def missing_words(name: str, language: Language) -> str:
    """Return an input that is missing, given by its English name."""
    return translated("missing", name, language)


def reason_words(reason: str, language: Language) -> str:
    """Return the reasons for an unusable value or a lost link; a device's own words stay."""
    return "; ".join(translated("reason", part, language) for part in reason.split("; "))


def assessment_words(
    state: AssessmentState, reason: str, missing: tuple[str, ...], language: Language
) -> str:
    """Return the assessment of a bed.

    Parameters
    ----------
    reason
        Reason why it is not assessed; empty if it is.
    missing
        Inputs that are not fresh, by their English names.
    """
    if state is AssessmentState.NOT_ASSESSING:
        because = translated("unassessed", reason, language)
        return phrase(language, "assessment.not_assessing", reason=because)
    inputs = listed([missing_words(name, language) for name in missing])
    return phrase(language, f"assessment.{state}", missing=inputs)


def away_words(name: str, until_ns: int, now_ns: int, zone: tzinfo, language: Language) -> str:
    """Return why a patient is away and until when, such as "away: CT until 14:30"."""
    time = time_of_day(language, until_ns, now_ns, zone)
    reason = phrase(language, f"away.{name}")
    return phrase(language, "assessment.away", reason=reason, time=time)


def link_words(state: str, reason: str, language: Language) -> str:
    """Return the state of a bed's link.

    Parameters
    ----------
    state
        `connected`, `lost` or `never`.
    reason
        Reason of a loss, in the words of the line; empty if it is not known.
    """
    if state == "lost" and reason:
        return phrase(language, "link.lost_because", reason=reason_words(reason, language))
    return phrase(language, f"link.{state}")


def grade_words(low: int, high: int, language: Language) -> str:
    """Return the range of a CRS grade, always as a suggestion."""
    if high == 0:
        return phrase(language, "grade.none")
    key = "one" if low == high else "range"
    return phrase(language, f"grade.{key}", low=str(low), high=str(high))
