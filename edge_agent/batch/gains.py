"""Steps of a recorded stay at which a ground of a rule begins to hold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge_agent.batch.answers import StayAnswers
from edge_agent.detect.arrays import BoolArray
from edge_agent.detect.conditions.kleene import PRESENT
from edge_agent.detect.language.rule import Condition, ConditionGroup, RuleCondition


def gains(answers: StayAnswers, rule_id: str) -> BoolArray:
    """Return the steps at which a condition of a rule, or of a rule it reads, begins to hold.

    With an age, other limits begin to hold.
    """
    found = np.zeros(answers.stay.steps.size, np.bool_)
    found[answers.new_age_steps()] = True
    for condition in set(_conditions(answers, answers.rules[rule_id].when)):
        holds = answers.of_condition(condition) == PRESENT
        found[1:] |= holds[1:] & ~holds[:-1]
    return found


def _conditions(answers: StayAnswers, condition: Condition) -> Iterator[Condition]:
    """Yield a condition, the parts of a group, and the conditions of a rule that it reads."""
    yield condition
    if isinstance(condition, ConditionGroup):
        for part in condition.conditions:
            yield from _conditions(answers, part)
    elif isinstance(condition, RuleCondition):
        yield from _conditions(answers, answers.rules[condition.rule_id].when)
