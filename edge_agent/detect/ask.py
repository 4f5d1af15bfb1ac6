"""Three-valued answers of conditions, and the grounds that they rest on.

A missing reading could have had any value. An answer is PRESENT or ABSENT only if no value of the
missing readings could change it, else INDETERMINATE. The same code evaluates a bed that is
monitored now and a recorded stay; a `View` is either of them at one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeGuard

import numpy as np

from edge_agent.detect.kleene import ABSENT, INDETERMINATE, PRESENT
from edge_agent.detect.rule import (
    AgeCondition,
    Group,
    LatestCondition,
    RuleCondition,
    ShareCondition,
    StateCondition,
)
from edge_agent.detect.signals import SIGNALS
from edge_agent.detect.statistics import age_s, deciding_value
from edge_agent.detect.window import FloatArray, Stamp
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.detect.context import ContextLog
    from edge_agent.detect.rule import Condition
    from edge_agent.detect.track import Events
    from edge_agent.model.bed_events import BedState
    from edge_agent.model.measurements import VitalKind


@dataclass(frozen=True, slots=True)
class Grounds:
    """Evidence of a PRESENT answer, and the stamp by which a replay recognises it."""

    evidence: tuple[Evidence, ...]
    stamp: Stamp | None
    """First reading in a window that satisfies the threshold, else the newest one used; None
    without any."""
    own: tuple[Evidence, ...] = ()
    """Measured evidence, without the evidence of other rules."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A rule's newest PRESENT answer."""

    at: Instant
    grounds: Grounds


class View(Protocol):
    """A bed at the end of one step."""

    @property
    def at(self) -> Instant:
        """End of the step."""

    @property
    def first(self) -> Stamp:
        """Stamp of the first reading; until there is one, of the start of monitoring."""

    @property
    def watched_since(self) -> Instant:
        """Start of monitoring."""

    @property
    def log(self) -> ContextLog | None:
        """Entries about the patient; None if there are none."""

    @property
    def age_years(self) -> float | None:
        """Age in years, None where nobody entered it."""

    def window(self, signal: str, places: int) -> FloatArray:
        """Return the newest `places` values of a running signal, newest last, NaN where missing."""

    def events(self, signal: str) -> Events:
        """Return an event signal's readings up to `at`."""

    def minute_inputs(self) -> FloatArray:
        """Return the inputs of the newest minutes for `minutes.derived`."""

    def newest_usable(self, kind: VitalKind | None) -> Stamp | None:
        """Return a vital's newest usable reading; None if there is none; kind None: any reading."""

    def is_monitored(self, kind: VitalKind) -> bool:
        """Return True if the vital had a reading in the last `MONITORED_S`, usable or not."""

    def state(self, state: BedState) -> Stamp | None:
        """Return the stamp from which a monitoring state has held, None while it does not hold."""

    def first_within(self, condition: ShareCondition) -> Stamp | None:
        """Return the first reading in the window that satisfies the condition's threshold.

        None without one, and for a derived signal.
        """

    def site(self, signal: str) -> str:
        """Return the site of a signal's newest value, empty for a derived signal."""

    def answer_of(self, rule_id: str) -> int:
        """Return another rule's answer at `at`."""

    def remembered(self, rule_id: str) -> Remembered | None:
        """Return a rule's newest PRESENT answer up to `at`; None if there is none."""


def answer_group(group: Group, view: View) -> int:
    """Return a group's answer, from the conditions that take part."""
    answers = [answer(c, view) for c in group.conditions if takes_part(c, view)]
    if not answers:
        return INDETERMINATE
    return max(answers) if group.is_any else min(answers)


def answer(condition: Condition, view: View) -> int:
    """Return one condition's answer: PRESENT, INDETERMINATE or ABSENT."""
    match condition:
        case Group():
            return answer_group(condition, view)
        case ShareCondition():
            return _answer_share(condition, view)
        case LatestCondition():
            return _answer_latest(condition, view)
        case RuleCondition():
            return _answer_rule(condition, view)
        case AgeCondition():
            return PRESENT if _age_s(condition, view) > condition.threshold_s else ABSENT
        case _:
            return ABSENT if view.state(condition.state) is None else PRESENT


def takes_part(condition: Condition, view: View) -> bool:
    """Return True if a condition counts: an optional one only while its signal is measured."""
    if isinstance(condition, Group):
        return any(takes_part(part, view) for part in condition.conditions)
    if not is_optional(condition):
        return True
    if isinstance(condition, LatestCondition):
        return _within(condition, view).values.size > 0
    if condition.kind is None and isinstance(condition, ShareCondition):
        return not bool(np.isnan(view.window(condition.signal, condition.places)).all())
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
    window = view.window(condition.signal, condition.places)
    threshold = condition.threshold
    limit = threshold.at_age(view.age_years)
    satisfied = int(np.count_nonzero(threshold.operator.compare(window, limit)))
    if satisfied >= condition.needed:
        return PRESENT
    empty = int(np.count_nonzero(np.isnan(window)))
    return INDETERMINATE if satisfied + empty >= condition.needed else ABSENT


def _answer_latest(condition: LatestCondition, view: View) -> int:
    """Return PRESENT if all of the newest usable readings satisfy the threshold, ABSENT if not."""
    values = _within(condition, view).values
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


def _within(condition: LatestCondition, view: View) -> Events:
    start_ns = view.at.monotonic_ns - round(condition.window_s * 1e9)
    return view.events(condition.signal).since(start_ns)


