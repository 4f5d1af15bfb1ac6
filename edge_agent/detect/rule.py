"""What a rule is, and whether a set of rules fits together."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.model.errors import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edge_agent.detect.window import BoolArray, FloatArray
    from edge_agent.model.alerts import AlertPolicy
    from edge_agent.model.bed_events import BedState
    from edge_agent.model.measurements import VitalKind


class Operator(Enum):
    """How a value is compared with a threshold."""

    BELOW = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"

    @property
    def low_is_bad(self) -> bool:
        """Whether lower values satisfy it sooner."""
        return self in {Operator.BELOW, Operator.AT_MOST}

    def compare(self, values: FloatArray, threshold: float) -> BoolArray:
        """Return which of `values`, shape (n,), satisfy it; NaN never does."""
        return np.asarray(_COMPARE[self](values, threshold), dtype=np.bool_)

    def count(self, values: FloatArray, threshold: float) -> int:
        """Return how many of `values` satisfy it; NaN never does."""
        return int(np.count_nonzero(self.compare(values, threshold)))


_COMPARE: Final[Mapping[Operator, np.ufunc]] = MappingProxyType(
    {
        Operator.BELOW: np.less,
        Operator.AT_MOST: np.less_equal,
        Operator.AT_LEAST: np.greater_equal,
        Operator.ABOVE: np.greater,
    }
)


@dataclass(frozen=True, slots=True)
class BinnedCondition:
    """At least `at_least` of the window's bins have a median that satisfies the threshold."""

    kind: VitalKind
    window_s: float
    bin_s: float
    operator: Operator
    threshold: float
    unit: str
    at_least: int
    if_monitored: bool
    """Whether it takes part only while the bed has readings of the vital."""

    @property
    def bins(self) -> int:
        """How many bins the window is cut into."""
        return round(self.window_s / self.bin_s)


@dataclass(frozen=True, slots=True)
class LatestCondition:
    """The newest `confirm` usable readings of the window all satisfy the threshold."""

    kind: VitalKind
    window_s: float
    operator: Operator
    threshold: float
    unit: str
    confirm: int
    if_monitored: bool
    """Whether it takes part only while the bed has readings of the vital."""


@dataclass(frozen=True, slots=True)
class AgeCondition:
    """The newest usable reading is older than the threshold."""

    kind: VitalKind | None
    """None: any reading from the bed, usable or not."""
    threshold_s: float
    if_monitored: bool
    """Whether it takes part only while the bed has readings of the vital."""


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """Another rule is present, or was within the time."""

    rule_id: str
    within_s: float


@dataclass(frozen=True, slots=True)
class StateCondition:
    """Something is the matter with the watching of the bed."""

    state: BedState


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all, or any, must hold."""

    is_any: bool
    conditions: tuple[Condition, ...]

    def leaves(self) -> Iterator[Leaf]:
        """Yield every condition that is not itself a group."""
        for condition in self.conditions:
            if isinstance(condition, Group):
                yield from condition.leaves()
            else:
                yield condition


Leaf = BinnedCondition | LatestCondition | AgeCondition | RuleCondition | StateCondition
Condition = Leaf | Group


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule file."""

    source_name: str
    """The file it was read from, for messages."""
    policy: AlertPolicy
    source: str
    """The paper or standard its thresholds come from."""
    status: str
    """unvalidated, or reviewed_by:<role>."""
    signal: str
    """The required signal whose loss it announces; empty for other rules."""
    when: Group
    clear: Group | None
    """What must hold to clear; None: the opposite of `when`."""

    @property
    def rule_id(self) -> str:
        """The rule's name, such as crs.fever."""
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
    """Return the rules so that each comes after those it reads; raises CycleError."""
    by_id = {rule.rule_id: rule for rule in rules}
    graph = {rule.rule_id: sorted(needed_rules(rule)) for rule in rules}
    return [by_id[rule_id] for rule_id in TopologicalSorter(graph).static_order()]


def signalling_order(rules: Sequence[Rule]) -> list[Rule]:
    """Return the rules absorbing ones first, then by urgency; raises CycleError."""
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
    """Return what is wrong between rules: doubled or unknown ids, and cycles."""
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
    for order, key in ((evaluation_order, "when"), (signalling_order, "rule.absorbs")):
        try:
            order(rules)
        except CycleError as error:
            cycle = error.args[1]
            source = next(rule.source_name for rule in rules if rule.rule_id == cycle[0])
            mistakes.append(Mistake(source, key, f"rules in a cycle: {' -> '.join(cycle)}"))
    return mistakes


def _unknown_names(rule: Rule, known: Iterable[str]) -> Iterator[Mistake]:
    for rule_id in sorted(needed_rules(rule) - set(known)):
        yield Mistake(rule.source_name, "when", f"no rule has the id {rule_id}")
    for pattern in rule.policy.absorbs:
        alone = replace(rule.policy, absorbs=(pattern,))
        if not any(alone.absorbs_rule(rule_id) for rule_id in known):
            yield Mistake(rule.source_name, "rule.absorbs", f"no other rule matches {pattern}")
