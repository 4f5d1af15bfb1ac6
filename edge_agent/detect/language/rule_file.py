"""Reader of rule files in TOML; `rules/README.md` describes the language."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from edge_agent.detect.grid import MINUTE_STEPS, STEP_S
from edge_agent.detect.language import toml_table as toml
from edge_agent.detect.language.rule import (
    AgeCondition,
    Group,
    LatestCondition,
    Operator,
    Rule,
    RuleCondition,
    ShareCondition,
    StateCondition,
    Threshold,
)
from edge_agent.detect.language.signals import SIGNALS, Pace
from edge_agent.detect.language.toml_table import FieldType, TomlTable, read_toml
from edge_agent.model.alerts import AlertKind, AlertPolicy, AlertPriority
from edge_agent.model.bed_events import BedState
from edge_agent.model.errors import Mistake, RuleError
from edge_agent.model.measurements import VitalKind

if TYPE_CHECKING:
    from edge_agent.detect.language.rule import Condition, Leaf

_NAME: Final = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
RULE_ID: Final = toml.text_like(_NAME, "a dotted name such as crs.fever")
_PATTERN: Final = toml.text_like(
    rf"{_NAME}|[a-z][a-z0-9_.]*\.\*", "a rule id or a pattern such as signal.lost.*"
)
SENTENCE: Final = toml.text_like(r"(?s).*\S.*", "a text that is not empty")
_STATUS: Final = toml.text_like(r"unvalidated|reviewed_by:\S.*", "unvalidated | reviewed_by:<role>")
_SIGNAL: Final = toml.text_like(
    "heart_rate|spo2|temperature|blood_pressure", "heart_rate | spo2 | temperature | blood_pressure"
)
_KIND: Final = toml.one_of({kind.value: kind for kind in AlertKind})
_PRIORITY: Final = toml.one_of({p.name.lower(): p for p in AlertPriority})
BED_STATE: Final = toml.one_of({state.value: state for state in BedState})
VITAL: Final = toml.one_of({kind.value: kind for kind in VitalKind})
_AGED_VITAL: Final = toml.one_of({kind.value: kind for kind in VitalKind} | {"any": "any"})
_OPERATOR: Final = toml.one_of({operator.value: operator for operator in Operator})
_SECONDS: Final = toml.one_of({"s": "s"})
_AGE_OPERATOR: Final = toml.one_of({">": Operator.ABOVE})
_STATISTIC: Final = toml.one_of({name: name for name in ("latest", "age")})
LONGEST_S: Final = 31 * 86_400.0
"""Longest time in a rule: longer than an alert lives or a window is stored."""
NUMBER: Final = toml.number_from(-toml.LARGEST)
DURATION: Final = toml.number_from(0, LONGEST_S)
POSITIVE: Final = toml.number_from(0, LONGEST_S, is_open=True)
_COUNT: Final = toml.whole_from(1)


_EVENTS: Final = toml.one_of({n: n for n, s in SIGNALS.items() if s.pace is Pace.EVENT})
_RUNNING: Final = toml.one_of({n: n for n, s in SIGNALS.items() if s.pace is not Pace.EVENT})


def _multiple_of(pace_s: int) -> FieldType[float]:
    """Return a field type: positive multiples of the signal's period."""

    def read(seen: object) -> float | None:
        length_s = POSITIVE.read(seen)
        return length_s if length_s is not None and length_s % pace_s == 0 else None

    return FieldType(f"a multiple of {pace_s} s, > 0", read, float(pace_s))


def _read_ages(seen: object) -> tuple[tuple[float, float], ...] | None:
    """Return the age limits in a field, None if they are not pairs with rising ages."""
    if not isinstance(seen, list):
        return None
    bands = [_PAIR.read(pair) for pair in seen]
    limits = [(band[0], band[1]) for band in bands if band is not None and len(band) == 2]
    ages = [below for below, _ in limits]
    is_right = len(limits) == len(seen) and ages == sorted(set(ages))
    return tuple(limits) if is_right else None


def _read_latch(seen: object) -> float | None:
    return math.inf if seen == "until_seen" else DURATION.read(seen)


_PAIR: Final = toml.list_of(NUMBER)
_BY_AGE: Final[toml.FieldType[tuple[tuple[float, float], ...]]] = FieldType(
    "a list of [below_years, value], youngest first", _read_ages, ()
)
_LATCH: Final = toml.FieldType('a number >= 0 | "until_seen"', _read_latch, 0.0)


def parse_rule(source_name: str, text: str) -> Rule:
    """Return the rule that a TOML text describes.

    Raises
    ------
    RuleError
        For all mistakes together: each with its key, the value seen and the values allowed.
    """
    mistakes: list[Mistake] = []
    file = TomlTable(source_name, "", read_toml(source_name, text), mistakes)
    head = file.table("rule")
    body = file.table("when")
    policy = _policy(head, body)
    rule = Rule(
        source_name=source_name,
        policy=policy,
        source=head.take("source", SENTENCE),
        status=head.take("status", _STATUS),
        signal=head.take("signal", _SIGNAL, ""),
        when=_group(body, depth=0),
        clear=_clear(file),
    )
    if any(isinstance(leaf, StateCondition) for leaf in rule.leaves()):
        rule = replace(rule, policy=replace(policy, goes_along=False))
    for table in (head, body, file):
        table.reject_unknown()
    if mistakes:
        raise RuleError(tuple(mistakes))
    return rule


