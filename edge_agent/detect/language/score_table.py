"""The table of the CRS suspicion score: terms, their points and conditions, and their texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import isnan
from typing import Final

from edge_agent.detect.language.rule import (
    Condition,
    ConditionGroup,
    Operator,
    ShareCondition,
    Threshold,
)
from edge_agent.detect.language.signals import SCORED

MINUTE_S: Final = 60
LONGEST_MIN: Final = 30
"""Longest window of a term in minutes; live, no more minutes are stored."""
_SIGNS: Final = {
    Operator.BELOW: "<",
    Operator.AT_MOST: "≤",
    Operator.AT_LEAST: "≥",
    Operator.ABOVE: ">",
}
_UNITS: Final = {"Cel": " °C", "Cel/h": " °C/h", "mm[Hg]": " mmHg", "1": "", "/min": "/min"}
_DAY_H: Final = 24
_FLAG: Final = "is_"


@dataclass(frozen=True, slots=True)
class Term:
    """A sign or circumstance for or against CRS, with its points."""

    name: str
    points: int
    when: ConditionGroup
    is_limb: bool
    """True for a sign of pressure or oxygen, whose points no other reason reduces."""
    unless: Term | None
    """Term that must not hold."""
    unknown_without: str
    """Entry without which it may hold: `product`, `oxygen` or `treatment`; empty for none."""
    shows: str
    """Name in `SCORED` of the value shown beside it; empty for none."""

    @property
    def text(self) -> str:
        """Conditions, human-readable."""
        text = _group_text(self.when)
        return text if self.unless is None else f"{text}, unless {self.unless.text}"


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """One file of the score."""

    source_name: str
    """File of the table, for messages."""
    rule_id: str
    version: int
    source: str
    """Paper or standard of its points and limits."""
    status: str
    """unvalidated, or reviewed_by:<role>."""
    terms: tuple[Term, ...]

    def leaves(self) -> Iterator[ShareCondition]:
        """Yield every condition of every term."""
        for term in self.terms:
            yield from shares(term.when)


def shares(group: ConditionGroup) -> Iterator[ShareCondition]:
    """Yield the single conditions of a term."""
    yield from (leaf for leaf in group.leaves() if isinstance(leaf, ShareCondition))


def _group_text(group: ConditionGroup) -> str:
    """Return conditions in words; a signal that is compared again is not named again."""
    texts = [_text(group.conditions[0])]
    for before, condition in pairwise(group.conditions):
        text = _text(condition)
        if isinstance(before, ShareCondition) and isinstance(condition, ShareCondition):
            is_same = before.signal == condition.signal
            text = text.removeprefix(f"{SCORED[condition.signal].words} ") if is_same else text
        texts.append(text)
    return (" or " if group.is_any else " and ").join(texts)


def _text(condition: Condition) -> str:
    if isinstance(condition, ConditionGroup):
        text = _group_text(condition)
        return f"({text})" if condition.is_any else text
    assert isinstance(condition, ShareCondition)
    words = SCORED[condition.signal].words
    if condition.signal.startswith(_FLAG):
        return words
    text = f"{words} {_limit_text(condition.threshold, SCORED[condition.signal].unit)}"
    least_min, of_min = (round(s / MINUTE_S) for s in (condition.at_least_s, condition.window_s))
    return text if of_min == 1 else f"{text} for {least_min} of {of_min} min"


def _limit_text(threshold: Threshold, unit: str) -> str:
    """Return a limit with its unit, and those of children."""
    text = f"{_SIGNS[threshold.operator]} {_number(threshold.value, unit)}"
    by_age = [
        f"below age {below:g}: {'never' if isnan(limit) else _number(limit, unit)}"
        for below, limit in threshold.by_age
    ]
    return f"{text} ({', '.join(by_age)})" if by_age else text


def _number(value: float, unit: str) -> str:
    """Return a value with its unit; whole days from two on, and at least tenths of a degree."""
    if unit == "h" and value >= 2 * _DAY_H and value % _DAY_H == 0:
        return f"{value / _DAY_H:g} days"
    digits = f"{value:.1f}" if unit == "Cel" and value == round(value, 1) else f"{value:g}"
    return digits + _UNITS.get(unit, f" {unit}")
