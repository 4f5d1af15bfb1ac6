"""Steps of a recorded stay at which the grounds of a rule may gain a sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

import numpy as np

from edge_agent.batch.answers import StayAnswers
from edge_agent.detect.arrays import BoolArray
from edge_agent.detect.conditions.kleene import PRESENT
from edge_agent.detect.language.rule import (
    Condition,
    ConditionGroup,
    Rule,
    RuleCondition,
    ShareCondition,
)
from edge_agent.detect.language.signals import SIGNALS
from edge_agent.model.signs import SCORE


def gains(answers: StayAnswers, rule: Rule) -> BoolArray:
    """Return the steps at which a condition of a rule, or of one it reads, begins to hold.

    With an age, other limits begin to hold. Where a score raises an alert again, so does every
    higher score.
    """
    found = np.zeros(answers.stay.steps.size, np.bool_)
    found[answers.new_age_steps()] = True
    for condition in {*_conditions(rule.when, answers), *_higher_scores(rule, answers)}:
        alone = ConditionGroup(is_any=True, conditions=(condition,))
        holds = answers.of_group(alone) == PRESENT
        found[1:] |= holds[1:] & ~holds[:-1]
    return found


def _conditions(condition: Condition, answers: StayAnswers) -> Iterator[Condition]:
    """Yield a condition, the parts of a group, and the conditions of a rule that it reads."""
    yield condition
    if isinstance(condition, ConditionGroup):
        for part in condition.conditions:
            yield from _conditions(part, answers)
    elif isinstance(condition, RuleCondition):
        yield from _conditions(answers.rules[condition.rule_id].when, answers)


def _higher_scores(rule: Rule, answers: StayAnswers) -> Iterator[Condition]:
    """Yield the conditions on a score with each higher limit that the score reaches."""
    for leaf in rule.when.leaves() if rule.policy.again_at < inf else ():
        if isinstance(leaf, ShareCondition) and SIGNALS[leaf.signal].unit == SCORE:
            values = answers.stay.signal(leaf.signal)
            for points in np.unique(values[values > leaf.threshold.value]).tolist():
                yield replace(leaf, threshold=replace(leaf.threshold, value=points))