def _policy(head: TomlTable, body: TomlTable) -> AlertPolicy:
    """Return the settings of the rule's alert."""
    priority = head.take("priority", _PRIORITY)
    latch_s = head.take("latch_s", _LATCH)
    after_s, higher = 0.0, AlertPriority.LOW
    if "escalate_after_s" in head or "escalate_priority" in head:
        after_s = head.take("escalate_after_s", POSITIVE)
        higher = head.take("escalate_priority", _PRIORITY)
        if not head.refused("escalate_priority") and higher <= priority:
            head.wrong("escalate_priority", f"{higher.name.lower()}; want one above the priority")
    return AlertPolicy(
        rule_id=head.take("id", RULE_ID),
        rule_version=head.take("version", _COUNT),
        kind=head.take("kind", _KIND),
        priority=priority,
        text=head.take("text", SENTENCE),
        for_s=body.take("for_s", DURATION),
        clear_for_s=body.take("clear_for_s", DURATION),
        latch_s=None if math.isinf(latch_s) else latch_s,
        absorbs=head.take("absorbs", toml.list_of(_PATTERN), ()),
        escalate_after_s=after_s,
        escalate_priority=higher,
        covers=head.take("covers", toml.list_of(_PATTERN), ()),
    )


def _clear(file: TomlTable) -> Group | None:
    if "clear" not in file:
        return None
    table = file.table("clear")
    group = _group(table, depth=0)
    table.reject_unknown()
    return group


def _group(table: TomlTable, *, depth: int) -> Group:
    """Return the group of conditions under `any` or `all`."""
    names = [name for name in ("all", "any") if name in table]
    if len(names) != 1:
        seen = " and ".join(names) or "neither"
        table.wrong("", f"has {seen}; want one of all = [...] and any = [...]")
    listed = list(chain.from_iterable(table.tables(name) for name in names))
    return Group(names == ["any"], tuple(_condition(item, depth) for item in listed))


def _condition(table: TomlTable, depth: int) -> Condition:
    """Return the condition or group of a table."""
    condition: Condition
    if "all" in table or "any" in table:
        if depth:
            table.wrong("", "groups are nested twice; want one level")
        condition = _group(table, depth=depth + 1)
    else:
        condition = _leaf(table)
    table.reject_unknown()
    return condition


def _leaf(table: TomlTable) -> Leaf:
    """Return the single condition of a table."""
    if "rule" in table:
        return RuleCondition(table.take("rule", RULE_ID), table.take("within_s", DURATION, 0.0))
    if "state" in table:
        return StateCondition(table.take("state", BED_STATE))
    if "statistic" not in table:
        return _share(table)
    if table.take("statistic", _STATISTIC) == "age":
        return _age(table)
    name = _signal(table, _EVENTS)
    return LatestCondition(
        signal=name,
        threshold=_threshold(table, name),
        window_s=table.take("window_s", POSITIVE),
        confirm=table.take("confirm", _COUNT),
        if_monitored=table.take("if_monitored", toml.FLAG, default=False),
    )


def _share(table: TomlTable) -> ShareCondition:
    """Return the condition about a running signal."""
    name = _signal(table, _RUNNING)
    pace_s = STEP_S * (MINUTE_STEPS if SIGNALS[name].pace is Pace.MINUTE else 1)
    length = _multiple_of(pace_s)
    now_s = float(pace_s) if "signal" in table else None
    window_s = table.take("window_s", length, now_s)
    at_least_s = table.take("at_least_s", length, now_s)
    if at_least_s > window_s and not table.refused("window_s"):
        table.wrong("at_least_s", f"{at_least_s:g}; want at most the {window_s:g} s of the window")
    return ShareCondition(
        signal=name,
        threshold=_threshold(table, name),
        at_least_s=at_least_s,
        window_s=window_s,
        if_monitored=table.take("if_monitored", toml.FLAG, default=False),
    )


def _signal(table: TomlTable, allowed: FieldType[str]) -> str:
    """Return the name of the signal: a measured vital, or a derived signal."""
    if "signal" in table:
        return table.take("signal", allowed)
    kind = table.take("vital", VITAL)
    if not table.refused("vital") and allowed.read(kind.value) is None:
        table.wrong("vital", f"{kind.value!r}; want {allowed.want}")
        return allowed.stand_in
    return kind.value


def _threshold(table: TomlTable, name: str) -> Threshold:
    unit = SIGNALS[name].unit
    is_known = not table.refused("signal") and not table.refused("vital")
    table.take("unit", toml.one_of({unit: unit}) if is_known else SENTENCE)
    return Threshold(
        table.take("op", _OPERATOR),
        table.take("value", NUMBER),
        table.take("by_age", _BY_AGE, ()),
    )


def _age(table: TomlTable) -> AgeCondition:
    kind = table.take("vital", _AGED_VITAL)
    table.take("op", _AGE_OPERATOR)
    table.take("unit", _SECONDS)
    return AgeCondition(
        kind=kind if isinstance(kind, VitalKind) else None,
        threshold_s=table.take("value", DURATION),
        if_monitored=table.take("if_monitored", toml.FLAG, default=False),
    )
