"""What a rule set asks for, so that no more is kept of a bed than that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.detect.rule import AgeCondition, LatestCondition, ShareCondition
from edge_agent.detect.signals import DERIVED, SIGNALS, Pace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from edge_agent.detect.rule import Rule
    from edge_agent.model.measurements import VitalKind

MONITORED_S: Final = 7200.0
"""A vital without any reading for so long is not monitored; the cuff's longest usual interval and
its grace. design start value, unvalidated"""


@dataclass(frozen=True, slots=True)
class Needs:
    """What is kept of every bed."""

    step_places: int
    """Longest window of signals that have a value for each step."""
    minute_places: int
    firsts: Mapping[VitalKind, tuple[ShareCondition, ...]]
    """Conditions about a vital as measured, whose first satisfying reading is remembered."""


def needs_of(rules: Sequence[Rule]) -> Needs:
    """Return what a rule set asks for."""
    steps, minutes = 1, 1
    firsts: dict[VitalKind, list[ShareCondition]] = {}
    # In the order of the rules, in every process: what is kept over a restart relies on it.
    for leaf in dict.fromkeys(leaf for rule in rules for leaf in rule.leaves()):
        if not isinstance(leaf, ShareCondition):
            continue
        if SIGNALS[leaf.signal].pace is Pace.MINUTE:
            minutes = max(minutes, leaf.places)
        else:
            steps = max(steps, leaf.places)
        if leaf.kind is not None:
            firsts.setdefault(leaf.kind, []).append(leaf)
    return Needs(steps, minutes, {kind: tuple(leaves) for kind, leaves in firsts.items()})


def longest_look_s(rules: Sequence[Rule]) -> float:
    """Return how far back the longest condition looks for readings."""
    looks = [0.0]
    for leaf in (leaf for rule in rules for leaf in rule.leaves()):
        if isinstance(leaf, ShareCondition | LatestCondition):
            looks.append(leaf.window_s)
        elif isinstance(leaf, AgeCondition):
            looks.append(leaf.threshold_s)
    return max(looks)


STEP_DERIVED: Final = tuple(name for name, s in DERIVED.items() if s.pace is Pace.STEP)
MINUTE_DERIVED: Final = tuple(name for name, s in DERIVED.items() if s.pace is Pace.MINUTE)
