"""Reader of rule files in TOML; `rules/README.md` describes the language."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import Final

from edge_agent.detect.grid import MINUTE_STEPS, STEP_S
from edge_agent.detect.language.rule import (
    AgeCondition,
    Condition,
    ConditionGroup,
    LatestCondition,
    Leaf,
    Operator,
    Rule,
    RuleCondition,
    ShareCondition,
    StateCondition,
    Threshold,
)
from edge_agent.detect.language.signals import SIGNALS, Pace
from edge_agent.model import toml_table as toml
from edge_agent.model.alerts import AlertKind, AlertPolicy, AlertPriority
from edge_agent.model.bed_events import BedState
from edge_agent.model.errors import RuleError
from edge_agent.model.measurements import REQUIRED_SIGNALS, VitalKind
from edge_agent.model.toml_table import FieldType, TomlTable, read_toml

_NAME: Final = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
RULE_ID: Final = toml.text_like(_NAME, "a dotted name such as crs.fever")
_PATTERN: Final = toml.text_like(
    rf"{_NAME}|[a-z][a-z0-9_.]*\.\*", "a rule id or a pattern such as signal.lost.*"
)
STATUS: Final = toml.text_like(r"unvalidated|reviewed_by:\S.*", "unvalidated or reviewed_by:<role>")
_SIGNAL: Final = toml.word_of(REQUIRED_SIGNALS)
_KIND: Final = toml.member_of(AlertKind)
_PRIORITY: Final = toml.one_of({p.name.lower(): p for p in AlertPriority})
BED_STATE: Final = toml.member_of(BedState)
VITAL: Final = toml.member_of(VitalKind)
_AGED_VITAL: Final = toml.one_of({kind.value: kind for kind in VitalKind} | {"any": "any"})
_OPERATOR: Final = toml.member_of(Operator)
_SECONDS: Final = toml.word_of(("s",))
_AGE_OPERATOR: Final = toml.one_of({">": Operator.ABOVE})
_STATISTIC: Final = toml.word_of(("latest", "age"))
LONGEST_S: Final = 31 * 86_400.0
"""Longest time in a rule: longer than an alert lives or a window is stored."""
NUMBER: Final = toml.number_from(-toml.LARGEST)
DURATION: Final = toml.number_from(0, LONGEST_S)
POSITIVE: Final = toml.number_from(0, LONGEST_S, is_open=True)
COUNT: Final = toml.whole_from(1)
POINTS: Final = toml.number_from(0, toml.LARGEST, is_open=True)


_EVENTS: Final = toml.word_of(n for n, s in SIGNALS.items() if s.pace is Pace.EVENT)
_RUNNING: Final = toml.word_of(n for n, s in SIGNALS.items() if s.pace is not Pace.EVENT)


def _multiple_of(pace_s: int) -> FieldType[float]:
    """Return a field type: positive multiples of the signal's period."""

    def read(seen: object) -> float | None:
        length_s = POSITIVE.read(seen)
        return length_s if length_s is not None and length_s % pace_s == 0 else None

    return FieldType(f"a multiple of {pace_s} s above 0", read, float(pace_s))


def _by_age(limit: FieldType[float]) -> FieldType[tuple[tuple[float, float], ...]]:
    """Return a field type: pairs of an age in years and the limit below it, with rising ages."""

    def read(seen: object) -> tuple[tuple[float, float], ...] | None:
        if not isinstance(seen, list):
            return None
        limits: list[tuple[float, float]] = []
        for pair in seen:
            first, second = pair if isinstance(pair, list) and len(pair) == 2 else (None, None)
            match NUMBER.read(first), limit.read(second):
                case float(below), float(value):
                    limits.append((below, value))
                case _:
                    return None
        ages = [below for below, _ in limits]
        return tuple(limits) if ages == sorted(set(ages)) else None

    return FieldType("a list of [below_years, value], youngest first", read, ())


def _read_limit(seen: object) -> float | None:
    return math.nan if seen == "never" else NUMBER.read(seen)


def _read_latch(seen: object) -> float | None:
    return math.inf if seen == "until_seen" else DURATION.read(seen)


_BY_AGE: Final = _by_age(NUMBER)
BY_AGE_OR_NEVER: Final = _by_age(FieldType(NUMBER.want, _read_limit, 0.0))
"""Limits by age, of which "never", read as NaN, is one that no value satisfies."""
_LATCH: Final = toml.FieldType(f'{DURATION.want} or "until_seen"', _read_latch, 0.0)


def parse_rule(source_name: str, text: str) -> Rule:
    """Return the rule that a TOML text describes.

    Raises
    ------
    RuleError
        For all mistakes together: each with its key, the value seen and the values allowed.
    """
    return read_toml(text, source_name, lambda file: _rule(file, source_name), RuleError)


def _rule(file: TomlTable, source_name: str) -> Rule:
    head = file.table("rule", is_required=True)
    body = file.table("when", is_required=True)
    rule = Rule(
        source_name=source_name,
        policy=_policy(head, body),
        source=head.get("source", toml.TEXT),
        status=head.get("status", STATUS),
        signal=head.get("signal", _SIGNAL, ""),
        when=read_group(body),
        clear=read_group(file.table("clear")) if "clear" in file else None,
    )
    if any(isinstance(leaf, StateCondition) for leaf in rule.leaves()):
        rule = replace(rule, policy=replace(rule.policy, follows_patient=False))
    return rule


