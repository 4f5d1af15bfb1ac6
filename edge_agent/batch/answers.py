"""Answers of all rules on a recorded stay, for all steps at once.

They are array forms of `detect.conditions.answers`, which is six times as fast for a single step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from edge_agent.batch.known import KnownSpan, ages_of
from edge_agent.batch.medians import in_window
from edge_agent.batch.stay import SLACK, Stay
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
from edge_agent.detect.language.needs import MONITORED_S
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
from edge_agent.model.measurements import VitalKind


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
        self._usable: dict[VitalKind | None, list[IntArray]] = {}
        self._newest: dict[VitalKind | None, IntArray] = {}
        self._monitored: dict[VitalKind, BoolArray] = {}
        self._event_counts: dict[tuple[str, float], IntArray] = {}
        self._last_present: dict[str, IntArray] = {}
        self.newest_present: dict[str, tuple[int, PresentAnswer]] = {}
        """Newest PRESENT answer of each rule that a view was asked for, with its step."""
        self.presence: dict[str, Answers] = {}
        for rule_id, rule in self.rules.items():
            answers = self.of_group(rule.when)
            self.presence[rule_id] = answers
            indices = np.where(answers == PRESENT, np.arange(answers.size), -1)
            self._last_present[rule_id] = np.maximum.accumulate(indices)

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
                answers = np.where(mask, answers, np.int8(neutral))
            takes_part |= True if mask is None else mask
            found = reduce(found, answers)
        return np.where(takes_part, found, np.int8(INDETERMINATE))

    def last_present(self, rule_id: str, step: int) -> int:
        """Return the newest step up to `step` at which a rule was PRESENT, -1 for none."""
        return int(self._last_present[rule_id][step])

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
        """Return a condition's answer at each step."""
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
        satisfied = in_window(condition.threshold.operator.compare(values, limit), length, before=0)
        empty = in_window(np.isnan(values), length, before=1)
        answers = answers_from_counts(satisfied, empty, condition.needed)
        return self._by_step(condition.signal, answers, INDETERMINATE)

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
        spans = [self._answer_known(condition, limit, span) for span in self.stay.known_spans]
        return np.concatenate(spans)

    def _answer_known(self, condition: LatestCondition, limit: float, span: KnownSpan) -> Answers:
        """Return the answer at each step of a span, by the readings that are known in it."""
        events = self.stay.events(condition.signal, span)
        count = condition.confirm
        usable = ~np.isnan(events.values)
        meets = condition.threshold.operator.compare(events.values, limit)
        every_known = self._reading_counts(condition.signal, 0.0)[span.first : span.end]
        every_begin = self._reading_counts(condition.signal, condition.window_s)[
            span.first : span.end
        ]
        # The answer changes only when a reading enters the window or leaves it.
        is_new = (np.diff(every_known) != 0) | (np.diff(every_begin) != 0)
        runs = np.append(0, np.flatnonzero(is_new) + 1)
        known, begin = every_known[runs], every_begin[runs]
        fails = np.concatenate(([0], np.cumsum(usable & ~meets)))
        failing = fails[known] - fails[np.maximum(begin, known - count)] > 0
        indices = np.flatnonzero(usable)
        met = np.concatenate(([0], np.cumsum(meets[indices])))
        last = indices.searchsorted(known)
        first = np.maximum(last - count, 0)
        enough = (last >= count) & (np.append(indices, events.values.size)[first] >= begin)
        is_met = enough & (met[last] - met[first] == count)
        answers = np.where(failing, np.int8(ABSENT), is_met.astype(np.int8))
        return np.repeat(answers, np.diff(np.append(runs, every_known.size)))

    def _reading_counts(self, signal: str, ago_s: float) -> IntArray:
        """Return the number of an event signal's readings up to `ago_s` before each step."""
        found = self._event_counts.get((signal, ago_s))
        if found is None:
            spans = [self._known_counts(signal, ago_s, span) for span in self.stay.known_spans]
            found = self._event_counts[signal, ago_s] = np.concatenate(spans)
        return found

    def _known_counts(self, signal: str, ago_s: float, span: KnownSpan) -> IntArray:
        """Return the same at each step of a span, of the readings that are known in it."""
        times_ns = self.stay.times_ns[span.first : span.end] - round(ago_s * 1e9)
        # Events are few and steps are many: count at the events, then add up.
        changes = times_ns.searchsorted(self.stay.events(signal, span).times_ns)
        counts = np.bincount(changes, minlength=times_ns.size + 1)[: times_ns.size]
        return counts.cumsum()

    def within(self, rule_id: str, seconds: float) -> Answers:
        """Return PRESENT at each step where a rule is PRESENT or was in the last `seconds`.

        The answer is INDETERMINATE for a rule that the set does not have.
        """
        if rule_id not in self.presence:
            return np.zeros(self.stay.steps.size, np.int8)
        return self._answer_rule(RuleCondition(rule_id, seconds))

    def _answer_rule(self, condition: RuleCondition) -> Answers:
        last = self._last_present[condition.rule_id]
        ages = (self.stay.times_ns - self.stay.times_ns[np.maximum(last, 0)]) / 1e9
        is_recent = (last >= 0) & (ages <= condition.within_s)
        return np.where(is_recent, np.int8(PRESENT), self.presence[condition.rule_id])

    def _answer_age(self, condition: AgeCondition) -> Answers:
        newest_ns = self._newest_usable_ns(condition.kind)
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

    def _newest_usable_ns(self, kind: VitalKind | None) -> IntArray:
        """Return the time of the newest usable reading at each step, at first the stay's start."""
        if kind in self._newest:
            return self._newest[kind]
        stay = self.stay
        newest = np.full(stay.steps.size, stay.monitored_from_ns, np.int64)
        for readings in self.usable(kind):
            after = readings.searchsorted(stay.times_ns, side="right")
            newest_ns = np.append(readings, 0)[np.maximum(after - 1, 0)]
            newest = np.maximum(newest, np.where(after > 0, newest_ns, stay.monitored_from_ns))
        self._newest[kind] = newest
        return newest

    def usable(self, kind: VitalKind | None) -> list[IntArray]:
        """Return the times of a vital's usable readings, for None those of all readings."""
        if kind not in self._usable:
            self._usable[kind] = (
                [r.times_ns for r in self.stay.readings.values()]
                if kind is None
                else [r.times_ns[~np.isnan(r.values)] for r in self.stay.of_kind(kind)]
            )
        return self._usable[kind]

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
            known = self._reading_counts(condition.signal, 0.0)
            return np.asarray(known > self._reading_counts(condition.signal, condition.window_s))
        if not isinstance(condition, ShareCondition | AgeCondition):
            return None
        if condition.kind is not None:
            return self.monitored(condition.kind)
        return self._is_known(condition) if isinstance(condition, ShareCondition) else None

    def _is_known(self, condition: ShareCondition) -> BoolArray:
        """Return the steps at which the window of a derived signal holds any value."""
        is_number = ~np.isnan(self.stay.signal(condition.signal))
        known = in_window(is_number, condition.length, before=0) > 0
        return self._by_step(condition.signal, known.view(np.int8), 0) > 0

    def monitored(self, kind: VitalKind) -> BoolArray:
        """Return the steps with any reading of a vital in the last `MONITORED_S`, usable or not."""
        if kind not in self._monitored:
            found = self._monitored[kind] = np.zeros(self.stay.steps.size, bool)
            since_ns = self.stay.times_ns - round(MONITORED_S * 1e9)
            for readings in self.stay.of_kind(kind):
                known = readings.times_ns.searchsorted(self.stay.times_ns, side="right")
                found |= known > readings.times_ns.searchsorted(since_ns, side="right")
        return self._monitored[kind]
