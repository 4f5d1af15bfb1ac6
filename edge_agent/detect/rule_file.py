"""Rule files from TOML text; `rules/README.md` describes the language."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from edge_agent.detect import toml_table as toml
from edge_agent.detect.rule import (
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
from edge_agent.detect.signals import MINUTE_STEPS, SIGNALS, STEP_S, Pace
from edge_agent.detect.toml_table import FieldType, TomlTable, read_toml
from edge_agent.detect.vectors import (
    EVALUATE_EVERY_S,
    Expectation,
    Mark,
    StateSeries,
    Vectors,
    VectorSeries,
)
from edge_agent.model.alerts import AlertKind, AlertPolicy, AlertPriority, AlertState
from edge_agent.model.bed_events import BedState
from edge_agent.model.entry_check import check_entry
from edge_agent.model.errors import Mistake, RuleError
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.detect.rule import Condition, Leaf
    from edge_agent.detect.vectors import Step

_NAME: Final = r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+"
RULE_ID: Final = toml.text_like(_NAME, "a dotted name such as crs.fever")
_PATTERN: Final = toml.text_like(
    rf"{_NAME}|[a-z][a-z0-9_.]*\.\*", "a rule id or a pattern such as signal.lost.*"
)
_SENTENCE: Final = toml.text_like(r"(?s).*\S.*", "a text that is not empty")
_STATUS: Final = toml.text_like(r"unvalidated|reviewed_by:\S.*", "unvalidated | reviewed_by:<role>")
_SIGNAL: Final = toml.text_like(
    "heart_rate|spo2|temperature|blood_pressure", "heart_rate | spo2 | temperature | blood_pressure"
)
_KIND: Final = toml.one_of({kind.value: kind for kind in AlertKind})
_PRIORITY: Final = toml.one_of({p.name.lower(): p for p in AlertPriority})
_ENTRY: Final = toml.one_of({kind.value: kind for kind in EntryKind})
BED_STATE: Final = toml.one_of({state.value: state for state in BedState})
VITAL: Final = toml.one_of({kind.value: kind for kind in VitalKind})
_AGED_VITAL: Final = toml.one_of({kind.value: kind for kind in VitalKind} | {"any": "any"})
_OPERATOR: Final = toml.one_of({operator.value: operator for operator in Operator})
_SECONDS: Final = toml.one_of({"s": "s"})
_AGE_OPERATOR: Final = toml.one_of({">": Operator.ABOVE})
_STATISTIC: Final = toml.one_of({name: name for name in ("latest", "age")})
_NUMBER: Final = toml.number_from(-math.inf)
_DURATION: Final = toml.number_from(0)
_POSITIVE: Final = toml.number_from(0, is_open=True)
_COUNT: Final = toml.whole_from(1)


_EVENTS: Final = toml.one_of({n: n for n, s in SIGNALS.items() if s.pace is Pace.EVENT})
_RUNNING: Final = toml.one_of({n: n for n, s in SIGNALS.items() if s.pace is not Pace.EVENT})


def _multiple_of(pace_s: int) -> FieldType[float]:
    """Return the type of lengths that are whole numbers of a signal's values."""

    def read(seen: object) -> float | None:
        length_s = _POSITIVE.read(seen)
        return length_s if length_s is not None and length_s % pace_s == 0 else None

    return FieldType(f"a multiple of {pace_s} s, > 0", read, float(pace_s))


def _read_ages(seen: object) -> tuple[tuple[float, float], ...] | None:
    if not isinstance(seen, list):
        return None
    bands = [_PAIR.read(pair) for pair in seen]
    limits = [(band[0], band[1]) for band in bands if band is not None and len(band) == 2]
    ages = [below for below, _ in limits]
    is_right = len(limits) == len(seen) and ages == sorted(set(ages))
    return tuple(limits) if is_right else None


def _read_latch(seen: object) -> float | None:
    return math.inf if seen == "until_seen" else _DURATION.read(seen)


