"""Answers of all rules on a recorded stay, for all steps at once.

They are array forms of `detect.conditions.answers`, which is six times as fast for a single step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from edge_agent.batch.known import ages_of
from edge_agent.batch.readings import EventRuns, StayReadings
from edge_agent.batch.stay import SLACK, Stay
from edge_agent.batch.windows import Counts, in_window
from edge_agent.detect.arrays import BoolArray, IntArray
from edge_agent.detect.conditions.answers import is_optional
from edge_agent.detect.conditions.kleene import (
    ABSENT,
    INDETERMINATE,
    PRESENT,
    Answers,
    answers_from_counts,
    answers_from_flags,
)
from edge_agent.detect.conditions.view import PresentAnswer
from edge_agent.detect.grid import STEP_S
from edge_agent.detect.language.rule import (
    AgeCondition,
    Condition,
    ConditionGroup,
    LatestCondition,
    Rule,
    RuleCondition,
    ShareCondition,
    Threshold,
    evaluation_order,
)
from edge_agent.detect.language.signals import SIGNALS, Pace


class StayAnswers:
    """Answer of each rule at each step of a stay.

    Parameters
    ----------
    rules
        A rule set without mistakes, see `check_rules`.
    """

    def __init__(self, stay: Stay, rules: Sequence[Rule]) -> None:
        self.stay = stay
        self.rules = {rule.rule_id: rule for rule in evaluation_order(rules)}
        utc_ns = stay.times_ns + stay.utc_offset_ns
        self.ages = ages_of(stay.log)
        self._ages = {int(utc_ns.searchsorted(ns)): years for ns, years in self.ages}
        """Age of the patient by the first step at which it held."""
        self.readings = StayReadings(stay)
        self._answers: dict[Condition, Answers] = {}
        self._known: dict[tuple[str, int], Counts] = {}
        self._present_steps: dict[str, IntArray] = {}
        self.newest_present: dict[str, tuple[int, PresentAnswer]] = {}
        """Newest PRESENT answer of each rule that a view was asked for, with its step."""
        self.presence: dict[str, Answers] = {}
        for rule_id, rule in self.rules.items():
            self.presence[rule_id] = self.of_group(rule.when)

    def recovery(self, rule_id: str) -> Answers:
        """Return the answer of a rule's clear condition at each step."""
        clear = self.rules[rule_id].clear
        return -self.presence[rule_id] if clear is None else self.of_group(clear)

    def of_group(self, group: ConditionGroup) -> Answers:
        """Return a group's answer at each step, from the conditions that take part."""
        neutral = ABSENT if group.is_any else PRESENT
        reduce = np.maximum if group.is_any else np.minimum
        found = np.full(self.stay.steps.size, neutral, np.int8)
        takes_part = np.zeros(found.size, bool)
        for condition in group.conditions:
            answers, mask = self._answer(condition), self._takes_part(condition)
            if mask is not None:
                answers = chosen(mask, answers, neutral)
            takes_part |= True if mask is None else mask
            reduce(found, answers, out=found)
        return chosen(takes_part, found, INDETERMINATE)

    def last_present(self, rule_id: str, step: int) -> int:
        """Return the newest step up to `step` at which a rule was PRESENT, -1 for none."""
        if rule_id not in self._present_steps:
            self._present_steps[rule_id] = np.flatnonzero(self.presence[rule_id] == PRESENT)
        steps = self._present_steps[rule_id]
        count = int(steps.searchsorted(step, side="right"))
        return int(steps[count - 1]) if count else -1

    def age_years_at(self, step: int) -> float | None:
        """Return the age in years at a step, None where nobody had entered it."""
        return self._ages[max(first for first in self._ages if first <= step)]

    def new_age_steps(self) -> list[int]:
        """Return the steps after the first at which another age begins to hold."""
        return [first for first in self._ages if 0 < first < self.stay.steps.size]

    def _by_age(self, threshold: Threshold, answers: Callable[[float], Answers]) -> Answers:
        """Return the answer at each step, given the answers with one limit at all steps."""
        limits = {first: threshold.at_age(years) for first, years in self._ages.items()}
        found, before = answers(limits[0]), limits[0]
        for first, limit in limits.items():
            if limit != before:
                found, before = np.concatenate((found[:first], answers(limit)[first:])), limit
        return found

    def _answer(self, condition: Condition) -> Answers:
        """Return a condition's answer at each step, evaluated once for all rules that share it."""
        found = self._answers.get(condition)
        if found is None:
            found = self._answers[condition] = self._evaluated(condition)
        return found

    def _evaluated(self, condition: Condition) -> Answers:
        match condition:
            case ConditionGroup():
                return self.of_group(condition)
            case ShareCondition():
                return self._by_age(condition.threshold, partial(self._answer_share, condition))
            case LatestCondition():
                return self._by_age(condition.threshold, partial(self._answer_latest, condition))
            case RuleCondition():
                return self._answer_rule(condition)
            case AgeCondition():
                return self._answer_age(condition)
            case _:  # a recorded stay has no monitoring state
                return np.full(self.stay.steps.size, ABSENT, np.int8)

    def _answer_share(self, condition: ShareCondition, limit: float) -> Answers:
        """Return the answer at each step by the number of values that satisfy the threshold."""
        values, length = self.stay.signal(condition.signal), condition.length
        satisfied = in_window(condition.threshold.operator.compare(values, limit), length)
        empty = length - self._known_counts(condition.signal, length)
        answers = answers_from_counts(satisfied, empty, condition.needed)
        return self._by_step(condition.signal, answers, INDETERMINATE)

    def _known_counts(self, signal: str, length: int) -> Counts:
        """Return the number of values among the last `length`; none before the first."""
        key = signal, length
        if key not in self._known:
            self._known[key] = in_window(~np.isnan(self.stay.signal(signal)), length)
        return self._known[key]

    def _by_step(self, signal: str, answers: Answers, at_first: int) -> Answers:
        """Return the answers to a signal at each step, those of the newest minute that has ended.

        Before the first minute it is `at_first`.
        """
        if SIGNALS[signal].pace is not Pace.MINUTE:
            return answers
        return np.append(np.int8(at_first), answers)[self.stay.minute_counts]

    def _answer_latest(self, condition: LatestCondition, limit: float) -> Answers:
        """Return the answer at each step by the newest readings in the window.

        It is ABSENT if any of the newest `confirm` readings fails the threshold, PRESENT if that
        many usable ones meet it, else INDETERMINATE.
        """
        spans = [self._answer_known(condition, limit, r) for r in self._runs(condition)]
        return np.concatenate(spans)

    def _runs(self, condition: LatestCondition) -> list[EventRuns]:
        """Return the runs of steps in which a condition reads the same readings."""
        return self.readings.runs(condition.signal, condition.window_s)

    def _answer_known(self, condition: LatestCondition, limit: float, runs: EventRuns) -> Answers:
        """Return the answer at each step of a span in which nobody enters a reading late."""
        values = runs.values
        count = condition.confirm
        usable = ~np.isnan(values)
        meets = condition.threshold.operator.compare(values, limit)
        known, begin = runs.known, runs.begin
        fails = np.concatenate(([0], np.cumsum(usable & ~meets)))
        failing = fails[known] - fails[np.maximum(begin, known - count)] > 0
        indices = np.flatnonzero(usable)
        met = np.concatenate(([0], np.cumsum(meets[indices])))
        last = indices.searchsorted(known)
        first = np.maximum(last - count, 0)
        enough = (last >= count) & (np.append(indices, values.size)[first] >= begin)
        is_met = enough & (met[last] - met[first] == count)
        return np.where(failing, np.int8(ABSENT), is_met.astype(np.int8)).repeat(runs.lengths)

    def within(self, rule_id: str, seconds: float) -> Answers:
        """Return PRESENT at each step where a rule is PRESENT or was in the last `seconds`.

        The answer is INDETERMINATE for a rule that the set does not have.
        """
        if rule_id not in self.presence:
            return np.zeros(self.stay.steps.size, np.int8)
        return self._answer_rule(RuleCondition(rule_id, seconds))

    def _answer_rule(self, condition: RuleCondition) -> Answers:
        presence = self.presence[condition.rule_id]
        length = int(condition.within_s // STEP_S) + 1
        is_recent = in_window(presence == PRESENT, length) > 0
        return np.where(is_recent, np.int8(PRESENT), presence)

    def _answer_age(self, condition: AgeCondition) -> Answers:
        newest_ns = self.readings.newest_usable_ns(condition.kind)
        ages = np.maximum(0, self.stay.times_ns - newest_ns) / 1e9
        return answers_from_flags(ages > self.longest_age_s(condition))

    def longest_age_s(self, condition: AgeCondition) -> float:
        """Return the age in seconds that counts as old, longer for vitals recorded rarely."""
        if condition.kind is None:
            kinds = {kind for kind, _ in self.stay.readings}
            interval_s = min((self.stay.interval_s(kind) for kind in kinds), default=0.0)
        else:
            interval_s = self.stay.interval_s(condition.kind)
        return max(condition.threshold_s, 2 * SLACK * interval_s)

    def _takes_part(self, condition: Condition) -> BoolArray | None:
        """Return the steps at which a condition takes part; None for all steps."""
        if isinstance(condition, ConditionGroup):
            if condition.if_monitored:
                masks = [self._is_measured(c) for c in condition.conditions if not is_optional(c)]
                needed = [mask for mask in masks if mask is not None]
                return np.logical_and.reduce(needed) if needed else None
            masks = [self._takes_part(part) for part in condition.conditions]
            known_masks = [mask for mask in masks if mask is not None]
            return None if len(known_masks) < len(masks) else np.logical_or.reduce(known_masks)
        return self._is_measured(condition) if is_optional(condition) else None

    def _is_measured(self, condition: Condition) -> BoolArray | None:
        """Return the steps at which the signal of a condition is measured; None for all steps."""
        if isinstance(condition, LatestCondition):
            measured = [(r.known > r.begin).repeat(r.lengths) for r in self._runs(condition)]
            return np.concatenate(measured)
        if not isinstance(condition, ShareCondition | AgeCondition):
            return None
        if condition.kind is not None:
            return self.readings.monitored(condition.kind)
        return self._is_known(condition) if isinstance(condition, ShareCondition) else None

    def _is_known(self, condition: ShareCondition) -> BoolArray:
        """Return the steps at which the window of a derived signal holds any value."""
        known = self._known_counts(condition.signal, condition.length) > 0
        return self._by_step(condition.signal, known.view(np.int8), 0) > 0


def chosen(mask: BoolArray, answers: Answers, otherwise: int) -> Answers:
    """Return the answers where a mask is set, `otherwise` elsewhere; ten times as fast as where."""
    return np.asarray((answers - np.int8(otherwise)) * mask + np.int8(otherwise))
