"""Three-valued answers of conditions: missing readings could have been anything.

A certain answer is one that no value of the missing readings could change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.rule import (
    AgeCondition,
    BinnedCondition,
    Condition,
    Group,
    LatestCondition,
    RuleCondition,
    StateCondition,
)
from edge_agent.detect.statistics import age_s, bin_medians, coverage, deciding_value, latest
from edge_agent.model.findings import Evidence, Presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from edge_agent.detect.bed import BedRecord
    from edge_agent.detect.window import Stamp, VitalSeries
    from edge_agent.model.clock import Instant

RAISING: Final = (Presence.PRESENT, Presence.ABSENT, Presence.INDETERMINATE)
"""To raise, one probe site that says so is enough."""
CLEARING: Final = (Presence.ABSENT, Presence.PRESENT, Presence.INDETERMINATE)
"""To clear, no probe site may say otherwise."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a condition says, on what evidence, and the reading by which a replay knows it again."""

    presence: Presence
    evidence: tuple[Evidence, ...]
    stamp: Stamp | None
    """Oldest reading of a window that satisfies, else the newest used; None where none was."""


@dataclass(frozen=True, slots=True)
class Question:
    """What conditions are asked about: a bed at an instant."""

    bed: BedRecord
    at: Instant
    answers: Mapping[str, Answer]
    """Of the rules evaluated so far at this instant."""
    site_order: tuple[Presence, ...]
    """Which answer of several probe sites wins."""


def answer_group(group: Group, question: Question) -> Answer:
    """Return what a group of conditions says; those that do not take part are left out."""
    answers = [
        answer_condition(condition, question)
        for condition in group.conditions
        if _takes_part(condition, question)
    ]
    presences = {answer.presence for answer in answers}
    deciding = Presence.PRESENT if group.is_any else Presence.ABSENT
    if deciding in presences:
        return _merged(answers, deciding)
    if Presence.INDETERMINATE in presences or not answers:
        return _merged(answers, Presence.INDETERMINATE)
    return _merged(answers, opposite(deciding))


def answer_condition(condition: Condition, question: Question) -> Answer:
    """Return what one condition says."""
    match condition:
        case Group():
            return answer_group(condition, question)
        case RuleCondition():
            return _answer_rule(condition, question)
        case AgeCondition():
            return _answer_age(condition, question)
        case StateCondition():
            return _answer_state(condition, question)
    series = question.bed.series(condition.kind)
    answers = [
        _answer_binned(condition, site, series[site], question.at)
        if isinstance(condition, BinnedCondition)
        else _answer_latest(condition, site, series[site], question.at)
        for site in series
    ]
    return _of_sites(answers, question.site_order)


def opposite(presence: Presence) -> Presence:
    """Return the answer to the opposite question."""
    if presence is Presence.INDETERMINATE:
        return presence
    return Presence.ABSENT if presence is Presence.PRESENT else Presence.PRESENT


def _takes_part(condition: Condition, question: Question) -> bool:
    if isinstance(condition, Group | RuleCondition | StateCondition) or not condition.if_monitored:
        return True
    kind = condition.kind
    return kind is None or question.bed.is_monitored(kind, question.at.monotonic_ns)


def _merged(answers: Iterable[Answer], presence: Presence) -> Answer:
    """Return one answer from those that say `presence`."""
    same = [answer for answer in answers if answer.presence is presence]
    stamps = [answer.stamp for answer in same if answer.stamp is not None]
    return Answer(
        presence,
        tuple(evidence for answer in same for evidence in answer.evidence),
        max(stamps, key=lambda stamp: stamp.at, default=None),
    )


def _of_sites(answers: Sequence[Answer], order: tuple[Presence, ...]) -> Answer:
    """Return what the probe sites say together; one that cannot answer leaves it to the others."""
    presences = {answer.presence for answer in answers}
    winner = next((p for p in order if p in presences), Presence.INDETERMINATE)
    return _merged(answers, winner)