def _read_course(seen: object) -> tuple[Step, ...] | None:
    if not isinstance(seen, str):
        return None
    steps: list[Step] = []
    for word in _GROUP.sub(_repeated, seen).split():
        found = _WORD.fullmatch(word)
        if found is None:
            return None
        value, times = found.groups()
        steps += [_MARKS[value] if value in _MARKS else float(value)] * int(times or 1)
    return tuple(steps)


def _repeated(group: re.Match[str]) -> str:
    return f" {group[1]}" * int(group[2])


def _read_evaluated(seen: object) -> float | None:
    at_s = _DURATION.read(seen)
    return at_s if at_s is not None and at_s % EVALUATE_EVERY_S == 0 else None


_WORD: Final = re.compile(r"(-?\d+(?:\.\d+)?|_|\.)(?:\*(\d+))?")
_GROUP: Final = re.compile(r"\(([^()]*)\)\*(\d+)")
_MARKS: Final = {"_": Mark.NO_VALUE, ".": Mark.SILENT}
_COURSE: Final[toml.FieldType[tuple[Step, ...]]] = toml.FieldType(
    'a text such as "37.0*30 38.5 _ . (120 .*59)*8"', _read_course, ()
)
_EVALUATED: Final = toml.FieldType(
    f"a multiple of {EVALUATE_EVERY_S:g} s, >= 0", _read_evaluated, 0.0
)
_STATE: Final = toml.one_of({"none": "none"} | {state.value: state.value for state in AlertState})
_PAIR: Final = toml.list_of(_NUMBER)
_BY_AGE: Final[toml.FieldType[tuple[tuple[float, float], ...]]] = FieldType(
    "a list of [below_years, value], youngest first", _read_ages, ()
)
_LATCH: Final = toml.FieldType('a number >= 0 | "until_seen"', _read_latch, 0.0)


def parse_rule(source_name: str, text: str) -> Rule:
    """Return the rule that a TOML text describes.

    Raises
    ------
    RuleError
        With every mistake: its key, the value seen and what is allowed.
    """
    mistakes: list[Mistake] = []
    file = TomlTable(source_name, "", read_toml(source_name, text), mistakes)
    head = file.table("rule")
    body = file.table("when")
    policy = _policy(head, body)
    rule = Rule(
        source_name=source_name,
        policy=policy,
        source=head.take("source", _SENTENCE),
        status=head.take("status", _STATUS),
        signal=head.take("signal", _SIGNAL, ""),
        when=_group(body, depth=0),
        clear=_clear(file),
    )
    for table in (head, body, file):
        table.reject_unknown()
    if mistakes:
        raise RuleError(tuple(mistakes))
    return rule


def _policy(head: TomlTable, body: TomlTable) -> AlertPolicy:
    priority = head.take("priority", _PRIORITY)
    latch_s = head.take("latch_s", _LATCH)
    after_s, higher = 0.0, AlertPriority.LOW
    if "escalate_after_s" in head or "escalate_priority" in head:
        after_s = head.take("escalate_after_s", _POSITIVE)
        higher = head.take("escalate_priority", _PRIORITY)
        if not head.refused("escalate_priority") and higher <= priority:
            head.wrong("escalate_priority", f"{higher.name.lower()}; want one above the priority")
    return AlertPolicy(
        rule_id=head.take("id", RULE_ID),
        rule_version=head.take("version", _COUNT),
        kind=head.take("kind", _KIND),
        priority=priority,
        text=head.take("text", _SENTENCE),
        for_s=body.take("for_s", _DURATION),
        clear_for_s=body.take("clear_for_s", _DURATION),
        latch_s=None if math.isinf(latch_s) else latch_s,
        absorbs=head.take("absorbs", toml.list_of(_PATTERN), ()),
        escalate_after_s=after_s,
        escalate_priority=higher,
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
    if "rule" in table:
        return RuleCondition(table.take("rule", RULE_ID), table.take("within_s", _DURATION, 0.0))
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
        window_s=table.take("window_s", _POSITIVE),
        confirm=table.take("confirm", _COUNT),
        if_monitored=table.take("if_monitored", toml.FLAG, default=False),
    )


