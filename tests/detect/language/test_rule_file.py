"""Rule and vectors files say every mistake at once, each with its key."""

from __future__ import annotations

import pytest

from edge_agent.detect.language.rule import (
    AgeCondition,
    ConditionGroup,
    LatestCondition,
    Operator,
    RuleCondition,
    ShareCondition,
    Threshold,
)
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertKind, AlertPolicy, AlertPriority
from edge_agent.model.errors import RuleError
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.rulebook.vectors import CourseMark, Expectation, VectorSeries
from edge_agent.rulebook.vectors_file import parse_vectors

GOOD = """
[rule]
id = "crs.test"
version = 3
kind = "technical"
priority = "low"
source = "test"
status = "reviewed_by:nurse"
latch_s = "until_seen"
absorbs = ["crs.fever", "signal.*"]
signal = "spo2"
escalate_after_s = 600
escalate_priority = "high"
again_at = 2.5
[when]
any = [
  { vital = "spo2", op = "<", value = 90, by_age = [[1, 85], [9.5, 88]], unit = "%", \
at_least_s = 50, window_s = 60 },
  { signal = "shock_index", op = ">=", value = 1, unit = "1" },
  { if_monitored = true, all = [
    { vital = "nibp_mean", statistic = "latest", window_s = 900, op = "<=", value = 65.5, \
unit = "mm[Hg]", confirm = 2, if_monitored = true },
    { vital = "any", statistic = "age", op = ">", value = 30, unit = "s" },
  ] },
]
for_s = 5
clear_for_s = 60
[clear]
all = [ { rule = "crs.fever", within_s = 60 },
  { vital = "spo2", statistic = "age", op = ">", value = 9, unit = "s" } ]
"""
SHARE = '{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 50, window_s = 60 }'

VECTORS = """
rule = "crs.test"
step_s = 5
series.spo2 = "97*2 _ . -1.5 (1 .*2)*2"
series."temperature@rectal" = ""
acknowledge_at_s = [20]
entries = [
  { at_s = -60, kind = "oxygen", name = "nasal cannula", amount = 2, until_s = 30 },
  { at_s = 0, kind = "age", amount = 4 },
]
expect = [ { at_s = 10, state = "none" }, { at_s = 20, state = "raised" } ]
"""


