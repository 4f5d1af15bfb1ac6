"""Answers of groups, of probe sites, and of signals that are not monitored."""

from __future__ import annotations

import math

import pytest

from edge_agent.detect.engine import Engine
from edge_agent.model.findings import Presence
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.context import ContextLog
from tests.support.detector_inputs import BED, START, at, reading, rule
from tests.support.one_condition import CUFF, LOW_CUFF, LOW_SPO2, SPO2, A, I, P, course, judge

MEAN = VitalKind.NIBP_MEAN
FEVER = (
    'all = [{ vital = "temperature", op = ">=", value = 38, unit = "Cel", at_least_s = 20, '
    "window_s = 20 }]\n"
    '[clear]\nall = [{ vital = "temperature", op = "<", value = 37.5, unit = "Cel", '
    "at_least_s = 20, window_s = 20 }]"
)
GROUPS = [
    ("PP", P, P), ("PA", P, A), ("PI", P, I), ("AP", P, A), ("AA", A, A),
    ("AI", I, A), ("IP", P, I), ("IA", I, A), ("II", I, I),
]  # fmt: skip


@pytest.mark.parametrize(("letters", "any_of", "all_of"), GROUPS)
def test_groups_follow_the_tables_of_kleene(
    letters: str, any_of: Presence, all_of: Presence
) -> None:
    level = {"P": 80.0, "A": 99.0, "I": math.nan}
    one = '{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 }'
    two = one.replace("spo2", "perfusion_index")
    vitals = [
        reading(SPO2, 1, level[letters[0]]),
        reading(VitalKind.PERFUSION_INDEX, 1, level[letters[1]]),
    ]
    for words, wanted in (("any", any_of), ("all", all_of)):
        finding = judge(f"{words} = [{one}, {two}]", vitals, 10)
        assert finding.presence is wanted
        nested = judge(f"all = [{{ {words} = [{one}, {two}] }}]", vitals, 10)
        assert nested.presence is wanted
        assert finding.recovered is {P: A, A: P, I: I}[wanted]


@pytest.mark.parametrize(
    ("sites", "presence", "recovered"),
    [
        ({"rectal": 38.5}, P, A),
        ({"rectal": 38.5, "oral": 36.5}, P, A),
        ({"rectal": math.nan, "oral": 36.5}, A, P),
        ({"rectal": math.nan}, I, I),
        ({"rectal": 37.7, "oral": 36.5}, A, A),
        ({"rectal": 36.5, "room": 39.0}, A, P),
        ({"skin": 39.0, "airway": 39.0, "myocardial": 39.0, "surface": 39.0}, I, I),
        ({}, I, I),
    ],
)
def test_each_probe_site_is_asked_by_itself(
    sites: dict[str, float], presence: Presence, recovered: Presence
) -> None:
    vitals = [
        reading(VitalKind.TEMPERATURE, second, value, site=site)
        for site, value in sites.items()
        for second in (5, 15)
    ]
    finding = judge(FEVER, vitals, 20)
    assert (finding.presence, finding.recovered) == (presence, recovered)


def test_evidence_names_the_site_and_the_number_that_decided() -> None:
    vitals = [
        reading(VitalKind.TEMPERATURE, second, value, site="bladder")
        for second, value in ((5, 38.2), (15, 38.6))
    ]
    (evidence,) = judge(FEVER, vitals, 20).evidence
    assert (evidence.kind, evidence.site, evidence.statistic) == (
        "temperature",
        "bladder",
        "for_20_s",
    )
    assert (evidence.value, evidence.threshold, evidence.unit) == (38.2, 38, "Cel")
    assert evidence.measured_at == at(15)
    assert evidence.coverage == 1.0
    # What leaves the detector is the standard library's own; nothing else can be encoded.
    assert {type(evidence.value), type(evidence.coverage), type(evidence.threshold)} == {float}


