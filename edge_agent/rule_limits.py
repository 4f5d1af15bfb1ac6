"""Limits of rules that no believed reading can reach: such a rule never holds, or always does."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.detect.rule import LatestCondition, Operator, ShareCondition
from edge_agent.detect.signals import CUFF
from edge_agent.model.errors import Mistake
from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.vitals.canonical import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from edge_agent.detect.rule import Leaf, Rule, Threshold

_EVENTS: Final[Mapping[str, VitalKind]] = MappingProxyType(
    {**{kind.value: kind for kind in CUFF}, "spot_temperature": VitalKind.TEMPERATURE}
)
"""By the signal that carries their readings."""


def limit_mistakes(rules: Sequence[Rule]) -> list[Mistake]:
    """Return which limits of adults lie outside what a vital sign can be."""
    mistakes: dict[Mistake, None] = {}
    for rule in rules:
        for signal, threshold, kind in _limits(rule):
            row, value = KINDS[kind], threshold.value
            if not row.lowest <= value <= row.highest and not _asks_for_any(threshold):
                want = f"want {row.lowest:g} to {row.highest:g} {CANONICAL_UNITS[kind]}"
                why = "no reading beyond is believed"
                mistakes[Mistake(rule.rule_id, signal, f"limit {value:g}; {want}: {why}")] = None
    return list(mistakes)


def _asks_for_any(threshold: Threshold) -> bool:
    """Return whether a limit of zero asks for nothing but that there is a reading."""
    return threshold.value == 0 and threshold.operator in {Operator.AT_LEAST, Operator.ABOVE}


def _limits(rule: Rule) -> Iterator[tuple[str, Threshold, VitalKind]]:
    """Yield signal, limit and vital sign of each condition about one."""
    for leaf in rule.leaves():
        kind = _kind_of(leaf)
        if isinstance(leaf, ShareCondition | LatestCondition) and kind is not None:
            yield leaf.signal, leaf.threshold, kind


def _kind_of(leaf: Leaf) -> VitalKind | None:
    if isinstance(leaf, ShareCondition):
        return leaf.kind
    return _EVENTS.get(leaf.signal) if isinstance(leaf, LatestCondition) else None