def _policy(head: TomlTable, body: TomlTable) -> AlertPolicy:
    """Return the settings of the rule's alert; its words stand in the files of texts."""
    if "text" in head:
        head.wrong("text", "want it in texts/<language>.toml, as headline and action")
    priority = head.get("priority", _PRIORITY)
    latch_s = head.get("latch_s", _LATCH)
    after_s, higher = 0.0, AlertPriority.LOW
    if "escalate_after_s" in head or "escalate_priority" in head:
        after_s = head.get("escalate_after_s", POSITIVE)
        higher = head.get("escalate_priority", _PRIORITY)
        if not head.refused("escalate_priority") and higher <= priority:
            head.refuse("escalate_priority", "one above the priority")
    return AlertPolicy(
        rule_id=head.get("id", RULE_ID),
        rule_version=head.get("version", COUNT),
        kind=head.get("kind", _KIND),
        priority=priority,
        text="",
        for_s=body.get("for_s", DURATION),
        clear_for_s=body.get("clear_for_s", DURATION),
        latch_s=None if math.isinf(latch_s) else latch_s,
        absorbs=head.items("absorbs", _PATTERN),
        escalate_after_s=after_s,
        escalate_priority=higher,
        covers=head.items("covers", _PATTERN),
        again_at=head.get("again_at", POINTS, math.inf),
    )


def read_group(
    table: TomlTable, leaf: Callable[[TomlTable], Leaf] | None = None, depth: int = 0
) -> ConditionGroup:
    """Return the group of conditions under `any` or `all`.

    Parameters
    ----------
    leaf
        Reader of a single condition; None for those of rules.
    depth
        Number of groups around it.
    """
    names = [name for name in ("all", "any") if name in table]
    if len(names) != 1:
        seen = " and ".join(names) or "neither"
        table.wrong("", f"has {seen}; want one of all = [...] and any = [...]")
    listed = list(chain.from_iterable(table.tables(name, is_required=True) for name in names))
    return ConditionGroup(
        names == ["any"],
        tuple(_condition(item, leaf or _leaf, depth) for item in listed),
        if_monitored=bool(depth) and table.get("if_monitored", toml.FLAG, default=False),
    )


def _condition(table: TomlTable, leaf: Callable[[TomlTable], Leaf], depth: int) -> Condition:
    """Return the condition or group of a table."""
    if "all" not in table and "any" not in table:
        return leaf(table)
    if depth:
        table.wrong("", "groups are nested twice; want one level")
    return read_group(table, leaf, depth + 1)


def _leaf(table: TomlTable) -> Leaf:
    """Return the single condition of a table."""
    if "rule" in table:
        return RuleCondition(table.get("rule", RULE_ID), table.get("within_s", DURATION, 0.0))
    if "state" in table:
        return StateCondition(table.get("state", BED_STATE))
    if "statistic" not in table:
        return _share(table)
    if table.get("statistic", _STATISTIC) == "age":
        return _age(table)
    name = _signal(table, _EVENTS)
    return LatestCondition(
        signal=name,
        threshold=read_threshold(table, SIGNALS[name].unit, _BY_AGE),
        window_s=table.get("window_s", POSITIVE),
        confirm=table.get("confirm", COUNT),
        if_monitored=table.get("if_monitored", toml.FLAG, default=False),
    )


def _share(table: TomlTable) -> ShareCondition:
    """Return the condition about a running signal."""
    name = _signal(table, _RUNNING)
    pace_s = STEP_S * (MINUTE_STEPS if SIGNALS[name].pace is Pace.MINUTE else 1)
    at_least_s, window_s = read_times(table, pace_s, float(pace_s) if "signal" in table else None)
    return ShareCondition(
        signal=name,
        threshold=read_threshold(table, SIGNALS[name].unit, _BY_AGE),
        at_least_s=at_least_s,
        window_s=window_s,
        if_monitored=table.get("if_monitored", toml.FLAG, default=False),
    )


def read_times(table: TomlTable, pace_s: int, now_s: float | None) -> tuple[float, float]:
    """Return the share and the window in seconds; `now_s` where they are not given."""
    length = _multiple_of(pace_s)
    window_s = table.get("window_s", length, now_s)
    at_least_s = table.get("at_least_s", length, now_s)
    if at_least_s > window_s and not table.refused("window_s"):
        table.refuse("at_least_s", f"at most the {window_s:g} s of the window")
    return at_least_s, window_s


def _signal(table: TomlTable, allowed: FieldType[str]) -> str:
    """Return the name of the signal: a measured vital, or a derived signal."""
    if "signal" in table:
        return table.get("signal", allowed)
    kind = table.get("vital", VITAL)
    if not table.refused("vital") and allowed.read(kind.value) is None:
        table.refuse("vital", allowed.want)
        return allowed.stand_in
    return kind.value


def read_threshold(
    table: TomlTable, unit: str, by_age: FieldType[tuple[tuple[float, float], ...]]
) -> Threshold:
    """Return the limit of a value in a unit."""
    is_known = not table.refused("signal") and not table.refused("vital")
    table.get("unit", toml.word_of((unit,)) if is_known else toml.TEXT)
    return Threshold(
        table.get("op", _OPERATOR),
        table.get("value", NUMBER),
        table.get("by_age", by_age, ()),
    )


def _age(table: TomlTable) -> AgeCondition:
    kind = table.get("vital", _AGED_VITAL)
    table.get("op", _AGE_OPERATOR)
    table.get("unit", _SECONDS)
    return AgeCondition(
        kind=kind if isinstance(kind, VitalKind) else None,
        threshold_s=table.get("value", DURATION),
        if_monitored=table.get("if_monitored", toml.FLAG, default=False),
    )
