"""The windows and the score that a rule set reads, so that a bed stores no more than those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge_agent.detect.language.rule import AgeCondition, LatestCondition, Rule, ShareCondition
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.scored_rules import score_of
from edge_agent.detect.language.signals import DERIVED, SIGNALS, Pace
from edge_agent.model.measurements import VitalKind

MONITORED_S: Final = 7200.0
"""Time without a reading after which a vital is not monitored; design start value, unvalidated"""


@dataclass(frozen=True, slots=True)
class Needs:
    """Windows and readings to store for every bed, and its score."""

    step_length: int
    """Longest window of a step signal, in steps."""
    minute_length: int
    firsts: Mapping[VitalKind, tuple[ShareCondition, ...]]
    """Conditions about each vital, of which the first satisfying reading is stored."""
    score: ScoreTable


def needs_of(rules: Sequence[Rule]) -> Needs:
    """Return the windows, readings and score that a rule set reads."""
    steps, minutes = 1, 1
    firsts: dict[VitalKind, list[ShareCondition]] = {}
    # In the order of the rules, the same in every process: records stored for a restart rely on it.
    for leaf in dict.fromkeys(leaf for rule in rules for leaf in rule.leaves()):
        if not isinstance(leaf, ShareCondition):
            continue
        if SIGNALS[leaf.signal].pace is Pace.MINUTE:
            minutes = max(minutes, leaf.length)
        else:
            steps = max(steps, leaf.length)
        if leaf.kind is not None:
            firsts.setdefault(leaf.kind, []).append(leaf)
    return Needs(
        steps, minutes, {kind: tuple(leaves) for kind, leaves in firsts.items()}, score_of(rules)
    )


def longest_window_s(rules: Sequence[Rule]) -> float:
    """Return the longest time that any condition looks back, in seconds."""
    windows_s = [0.0]
    for leaf in (leaf for rule in rules for leaf in rule.leaves()):
        if isinstance(leaf, ShareCondition | LatestCondition):
            windows_s.append(leaf.window_s)
        elif isinstance(leaf, AgeCondition):
            windows_s.append(leaf.threshold_s)
    return max(windows_s)


STEP_DERIVED: Final = tuple(name for name, s in DERIVED.items() if s.pace is Pace.STEP)
MINUTE_DERIVED: Final = tuple(name for name, s in DERIVED.items() if s.pace is Pace.MINUTE)