def test_a_vital_that_is_not_monitored_takes_no_part() -> None:
    cuff = LOW_CUFF.removeprefix("all = [").removesuffix(" }]") + ", if_monitored = true }"
    line = (
        '{ vital = "art_systolic", op = "<", value = 90, unit = "mm[Hg]", at_least_s = 40, '
        "window_s = 60, if_monitored = true }"
    )
    body = f"any = [{cuff}, {line}]"
    cuffs = course(CUFF, [118, 120], 10)
    assert judge(body, [], 60).presence is I
    assert judge(body, cuffs, 60).presence is A
    silent_line = reading(VitalKind.ART_SYSTOLIC, 20, math.nan)
    assert judge(body, [*cuffs, silent_line], 60).presence is I
    later = [reading(CUFF, 7210, 118), reading(CUFF, 7211, 120)]
    assert judge(body, [*cuffs, silent_line, *later], 7219).presence is I
    assert judge(body, [*cuffs, silent_line, *later], 7220).presence is A


def test_a_group_of_what_is_not_monitored_takes_no_part() -> None:
    cuff = LOW_CUFF.removeprefix("all = [").removesuffix(" }]") + ", if_monitored = true }"
    line = (
        '{ vital = "art_systolic", op = "<", value = 90, unit = "mm[Hg]", at_least_s = 40, '
        "window_s = 60 }"
    )
    lines = course(VitalKind.ART_SYSTOLIC, [120.0] * 60)
    assert judge(f"any = [{line}, {{ all = [{cuff}] }}]", lines, 60).presence is A
    assert judge(f"all = [{{ all = [{cuff}] }}]", lines, 60).presence is I


@pytest.mark.parametrize(
    ("kinds", "presence"), [((), A), ((CUFF,), A), ((MEAN,), P), ((CUFF, MEAN), A)]
)
def test_a_group_may_take_part_only_while_all_that_it_requires_is_measured(
    kinds: tuple[VitalKind, ...], presence: Presence
) -> None:
    low = LOW_CUFF.removeprefix("all = [").removesuffix(" }]")
    body = (
        f"any = [{LOW_SPO2.removeprefix('all = [').removesuffix(']')}, {{ if_monitored = true, "
        f"all = [{low.replace('systolic', 'mean')} }}, {low}, if_monitored = true }}] }}]"
    )
    cuffs = {CUFF: [118.0, 120.0], MEAN: [84.0, 86.0]}
    vitals = [vital for kind in kinds for vital in course(kind, cuffs[kind], 10)]
    assert judge(body, [*vitals, *course(SPO2, [97.0] * 80)], 80).presence is presence


def test_a_signal_that_is_worked_out_takes_part_while_it_is_known() -> None:
    index = '{ signal = "shock_index", op = ">=", value = 1, unit = "1", if_monitored = true }'
    low = LOW_SPO2.removeprefix("all = [").removesuffix("]")
    body = f"all = [{low}, {index}]"
    vitals = course(SPO2, [80.0] * 80)
    assert judge(body, vitals, 80).presence is P
    hearts = course(VitalKind.HEART_RATE, [90.0] * 80)
    assert judge(body, [*vitals, *hearts, reading(CUFF, 10, 100)], 80).presence is A


@pytest.mark.parametrize(("age", "presence"), [(None, P), (0.5, A), (1, P), (30, P)])
def test_children_have_their_own_limits(age: float | None, presence: Presence) -> None:
    low = LOW_CUFF.replace("value = 90", "value = 90, by_age = [[1, 70], [10, 87]]")
    engine = Engine([rule(low)], START)
    if age is not None:
        entry = PatientEntry("age", "p-1", EntryKind.AGE, START.utc_ns, amount=age)
        engine.set_context(BED, ContextLog([entry]))
    for vital in course(CUFF, [86, 85], 100):
        engine.observe(vital)
    assert engine.evaluate(BED, at(300))[0].presence is presence


def test_age_counts_from_the_newest_usable_reading_or_from_the_start() -> None:
    body = 'all = [{ vital = "spo2", statistic = "age", op = ">", value = 30, unit = "s" }]'
    assert judge(body, [], 30).presence is A
    assert judge(body, [], 31).presence is P
    vitals = [reading(SPO2, 10, 97), reading(SPO2, 35, math.nan)]
    assert judge(body, vitals, 40).presence is A
    assert judge(body, vitals, 41).presence is P
    assert judge(body.replace("spo2", "any"), vitals, 65).presence is A
    assert judge(body.replace("spo2", "any"), vitals, 66).presence is P
    assert (
        judge(body.replace(', unit = "s"', ', unit = "s", if_monitored = true'), [], 31).presence
        is I
    )
    anything = body.replace("spo2", "any").replace('"s" }', '"s", if_monitored = true }')
    assert judge(anything, [], 31).presence is P
