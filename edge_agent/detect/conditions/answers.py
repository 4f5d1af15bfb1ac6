"""Three-valued answers of conditions, with missing readings counted as possibly anything.

A certain answer is one that no value of the missing readings could change. The same conditions are
evaluated for a monitored bed and for a recorded stay; a `View` is either at one moment.
"""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from edge_agent.detect.arrays import Events
from edge_agent.detect.conditions.kleene import (
    ABSENT,
    INDETERMINATE,
    PRESENT,
    age_s,
    answers_from_counts,
)
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import (
    AgeCondition,
    Condition,
    ConditionGroup,
    LatestCondition,
    RuleCondition,
    ShareCondition,
)


def answer_group(group: ConditionGroup, view: View) -> int:
    """Return a group's answer, from the conditions that take part."""
    answers = [answer(c, view) for c in group.conditions if takes_part(c, view)]
    if not answers:
        return INDETERMINATE
    return max(answers) if group.is_any else min(answers)


def answer(condition: Condition, view: View) -> int:
    """Return one condition's answer: PRESENT, INDETERMINATE or ABSENT."""
    match condition:
        case ConditionGroup():
            return answer_group(condition, view)
        case ShareCondition():
            return _answer_share(condition, view)
        case LatestCondition():
            return _answer_latest(condition, view)
        case RuleCondition():
            return _answer_rule(condition, view)
        case AgeCondition():
            return PRESENT if signal_age_s(condition, view) > condition.threshold_s else ABSENT
        case _:
            return ABSENT if view.state(condition.state) is None else PRESENT


def takes_part(condition: Condition, view: View) -> bool:
    """Return True if a condition counts: an optional one only while its signal is measured."""
    if isinstance(condition, ConditionGroup):
        if condition.if_monitored:
            return all(_is_measured(c, view) for c in condition.conditions if not is_optional(c))
        return any(takes_part(part, view) for part in condition.conditions)
    return not is_optional(condition) or _is_measured(condition, view)


def _is_measured(condition: Condition, view: View) -> bool:
    """Return True if the signal of a condition is measured; conditions without one always are."""
    if isinstance(condition, LatestCondition):
        return events_within(condition, view).values.size > 0
    if not isinstance(condition, ShareCondition | AgeCondition):
        return True
    if condition.kind is None and isinstance(condition, ShareCondition):
        return not bool(np.isnan(view.window(condition.signal, condition.length)).all())
    return condition.kind is None or view.is_monitored(condition.kind)


def is_optional(
    condition: Condition,
) -> TypeGuard[ShareCondition | LatestCondition | AgeCondition]:
    """Return True if a condition takes part only while its signal is measured."""
    if isinstance(condition, ShareCondition | LatestCondition | AgeCondition):
        return condition.if_monitored
    return False


def _answer_share(condition: ShareCondition, view: View) -> int:
    """Return PRESENT if enough values satisfy the threshold, ABSENT if too few can."""
    window = view.window(condition.signal, condition.length)
    threshold = condition.threshold
    limit = threshold.at_age(view.age_years)
    satisfied = int(np.count_nonzero(threshold.operator.compare(window, limit)))
    empty = int(np.count_nonzero(np.isnan(window)))
    return int(answers_from_counts(satisfied, empty, condition.needed))


def _answer_latest(condition: LatestCondition, view: View) -> int:
    """Return PRESENT if the newest readings all satisfy the threshold, ABSENT if one does not."""
    values = events_within(condition, view).values
    threshold = condition.threshold
    limit = threshold.at_age(view.age_years)
    # An unusable reading could have had any value, so none before it is surely the newest.
    newest = values[-condition.confirm :]
    failing = np.count_nonzero(~np.isnan(newest)) - np.count_nonzero(
        threshold.operator.compare(newest, limit)
    )
    if failing:
        return ABSENT
    usable = values[~np.isnan(values)][-condition.confirm :]
    is_met = np.count_nonzero(threshold.operator.compare(usable, limit)) == condition.confirm
    return PRESENT if is_met else INDETERMINATE


def events_within(condition: LatestCondition, view: View) -> Events:
    """Return the readings that a condition looks at."""
    start_ns = view.at.monotonic_ns - round(condition.window_s * 1e9)
    return view.events(condition.signal).since(start_ns)


def _answer_rule(condition: RuleCondition, view: View) -> int:
    """Return PRESENT while the other rule's last PRESENT answer is recent, else its answer now."""
    last = view.last_present(condition.rule_id)
    if last is not None and view.at.seconds_since(last) <= condition.within_s:
        return PRESENT
    return view.answer_of(condition.rule_id)


def signal_age_s(condition: AgeCondition, view: View) -> float:
    """Return the age of the newest usable reading; from the start where there was none."""
    stamp = view.newest_usable(condition.kind)
    since = stamp.at if stamp else view.monitored_since
    return age_s(since.monotonic_ns, view.at.monotonic_ns)
