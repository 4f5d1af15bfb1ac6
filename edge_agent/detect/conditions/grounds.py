"""Evidence on which a condition's answer rests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.detect.conditions.answers import (
    answer,
    events_within,
    signal_age_s,
    takes_part,
)
from edge_agent.detect.conditions.kleene import PRESENT, deciding_value
from edge_agent.detect.conditions.view import Grounds, View
from edge_agent.detect.language.rule import (
    AgeCondition,
    Condition,
    ConditionGroup,
    LatestCondition,
    RuleCondition,
    ShareCondition,
    StateCondition,
)
from edge_agent.detect.language.signals import SIGNALS
from edge_agent.model.findings import Evidence

_NO_GROUNDS: Final = Grounds((), None)


def grounds_of(group: ConditionGroup, view: View) -> Grounds:
    """Return the grounds of a PRESENT group, merged from its PRESENT conditions."""
    return merged_grounds(ground_parts(group, view))


def ground_parts(group: ConditionGroup, view: View) -> list[Grounds]:
    """Return the grounds of each PRESENT condition of a group."""
    return [
        _grounds(condition, view)
        for condition in group.conditions
        if takes_part(condition, view) and answer(condition, view) == PRESENT
    ]


def _grounds(condition: Condition, view: View) -> Grounds:
    match condition:
        case ConditionGroup():
            return grounds_of(condition, view)
        case ShareCondition():
            return _share_grounds(condition, view)
        case LatestCondition():
            return _latest_grounds(condition, view)
        case RuleCondition():
            return _rule_grounds(condition, view)
        case AgeCondition():
            return _age_grounds(condition, view)
        case _:
            return _state_grounds(condition, view)


def merged_grounds(parts: Sequence[Grounds]) -> Grounds:
    """Return all grounds as one, with the newest stamp."""
    if not parts:
        return _NO_GROUNDS
    stamps = [part.stamp for part in parts if part.stamp is not None]
    return Grounds(
        tuple(evidence for part in parts for evidence in part.evidence),
        max(stamps, key=lambda stamp: stamp.at, default=None),
        tuple(evidence for part in parts for evidence in part.own),
    )


def _share_grounds(condition: ShareCondition, view: View) -> Grounds:
    """Return the value that decides the window, with the first reading that satisfies."""
    window = view.window(condition.signal, condition.length)
    threshold = condition.threshold
    kind = condition.kind
    newest = view.newest_usable(kind) if kind else None
    value = deciding_value(window, condition.needed, low_is_bad=threshold.operator.low_is_bad)
    evidence = Evidence(
        kind=condition.signal,
        statistic=f"for_{condition.at_least_s:g}_s",
        value=value,
        unit=SIGNALS[condition.signal].unit,
        window_s=condition.window_s,
        coverage=1.0 - float(np.count_nonzero(np.isnan(window))) / condition.length,
        threshold=threshold.at_age(view.age_years),
        measured_at=newest.at if newest else view.at,
        site=view.site(condition.signal),
    )
    stamp = view.first_within(condition) or newest or view.newest_usable(None)
    return Grounds((evidence,), stamp, (evidence,))


def _latest_grounds(condition: LatestCondition, view: View) -> Grounds:
    events = events_within(condition, view)
    usable = np.flatnonzero(~np.isnan(events.values))
    stamp = events.stamp(int(usable[-1]))
    evidence = Evidence(
        kind=condition.signal,
        statistic=f"latest_{condition.confirm}",
        value=float(events.values[usable[-1]]),
        unit=SIGNALS[condition.signal].unit,
        window_s=condition.window_s,
        coverage=1.0,
        threshold=condition.threshold.at_age(view.age_years),
        measured_at=stamp.at,
    )
    return Grounds((evidence,), stamp, (evidence,))


def _rule_grounds(condition: RuleCondition, view: View) -> Grounds:
    """Return the grounds of the other rule's newest PRESENT answer."""
    recent = view.remembered(condition.rule_id)
    assert recent is not None, "a rule that is PRESENT is remembered"
    evidence = Evidence(
        kind=condition.rule_id,
        statistic="age_of_last_present",
        value=view.at.seconds_since(recent.at),
        unit="s",
        window_s=condition.within_s,
        coverage=1.0,
        threshold=condition.within_s,
        measured_at=recent.grounds.stamp.at if recent.grounds.stamp else recent.at,
    )
    return Grounds((evidence, *recent.grounds.evidence), recent.grounds.stamp)


def _age_grounds(condition: AgeCondition, view: View) -> Grounds:
    stamp = view.newest_usable(condition.kind)
    evidence = Evidence(
        kind=condition.kind or "any",
        statistic="age",
        value=signal_age_s(condition, view),
        unit="s",
        window_s=condition.threshold_s,
        coverage=0.0,
        threshold=condition.threshold_s,
        measured_at=stamp.at if stamp else None,
    )
    return Grounds((evidence,), stamp or view.first)


def _state_grounds(condition: StateCondition, view: View) -> Grounds:
    stamp = view.state(condition.state)
    assert stamp is not None, "only a state that holds has grounds"
    evidence = Evidence(
        kind=condition.state,
        statistic="age",
        value=view.at.seconds_since(stamp.at),
        unit="s",
        window_s=0.0,
        coverage=1.0,
        threshold=0.0,
        measured_at=stamp.at,
    )
    return Grounds((evidence,), stamp)
