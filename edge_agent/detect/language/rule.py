"""Rules, their conditions, and the checks of a rule set."""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import Final, Self

import numpy as np

from edge_agent.detect.arrays import BoolArray, FloatArray
from edge_agent.detect.grid import MINUTE_STEPS, STEP_S
from edge_agent.detect.language.signals import SIGNALS, Pace
from edge_agent.model.alerts import AlertPolicy
from edge_agent.model.bed_events import BedState
from edge_agent.model.errors import Mistake
from edge_agent.model.measurements import VitalKind

VITALS: Final[Mapping[str, VitalKind]] = MappingProxyType({kind.value: kind for kind in VitalKind})


class Operator(Enum):
    """Comparison of a value with a threshold."""

    BELOW = "<", operator.lt, np.less
    AT_MOST = "<=", operator.le, np.less_equal
    AT_LEAST = ">=", operator.ge, np.greater_equal
    ABOVE = ">", operator.gt, np.greater

    holds: Callable[[float, float], bool]
    """Function that returns True if one value satisfies it."""
    _compare: np.ufunc

    def __new__(cls, text: str, holds: Callable[[float, float], bool], compare: np.ufunc) -> Self:
        """Make the member whose value is the text in a rule file."""
        member = object.__new__(cls)
        member._value_, member.holds, member._compare = text, holds, compare
        return member

    @property
    def low_is_bad(self) -> bool:
        """True where lower values satisfy it first."""
        return self in {Operator.BELOW, Operator.AT_MOST}

    def compare(self, values: FloatArray, threshold: FloatArray | float) -> BoolArray:
        """Return a mask of the `values`, shape (n,), that satisfy it; NaN never does."""
        return np.asarray(self._compare(values, threshold), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Limit of a value; children may have limits of their own."""

    operator: Operator
    value: float
    by_age: tuple[tuple[float, float], ...] = ()
    """Pairs of an age in years and the limit below that age, youngest first; above, `value`."""

    def at_age(self, age_years: float | None) -> float:
        """Return the limit for an age, the adult one where the age is unknown."""
        if age_years is None:
            return self.value
        return next((limit for below, limit in self.by_age if age_years < below), self.value)


@dataclass(frozen=True)
class ShareCondition:
    """Condition that a running signal satisfies a threshold for `at_least_s` of `window_s`."""

    signal: str
    """Key in `signals.SIGNALS`."""
    threshold: Threshold
    at_least_s: float
    window_s: float
    if_monitored: bool
    """True if the condition takes part only while the signal is measured."""

    @cached_property
    def kind(self) -> VitalKind | None:
        """Vital of the signal, None for a derived signal."""
        return VITALS.get(self.signal)

    @property
    def pace_s(self) -> int:
        """Seconds between two values of the signal."""
        is_minute = SIGNALS[self.signal].pace is Pace.MINUTE
        return STEP_S * MINUTE_STEPS if is_minute else STEP_S

    @cached_property
    def length(self) -> int:
        """Number of values in the window."""
        return round(self.window_s / self.pace_s)

    @cached_property
    def needed(self) -> int:
        """Number of values that must satisfy the threshold."""
        return round(self.at_least_s / self.pace_s)


@dataclass(frozen=True, slots=True)
class LatestCondition:
    """Condition that the newest `confirm` usable readings in the window satisfy a threshold."""

    signal: str
    """Name of an event signal."""
    threshold: Threshold
    window_s: float
    confirm: int
    if_monitored: bool
    """True if the condition takes part only while the window has a reading."""


@dataclass(frozen=True, slots=True)
class AgeCondition:
    """Condition that the newest usable reading is older than a threshold."""

    kind: VitalKind | None
    """Vital; None for any reading from the bed, usable or not."""
    threshold_s: float
    if_monitored: bool
    """True if the condition takes part only while the vital is measured."""


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """Condition that another rule is PRESENT, or was within a time."""

    rule_id: str
    within_s: float


@dataclass(frozen=True, slots=True)
class StateCondition:
    """Condition that a monitoring state of the bed holds, such as a lost link."""

    state: BedState


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """Conditions all of which must hold, or any one."""

    is_any: bool
    conditions: tuple[Condition, ...]
    if_monitored: bool = False
    """True if the group takes part only while everything that it requires is measured."""

    def leaves(self) -> Iterator[Leaf]:
        """Yield every condition that is not itself a group."""
        for condition in self.conditions:
            if isinstance(condition, ConditionGroup):
                yield from condition.leaves()
            else:
                yield condition


Leaf = ShareCondition | LatestCondition | AgeCondition | RuleCondition | StateCondition
Condition = Leaf | ConditionGroup


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file."""

    source_name: str
    """File of the rule, for messages."""
    policy: AlertPolicy
    source: str
    """Paper or standard of its thresholds."""
    status: str
    """unvalidated, or reviewed_by:<role>."""
    signal: str
    """Required signal whose loss it reports; empty for other rules."""
    when: ConditionGroup
    clear: ConditionGroup | None
    """Conditions to clear; None for the opposite of `when`."""

    @property
    def rule_id(self) -> str:
        """Name of the rule, such as crs.fever."""
        return self.policy.rule_id

    def leaves(self) -> Iterator[Leaf]:
        """Yield every condition of `when` and `clear`."""
        yield from self.when.leaves()
        if self.clear is not None:
            yield from self.clear.leaves()


def needed_rules(rule: Rule) -> set[str]:
    """Return the ids of the rules whose answers `rule` reads."""
    return {leaf.rule_id for leaf in rule.leaves() if isinstance(leaf, RuleCondition)}


def evaluation_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules so that each follows the rules it reads; raise CycleError."""
    by_id = {rule.rule_id: rule for rule in rules}
    graph = {rule.rule_id: sorted(needed_rules(rule)) for rule in rules}
    return [by_id[rule_id] for rule_id in TopologicalSorter(graph).static_order()]


def absorption_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules, absorbing ones first, then by urgency; raise CycleError."""
    by_urgency = sorted(rules, key=lambda rule: (-rule.policy.priority, rule.rule_id))
    graph = {
        rule.rule_id: [r.rule_id for r in by_urgency if r.policy.absorbs_rule(rule.rule_id)]
        for rule in by_urgency
    }
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ordered: list[Rule] = []
    while sorter.is_active():
        ready = set(sorter.get_ready())
        ordered += [rule for rule in by_urgency if rule.rule_id in ready]
        sorter.done(*ready)
    return ordered


def check_rules(rules: Sequence[Rule]) -> list[Mistake]:
    """Return the mistakes between rules: duplicate or unknown ids, and cycles."""
    counts = Counter(rule.rule_id for rule in rules)
    mistakes = [
        Mistake(rule.source_name, "rule.id", f"{rule.rule_id} is the id of more than one rule")
        for rule in rules
        if counts[rule.rule_id] > 1
    ]
    for rule in rules:
        mistakes += _unknown_names(rule, counts.keys())
    if mistakes:
        return mistakes
    for order, key in ((evaluation_order, "when"), (absorption_order, "rule.absorbs")):
        try:
            order(rules)
        except CycleError as error:
            cycle = error.args[1]
            source = next(rule.source_name for rule in rules if rule.rule_id == cycle[0])
            mistakes.append(Mistake(source, key, f"rules in a cycle: {' -> '.join(cycle)}"))
    return mistakes


def _unknown_names(rule: Rule, known: Iterable[str]) -> Iterator[Mistake]:
    """Yield a mistake for each rule id or pattern that no other rule has."""
    for rule_id in sorted(needed_rules(rule) - set(known)):
        yield Mistake(rule.source_name, "when", f"no rule has the id {rule_id}")
    for key, patterns in (("absorbs", rule.policy.absorbs), ("covers", rule.policy.covers)):
        for pattern in patterns:
            alone = replace(rule.policy, absorbs=(pattern,), covers=())
            if not any(alone.absorbs_rule(rule_id) for rule_id in known):
                yield Mistake(rule.source_name, f"rule.{key}", f"no other rule matches {pattern}")
