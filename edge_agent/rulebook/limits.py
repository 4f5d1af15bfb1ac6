"""Check for limits that no plausible reading can reach: such a rule never holds, or always."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from types import MappingProxyType
from typing import Final

from edge_agent.detect.language.rule import (
    LatestCondition,
    Leaf,
    Operator,
    Rule,
    ShareCondition,
    Threshold,
)
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.signals import CUFF
from edge_agent.model.errors import Mistake
from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.vitals.canonical import KINDS

_EVENTS: Final[Mapping[str, VitalKind]] = MappingProxyType(
    {**{kind.value: kind for kind in CUFF}, "spot_temperature": VitalKind.TEMPERATURE}
)
"""Vital by the signal that carries its readings."""


def limit_mistakes(rules: Sequence[Rule | ScoreTable]) -> list[Mistake]:
    """Return the limits that lie outside the plausible range of a vital sign at their age."""
    mistakes: dict[Mistake, None] = {}
    for rule in rules:
        for signal, threshold, kind in _limits(rule):
            for message in _beyond(threshold, kind):
                mistakes[Mistake(rule.rule_id, signal, message)] = None
    return list(mistakes)


def _beyond(threshold: Threshold, kind: VitalKind) -> Iterator[str]:
    """Yield the limits of a threshold that no believed reading can reach."""
    row, unit, value = KINDS[kind], CANONICAL_UNITS[kind], threshold.value
    why = "no reading beyond it is used"
    if not row.lowest <= value <= row.highest and not _accepts_any_reading(threshold):
        yield f"limit {value:g}; want {row.lowest:g} to {row.highest:g} {unit}: {why}"
    lowest, highest = row.lowest_at(0.0), row.highest_at(0.0)
    for _, limit in threshold.by_age:
        # 0 means that the condition does not apply to children, and so does NaN in the score
        if limit != 0 and not isnan(limit) and not lowest <= limit <= highest:
            yield f"limit {limit:g} of a child; want {lowest:g} to {highest:g} {unit}: {why}"


def _accepts_any_reading(threshold: Threshold) -> bool:
    """Return True if a limit of zero only requires that there is a reading."""
    return threshold.value == 0 and threshold.operator in {Operator.AT_LEAST, Operator.ABOVE}


def _limits(rule: Rule | ScoreTable) -> Iterator[tuple[str, Threshold, VitalKind]]:
    """Yield signal, limit and vital sign of each condition about a vital sign."""
    for leaf in rule.leaves():
        kind = _kind_of(leaf)
        if isinstance(leaf, ShareCondition | LatestCondition) and kind is not None:
            yield leaf.signal, leaf.threshold, kind


def _kind_of(leaf: Leaf) -> VitalKind | None:
    if isinstance(leaf, ShareCondition):
        return leaf.kind
    return _EVENTS.get(leaf.signal) if isinstance(leaf, LatestCondition) else None
