"""Shipped rules with one small mistake each: a limit, a comparison, a time, a lost condition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.detect.language.rule import (
    AgeCondition,
    ConditionGroup,
    LatestCondition,
    Operator,
    Rule,
    RuleCondition,
    ShareCondition,
    StateCondition,
)
from edge_agent.model.bed_events import BedState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_agent.detect.language.rule import Condition, Leaf, Threshold

STEP_OF_UNIT: Final[Mapping[str, float]] = MappingProxyType(
    {
        "temperature": 0.1,
        "spot_temperature": 0.1,
        "last_temperature": 0.1,
        "temperature_over_baseline": 0.1,
        "temperature_slope": 0.02,
        "temperature_shift": 0.25,
        "temperature_fall": 0.1,
        "shock_index": 0.02,
        "shock_index_rise": 0.02,
        "cuff_overdue": 60.0,
        "hours_since_anticytokine": 0.5,
    }
)
"""A clinically small change of a limit; 1 of the unit where it is not said."""
FLIPPED: Final = {
    Operator.BELOW: Operator.AT_MOST,
    Operator.AT_MOST: Operator.BELOW,
    Operator.ABOVE: Operator.AT_LEAST,
    Operator.AT_LEAST: Operator.ABOVE,
}


@dataclass(frozen=True)
class Mutant:
    """A rule with a mistake."""

    name: str
    rule: Rule


def mutants(rule: Rule) -> list[Mutant]:
    """Return every mutant of a rule that differs from it."""
    found = [
        *(Mutant(f"when {name}", replace(rule, when=group)) for name, group in _of(rule.when)),
        *_with_other_times(rule),
    ]
    if rule.clear is not None:
        found += [
            Mutant(f"clear {name}", replace(rule, clear=group)) for name, group in _of(rule.clear)
        ]
    return found


def _with_other_times(rule: Rule) -> Iterator[Mutant]:
    policy = rule.policy
    for name in ("for_s", "clear_for_s"):
        for change_s in (-10.0, 10.0):
            changed_s = getattr(policy, name) + change_s
            if changed_s >= 0:
                changed = replace(policy, **{name: changed_s})
                yield Mutant(f"{name} {change_s:+g}", replace(rule, policy=changed))


def _of(group: ConditionGroup, path: str = "") -> Iterator[tuple[str, ConditionGroup]]:
    conditions = group.conditions
    for index, condition in enumerate(conditions):
        for name, changed in _changed(condition, f"{path}{index}"):
            others = (*conditions[:index], changed, *conditions[index + 1 :])
            yield name, replace(group, conditions=others)
        if len(conditions) > 1:
            left = (*conditions[:index], *conditions[index + 1 :])
            yield f"{path}{index} left out", replace(group, conditions=left)


def _changed(condition: Condition, path: str) -> Iterator[tuple[str, Condition]]:
    if isinstance(condition, ConditionGroup):
        yield from _of(condition, f"{path}.")
        return
    for name, changed in _changed_leaf(condition):
        yield f"{path} {name}", changed


def _changed_leaf(leaf: Leaf) -> Iterator[tuple[str, Leaf]]:
    match leaf:
        case ShareCondition():
            yield from _shares(leaf)
        case LatestCondition():
            yield from _latest(leaf)
        case AgeCondition():
            yield "age -10", replace(leaf, threshold_s=leaf.threshold_s - 10)
            yield "age +10", replace(leaf, threshold_s=leaf.threshold_s + 10)
        case RuleCondition() if leaf.within_s:
            yield "within +", replace(leaf, within_s=leaf.within_s + 3600)
            yield "within 0", replace(leaf, within_s=0.0)
        case StateCondition():
            other = next(state for state in BedState if state is not leaf.state)
            yield "state", replace(leaf, state=other)


def _latest(leaf: LatestCondition) -> Iterator[tuple[str, LatestCondition]]:
    for name, threshold in _thresholds(leaf.threshold, leaf.signal):
        yield name, replace(leaf, threshold=threshold)
    yield "confirm +1", replace(leaf, confirm=leaf.confirm + 1)
    if leaf.confirm > 1:
        yield "confirm -1", replace(leaf, confirm=leaf.confirm - 1)


def _thresholds(threshold: Threshold, signal: str) -> Iterator[tuple[str, Threshold]]:
    step = STEP_OF_UNIT.get(signal, 1.0)
    yield "flipped", replace(threshold, operator=FLIPPED[threshold.operator])
    for change in (-step, step):
        yield f"{change:+g}", replace(threshold, value=threshold.value + change)
        if threshold.by_age:
            by_age = tuple((below, limit + change) for below, limit in threshold.by_age)
            yield f"child {change:+g}", replace(threshold, by_age=by_age)


def _shares(leaf: ShareCondition) -> Iterator[tuple[str, ShareCondition]]:
    for name, threshold in _thresholds(leaf.threshold, leaf.signal):
        yield name, replace(leaf, threshold=threshold)
    pace_s, least_s, window_s = leaf.pace_s, leaf.at_least_s, leaf.window_s
    if least_s > pace_s:
        yield "share -", replace(leaf, at_least_s=least_s - pace_s)
        yield (
            "window -",
            replace(leaf, at_least_s=min(least_s, window_s - pace_s), window_s=window_s - pace_s),
        )
    if least_s < window_s:
        yield "share +", replace(leaf, at_least_s=least_s + pace_s)
    yield "window +", replace(leaf, window_s=window_s + pace_s)
    yield "longer", replace(leaf, at_least_s=least_s + pace_s, window_s=window_s + pace_s)