def _answer_binned(
    condition: BinnedCondition, site: str, series: VitalSeries, at: Instant
) -> Answer:
    window = series.window(at.monotonic_ns, _ns(condition.window_s))
    usable = np.flatnonzero(~np.isnan(window.values))
    ages_ns = at.monotonic_ns - window.times_ns[usable]
    medians = bin_medians(ages_ns, window.values[usable], _ns(condition.bin_s), condition.bins)
    satisfied = condition.operator.count(medians, condition.threshold)
    empty = int(np.count_nonzero(np.isnan(medians)))
    presence = Presence.INDETERMINATE
    if satisfied >= condition.at_least:
        presence = Presence.PRESENT
    elif satisfied + empty < condition.at_least:
        presence = Presence.ABSENT
    newest = window.stamp(int(usable[-1])) if usable.size else None
    evidence = Evidence(
        kind=condition.kind,
        statistic=f"median_{condition.at_least}_of_{condition.bins}",
        value=deciding_value(medians, condition.at_least, low_is_bad=condition.operator.low_is_bad),
        unit=condition.unit,
        window_s=condition.window_s,
        coverage=coverage(medians),
        threshold=condition.threshold,
        measured_at=newest.at if newest else None,
        site=site,
    )
    if presence is not Presence.PRESENT:
        return Answer(presence, (evidence,), newest)
    # The reading that completes the bins depends on when readings arrive; the first one does not.
    first = np.flatnonzero(condition.operator.compare(window.values, condition.threshold))[0]
    return Answer(presence, (evidence,), window.stamp(int(first)))


def _answer_latest(
    condition: LatestCondition, site: str, series: VitalSeries, at: Instant
) -> Answer:
    window = series.window(at.monotonic_ns, _ns(condition.window_s))
    usable = np.flatnonzero(~np.isnan(window.values))
    values = latest(window.values, condition.confirm)
    # An unusable reading may have been anything: what lies before it is not the newest.
    newest = window.values[-condition.confirm :]
    failing = np.count_nonzero(~np.isnan(newest)) - condition.operator.count(
        newest, condition.threshold
    )
    presence = Presence.INDETERMINATE
    if failing:
        presence = Presence.ABSENT
    elif condition.operator.count(values, condition.threshold) == condition.confirm:
        presence = Presence.PRESENT
    stamp = window.stamp(int(usable[-1])) if usable.size else None
    evidence = Evidence(
        kind=condition.kind,
        statistic=f"latest_{condition.confirm}",
        value=float(values[-1]) if values.size else None,
        unit=condition.unit,
        window_s=condition.window_s,
        coverage=values.size / condition.confirm,
        threshold=condition.threshold,
        measured_at=stamp.at if stamp else None,
        site=site,
    )
    return Answer(presence, (evidence,), stamp)


def _answer_age(condition: AgeCondition, question: Question) -> Answer:
    bed = question.bed
    kind = condition.kind
    stamp = bed.newest if kind is None else bed.newest_usable(kind)
    since = stamp.at if stamp else bed.watched_since
    seconds = age_s(since.monotonic_ns, question.at.monotonic_ns)
    is_old = seconds > condition.threshold_s
    evidence = Evidence(
        kind=kind or "any",
        statistic="age",
        value=seconds,
        unit="s",
        window_s=condition.threshold_s,
        coverage=0.0 if is_old else 1.0,
        threshold=condition.threshold_s,
        measured_at=stamp.at if stamp else None,
    )
    presence = Presence.PRESENT if is_old else Presence.ABSENT
    return Answer(presence, (evidence,), stamp or bed.first)


def _answer_state(condition: StateCondition, question: Question) -> Answer:
    stamp = question.bed.states.get(condition.state)
    if stamp is None:
        return Answer(Presence.ABSENT, (), None)
    evidence = Evidence(
        kind=condition.state,
        statistic="age",
        value=question.at.seconds_since(stamp.at),
        unit="s",
        window_s=0.0,
        coverage=1.0,
        threshold=0.0,
        measured_at=stamp.at,
    )
    return Answer(Presence.PRESENT, (evidence,), stamp)


def _answer_rule(condition: RuleCondition, question: Question) -> Answer:
    """Return the other rule's answer, or its newest PRESENT while that is recent enough."""
    now = question.answers[condition.rule_id]
    seen = question.bed.remembered.get(condition.rule_id)
    if seen is None or question.at.seconds_since(seen.at) > condition.within_s:
        return now
    evidence = Evidence(
        kind=condition.rule_id,
        statistic="age_of_last_present",
        value=question.at.seconds_since(seen.at),
        unit="s",
        window_s=condition.within_s,
        coverage=1.0,
        threshold=condition.within_s,
        measured_at=seen.stamp.at,
    )
    return Answer(Presence.PRESENT, (evidence, *seen.evidence), seen.stamp)


def _ns(seconds: float) -> int:
    return round(seconds * 1e9)