def _answer_rule(condition: RuleCondition, view: View) -> int:
    """Return PRESENT while the other rule's last PRESENT answer is recent, else its answer now."""
    seen = _recent(condition, view)
    return view.answer_of(condition.rule_id) if seen is None else PRESENT


def _recent(condition: RuleCondition, view: View) -> Remembered | None:
    seen = view.remembered(condition.rule_id)
    if seen is None or view.at.seconds_since(seen.at) > condition.within_s:
        return None
    return seen


def _age_s(condition: AgeCondition, view: View) -> float:
    stamp = view.newest_usable(condition.kind)
    since = stamp.at if stamp else view.watched_since
    return age_s(since.monotonic_ns, view.at.monotonic_ns)


def grounds_of(group: Group, view: View) -> Grounds:
    """Return the grounds of a PRESENT group, merged from its PRESENT conditions."""
    return merged_grounds(ground_parts(group, view))


def ground_parts(group: Group, view: View) -> list[Grounds]:
    """Return the grounds of each PRESENT condition of a group."""
    return [
        _grounds(condition, view)
        for condition in group.conditions
        if takes_part(condition, view) and answer(condition, view) == PRESENT
    ]


def _grounds(condition: Condition, view: View) -> Grounds:
    match condition:
        case Group():
            return grounds_of(condition, view)
        case ShareCondition():
            return _share_grounds(condition, view)
        case LatestCondition():
            return _latest_grounds(condition, view)
        case RuleCondition():
            return _rule_grounds(condition, view)
        case AgeCondition():
            return _age_grounds(condition, view)
        case _:
            return _state_grounds(condition, view)


def merged_grounds(parts: Sequence[Grounds]) -> Grounds:
    """Return all grounds as one, with the newest stamp."""
    stamps = [part.stamp for part in parts if part.stamp is not None]
    return Grounds(
        tuple(evidence for part in parts for evidence in part.evidence),
        max(stamps, key=lambda stamp: stamp.at, default=None),
        tuple(evidence for part in parts for evidence in part.own),
    )


def _share_grounds(condition: ShareCondition, view: View) -> Grounds:
    """Return the value that decides the window, with the first reading that satisfies."""
    window = view.window(condition.signal, condition.places)
    threshold = condition.threshold
    kind = condition.kind
    newest = view.newest_usable(kind) if kind else None
    value = deciding_value(window, condition.needed, low_is_bad=threshold.operator.low_is_bad)
    evidence = Evidence(
        kind=condition.signal,
        statistic=f"for_{condition.at_least_s:g}_s",
        value=value,
        unit=SIGNALS[condition.signal].unit,
        window_s=condition.window_s,
        coverage=1.0 - float(np.count_nonzero(np.isnan(window))) / condition.places,
        threshold=threshold.at_age(view.age_years),
        measured_at=newest.at if newest else view.at,
        site=view.site(condition.signal),
    )
    stamp = view.first_within(condition) or newest or view.newest_usable(None)
    return Grounds((evidence,), stamp, (evidence,))


def _latest_grounds(condition: LatestCondition, view: View) -> Grounds:
    events = _within(condition, view)
    usable = np.flatnonzero(~np.isnan(events.values))
    stamp = events.stamp(int(usable[-1]))
    evidence = Evidence(
        kind=condition.signal,
        statistic=f"latest_{condition.confirm}",
        value=float(events.values[usable[-1]]),
        unit=SIGNALS[condition.signal].unit,
        window_s=condition.window_s,
        coverage=1.0,
        threshold=condition.threshold.at_age(view.age_years),
        measured_at=stamp.at,
    )
    return Grounds((evidence,), stamp, (evidence,))


def _rule_grounds(condition: RuleCondition, view: View) -> Grounds:
    """Return the grounds of the other rule's newest PRESENT answer."""
    seen = _recent(condition, view) or view.remembered(condition.rule_id)
    assert seen is not None, "a rule that is PRESENT is remembered"
    evidence = Evidence(
        kind=condition.rule_id,
        statistic="age_of_last_present",
        value=view.at.seconds_since(seen.at),
        unit="s",
        window_s=condition.within_s,
        coverage=1.0,
        threshold=condition.within_s,
        measured_at=seen.grounds.stamp.at if seen.grounds.stamp else seen.at,
    )
    return Grounds((evidence, *seen.grounds.evidence), seen.grounds.stamp)


def _age_grounds(condition: AgeCondition, view: View) -> Grounds:
    stamp = view.newest_usable(condition.kind)
    evidence = Evidence(
        kind=condition.kind or "any",
        statistic="age",
        value=_age_s(condition, view),
        unit="s",
        window_s=condition.threshold_s,
        coverage=0.0,
        threshold=condition.threshold_s,
        measured_at=stamp.at if stamp else None,
    )
    return Grounds((evidence,), stamp or view.first)


def _state_grounds(condition: StateCondition, view: View) -> Grounds:
    stamp = view.state(condition.state)
    assert stamp is not None, "only a state that holds has grounds"
    evidence = Evidence(
        kind=condition.state,
        statistic="age",
        value=view.at.seconds_since(stamp.at),
        unit="s",
        window_s=0.0,
        coverage=1.0,
        threshold=0.0,
        measured_at=stamp.at,
    )
    return Grounds((evidence,), stamp)