def _share(table: TomlTable) -> ShareCondition:
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
    """Return the signal that is asked: a vital as measured, or one that is worked out."""
    if "signal" in table:
        return table.take("signal", allowed)
    kind = table.take("vital", VITAL)
    if not table.refused("vital") and allowed.read(kind.value) is None:
        table.wrong("vital", f"{kind.value!r}; want {allowed.want}")
        return allowed.stand_in
    return kind.value


def _threshold(table: TomlTable, name: str) -> Threshold:
    unit = SIGNALS[name].unit
    table.take("unit", toml.one_of({unit: unit}))
    return Threshold(
        table.take("op", _OPERATOR),
        table.take("value", _NUMBER),
        table.take("by_age", _BY_AGE, ()),
    )


def _age(table: TomlTable) -> AgeCondition:
    kind = table.take("vital", _AGED_VITAL)
    table.take("op", _AGE_OPERATOR)
    table.take("unit", _SECONDS)
    return AgeCondition(
        kind=kind if isinstance(kind, VitalKind) else None,
        threshold_s=table.take("value", _DURATION),
        if_monitored=table.take("if_monitored", toml.FLAG, default=False),
    )


def parse_vectors(source_name: str, text: str) -> Vectors:
    """Return the course and the expected alert states that a vectors file describes.

    Raises
    ------
    RuleError
        With every mistake: its key, the value seen and what is allowed.
    """
    mistakes: list[Mistake] = []
    file = TomlTable(source_name, "", read_toml(source_name, text), mistakes)
    series = file.table("series")
    states = file.table("states") if "states" in file else TomlTable(source_name, "", {}, mistakes)
    vectors = Vectors(
        source_name=source_name,
        rule_id=file.take("rule", RULE_ID),
        step_s=file.take("step_s", _POSITIVE),
        series=tuple(_series(series, name) for name in series),
        states=tuple(_state_series(states, name) for name in states),
        entries=_entries(file),
        acknowledge_at_s=file.take("acknowledge_at_s", toml.list_of(_EVALUATED), ()),
        expect=tuple(
            Expectation(table.take("at_s", _EVALUATED), table.take("state", _STATE))
            for table in _checked(file.tables("expect"))
        ),
    )
    file.reject_unknown()
    if mistakes:
        raise RuleError(tuple(mistakes))
    return vectors


def _series(table: TomlTable, name: str) -> VectorSeries:
    vital, _, site = name.partition("@")
    kind = VITAL.read(vital)
    if kind is None:
        table.wrong(name, f"want a vital, or vital@site; vitals: {VITAL.want}")
    return VectorSeries(kind or VITAL.stand_in, site, table.take(name, _COURSE))


def _entries(file: TomlTable) -> tuple[PatientEntry, ...]:
    tables = file.tables("entries") if "entries" in file else []
    return tuple(_entry(table, number) for number, table in enumerate(_checked(tables)))


def _entry(table: TomlTable, number: int) -> PatientEntry:
    """Return what is entered about the patient; times may lie before the start of the course."""
    at_s = table.take("at_s", _NUMBER)
    end_s = table.take("until_s", _NUMBER) if "until_s" in table else None
    if end_s is not None and end_s < at_s:
        table.wrong("until_s", f"{end_s:g}; want at least the {at_s:g} s of its begin")
        end_s = None
    entry = PatientEntry(
        entry_id=f"entry-{number}",
        patient_id="vectors",
        kind=table.take("kind", _ENTRY),
        at_utc_ns=round(at_s * 1e9),
        name=table.take("name", _SENTENCE) if "name" in table else "",
        amount=table.take("amount", _NUMBER) if "amount" in table else None,
        until_utc_ns=None if end_s is None else round(end_s * 1e9),
    )
    for message in check_entry(replace(entry, at_utc_ns=0, until_utc_ns=None)):
        table.wrong("", message)
    return entry


def _state_series(table: TomlTable, name: str) -> StateSeries:
    state = BED_STATE.read(name)
    if state is None:
        table.wrong(name, f"want a state: {BED_STATE.want}")
    return StateSeries(state or BED_STATE.stand_in, table.take(name, _COURSE))


def _checked(tables: list[TomlTable]) -> Iterator[TomlTable]:
    for table in tables:
        yield table
        table.reject_unknown()