def mistakes(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        parse_rule("x.toml", text)
    return [f"{m.key}: {m.message}" for m in caught.value.mistakes]


def vector_mistakes(text: str) -> list[str]:
    with pytest.raises(RuleError) as caught:
        parse_vectors("x.vectors.toml", text)
    return [f"{m.key}: {m.message}" for m in caught.value.mistakes]


def test_a_good_file_becomes_a_rule() -> None:
    rule = parse_rule("x.toml", GOOD)
    assert rule.policy == AlertPolicy(
        rule_id="crs.test",
        rule_version=3,
        kind=AlertKind.TECHNICAL,
        priority=AlertPriority.LOW,
        text="",
        for_s=5,
        clear_for_s=60,
        latch_s=None,
        absorbs=("crs.fever", "signal.*"),
        escalate_after_s=600,
        escalate_priority=AlertPriority.HIGH,
        again_at=2.5,
    )
    assert (rule.source_name, rule.source, rule.status) == ("x.toml", "test", "reviewed_by:nurse")
    assert rule.signal == "spo2"
    below, most, least = Operator.BELOW, Operator.AT_MOST, Operator.AT_LEAST
    assert rule.when == ConditionGroup(
        is_any=True,
        conditions=(
            ShareCondition(
                "spo2", Threshold(below, 90, ((1, 85), (9.5, 88))), 50, 60, if_monitored=False
            ),
            ShareCondition("shock_index", Threshold(least, 1), 60, 60, if_monitored=False),
            ConditionGroup(
                is_any=False,
                conditions=(
                    LatestCondition("nibp_mean", Threshold(most, 65.5), 900, 2, if_monitored=True),
                    AgeCondition(None, 30, if_monitored=False),
                ),
                if_monitored=True,
            ),
        ),
    )
    assert rule.clear == ConditionGroup(
        is_any=False,
        conditions=(
            RuleCondition("crs.fever", 60),
            AgeCondition(VitalKind.SPO2, 9, if_monitored=False),
        ),
    )
    assert len(list(rule.leaves())) == 6


@pytest.mark.parametrize(
    ("seen", "instead", "mistake"),
    [
        ('id = "crs.test"', 'id = "Fever"', "rule.id: 'Fever'; want a dotted name"),
        ("version = 3", "version = true", "rule.version: true; want a whole number from 1 to"),
        ('"technical"', '"loud"', "rule.kind: 'loud'; want one of physiological, technical"),
        ('"technical"', "7", "rule.kind: 7; want one of physiological, technical"),
        (
            'priority = "low"',
            'priority = "max"',
            "rule.priority: 'max'; want one of low, medium, hi",
        ),
        ('source = "test"', 'source = " "', "rule.source: ' '; want a text that is not empty"),
        ('source = "test"', 'source = "x"\ntext = "Look."', "rule.text: want it in texts/<lang"),
        ('source = "test"', "", "rule.source: missing; want a text that"),
        ('"reviewed_by:nurse"', '"fine"', "rule.status: 'fine'; want unvalidated or reviewed"),
        (
            'latch_s = "until_seen"',
            "latch_s = -1",
            'rule.latch_s: -1; want a number from 0 to 2678400 or "until_seen"',
        ),
        ('["crs.fever", "signal.*"]', '["*"]', "rule.absorbs[0]: '*'; want a rule id"),
        ('["crs.fever", "signal.*"]', '"crs.fever"', "rule.absorbs: 'crs.fever'; want a list"),
        ('signal = "spo2"', 'signal = "ecg"', "rule.signal: 'ecg'; want one of heart_rate"),
        ("escalate_after_s = 600", "", "rule.escalate_after_s: missing; want a number abo"),
        ('_priority = "high"', '_priority = "low"', "rule.escalate_priority: 'low'; want one ab"),
        ("again_at = 2.5", "again_at = 0", "rule.again_at: 0; want a number above 0"),
        ('_priority = "high"', '_priority = "x"', "rule.escalate_priority: 'x'; want one of"),
        ('source = "test"', 'source = "test"\nname = 1', "rule.name: unknown key; known here: abs"),
        ("[clear]", "[cleared]", "cleared: unknown key; known here: clear, rule, when"),
        ("for_s = 5", "for_s = 5\nevery_s = 1", "when.every_s: unknown key; known here: all"),
        ("for_s = 5\n", "", "when.for_s: missing; want a number from 0 to 2678400"),
        ("for_s = 5\n", "for_s = 2678401\n", "when.for_s: 2678401; want a number from 0"),
        ("version = 3", "version = 1000000001", "rule.version: 1000000001; want a whole number"),
        ("clear_for_s = 60", "clear_for_s = inf", "when.clear_for_s: inf; want a number from"),
        ("window_s = 60", "window_s = 65", "when.any[0].window_s: 65; want a multiple of 10 s"),
        ("at_least_s = 50", "at_least_s = 55", "when.any[0].at_least_s: 55; want a multiple"),
        ("at_least_s = 50", "at_least_s = 0", "when.any[0].at_least_s: 0; want a multiple of"),
        ("at_least_s = 50", "at_least_s = 70", "when.any[0].at_least_s: 70; want at most the 60"),
        ("[[1, 85], [9.5, 88]]", "[[9, 85], [1, 88]]", "when.any[0].by_age: [[9, 85], [1, 88]]"),
        ("[[1, 85], [9.5, 88]]", "[[1, 85], [1, 88]]", "when.any[0].by_age: [[1, 85], [1, 88]]"),
        ("[[1, 85], [9.5, 88]]", "[[1, 85, 2]]", "when.any[0].by_age: [[1, 85, 2]]; want a list"),
        ("[[1, 85], [9.5, 88]]", "3", "when.any[0].by_age: 3; want a list of [below_years, v"),
        ('"shock_index", op', '"cold", op', "when.any[1].signal: 'cold'; want one of heart"),
        ('"shock_index", op', '"nibp_mean", op', "when.any[1].signal: 'nibp_mean'; want one"),
        ('vital = "nibp_mean"', 'vital = "spo2"', "when.any[2].all[0].vital: 'spo2'; want one"),
        ('unit = "%"', 'unit = "kPa"', "when.any[0].unit: 'kPa'; want %"),
        ('op = "<",', 'op = "!",', "when.any[0].op: '!'; want one of <, <=, >=, >"),
        ("value = 90", "value = nan", "when.any[0].value: nan; want a number"),
        ("value = 90", 'value = "90"', "when.any[0].value: '90'; want a number"),
        ('vital = "spo2", op', 'vital = "svo2", op', "when.any[0].vital: 'svo2'; want"),
        ('"latest"', '"mean"', "when.any[2].all[0].statistic: 'mean'; want one of late"),
        ("confirm = 2", "confirm = 0", "when.any[2].all[0].confirm: 0; want a whole number from"),
        (
            "2, if_monitored = true",
            "2, if_monitored = 1",
            "when.any[2].all[0].if_monitored: 1; want",
        ),
        ("{ if_monitored = true", "{ if_monitored = 1", "when.any[2].if_monitored: 1; want"),
        ("[when]", "[when]\nif_monitored = true", "when.if_monitored: unknown key; known here"),
        ('op = ">", value = 30', 'op = "<", value = 30', "when.any[2].all[1].op: '<'; want >"),
        ('value = 30, unit = "s"', 'value = 30, unit = "min"', "when.any[2].all[1].unit: 'min'"),
        ("within_s = 60", "within_s = -1", "clear.all[0].within_s: -1; want a number from"),
        ("within_s = 60", "after_s = 1", "clear.all[0].after_s: unknown key; known here: all"),
    ],
)
def test_each_mistake_is_named_with_its_key_and_what_is_allowed(
    seen: str, instead: str, mistake: str
) -> None:
    assert GOOD.count(seen) >= 1
    got = mistakes(GOOD.replace(seen, instead, 1))
    assert len(got) == 1
    assert got[0].startswith(mistake)


@pytest.mark.parametrize(
    ("when", "mistake"),
    [
        ("", "when: has neither; want one of all = [...] and any = [...]"),
        (f"all = [{SHARE}]\nany = [{SHARE}]", "when: has all and any; want one of"),
        ("all = []", "when.all: []; want a list of tables [[when.all]]"),
        ("all = 3", "when.all: 3; want a list of tables [[when.all]]"),
        (f"all = [3, {SHARE}]", "when.all[0]: 3; want a table"),
        (f"any = [{{ all = [{{ any = [{SHARE}] }}] }}]", "when.any[0].all[0]: groups are nested"),
    ],
)
def test_the_shape_of_conditions_is_checked(when: str, mistake: str) -> None:
    head, _, _ = GOOD.partition("[when]")
    got = mistakes(f"{head}[when]\nfor_s = 0\nclear_for_s = 0\n{when}")
    assert len(got) == 1
    assert got[0].startswith(mistake)


def test_all_mistakes_of_a_file_are_reported_at_once() -> None:
    got = mistakes("[rule]\nid = 3\n[when]\nall = [{ vital = 1 }]")
    keys = {line.partition(":")[0] for line in got}
    assert {"rule.id", "rule.source", "rule.status", "when.for_s", "when.all[0].vital"} <= keys


def test_missing_tables_and_broken_text_are_mistakes() -> None:
    assert "rule: missing; want a table [rule]" in mistakes("")
    assert "when: 3; want a table [when]" in mistakes("when = 3")
    assert mistakes("= 3")[0].startswith("-: is not TOML")


def test_a_good_vectors_file_becomes_a_course() -> None:
    vectors = parse_vectors("x.vectors.toml", VECTORS)
    none, gap = CourseMark.NO_VALUE, CourseMark.SILENT
    assert vectors.rule_id == "crs.test"
    assert vectors.series == (
        VectorSeries(
            VitalKind.SPO2, "", (97.0, 97.0, none, gap, -1.5, 1.0, gap, gap, 1.0, gap, gap)
        ),
        VectorSeries(VitalKind.TEMPERATURE, "rectal", ()),
    )
    assert vectors.acknowledge_at_s == (20.0,)
    oxygen, age = vectors.entries
    assert (oxygen.kind, oxygen.name, oxygen.amount) == (EntryKind.OXYGEN, "nasal cannula", 2)
    assert (oxygen.at_utc_ns, oxygen.until_utc_ns) == (-60 * 10**9, 30 * 10**9)
    assert (age.kind, age.amount, age.until_utc_ns) == (EntryKind.AGE, 4, None)
    assert vectors.expect == (Expectation(10, "none"), Expectation(20, "raised"))


@pytest.mark.parametrize(
    ("seen", "instead", "mistake"),
    [
        ("step_s = 5", "step_s = 0", "step_s: 0; want a number above 0"),
        ("97*2", "97x2", "series.spo2: '97x2 _ . -1.5 (1 .*2)*2'; want a text such as"),
        ('"97*2 _ . -1.5 (1 .*2)*2"', "3", "series.spo2: 3; want a text such as"),
        ("series.spo2", "series.svo2", "series.svo2: want a vital, or vital@site"),
        ("series.spo2", "states.tired", "states.tired: want a state: "),
        ("at_s = 10", "at_s = 11", "expect[0].at_s: 11; want a multiple of 10 s, or 0"),
        ("at_s = 10", "at_s = -10", "expect[0].at_s: -10; want a multiple of 10 s, or 0"),
        ('"raised"', '"loud"', "expect[1].state: 'loud'; want one of none, pending, ra"),
        ('"raised"', '"raised", who = 1', "expect[1].who: unknown key"),
        ("until_s = 30", "until_s = -90", "entries[0].until_s: -90; want at least the -60 s"),
        ('kind = "age"', 'kind = "mood"', "entries[1].kind: 'mood'; want one of admitted, trans"),
        ("amount = 4", "amount = 400", "entries[1]: amount 400; want"),
        ("amount = 4", "amount = 4, years = 4", "entries[1].years: unknown key"),
        ("[20]", "[21]", "acknowledge_at_s[0]: 21; want a multiple"),
        ("step_s = 5", "step_s = 5\nnote = 1", "note: unknown key"),
    ],
)
def test_each_mistake_of_a_vectors_file_is_named(seen: str, instead: str, mistake: str) -> None:
    got = vector_mistakes(VECTORS.replace(seen, instead, 1))
    assert len(got) == 1
    assert got[0].startswith(mistake)
