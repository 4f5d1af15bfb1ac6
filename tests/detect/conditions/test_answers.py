"""Answers are certain only where no missing reading could change them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.engine import Engine
from edge_agent.model.findings import Finding, Presence
from edge_agent.model.measurements import GenerationMode, Validity, Vital, VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.context import ContextLog
from tests.support.detector_inputs import BED, START, at, reading, rule

P, A, I = Presence.PRESENT, Presence.ABSENT, Presence.INDETERMINATE  # noqa: E741 - the three letters of the tables
SPO2 = VitalKind.SPO2
CUFF = VitalKind.NIBP_SYSTOLIC

LOW_SPO2 = (
    'all = [{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 40, window_s = 60 }]'
)
LOW_CUFF = (
    'all = [{ vital = "nibp_systolic", statistic = "latest", window_s = 900, op = "<", '
    'value = 90, unit = "mm[Hg]", confirm = 2 }]'
)
FEVER = (
    'all = [{ vital = "temperature", op = ">=", value = 38, unit = "Cel", at_least_s = 20, '
    "window_s = 20 }]\n"
    '[clear]\nall = [{ vital = "temperature", op = "<", value = 37.5, unit = "Cel", '
    "at_least_s = 20, window_s = 20 }]"
)
COURSE = st.lists(st.one_of(st.sampled_from([85.0, 95.0]), st.just(math.nan)), max_size=60)


def judge(body: str, vitals: list[Vital], seconds: float) -> Finding:
    engine = Engine([rule(body)], START)
    for vital in vitals:
        engine.observe(vital)
    (finding,) = engine.evaluate(BED, at(seconds))
    return finding


def course(kind: VitalKind, values: list[float], step_s: float = 1.0) -> list[Vital]:
    return [reading(kind, (i + 1) * step_s, value) for i, value in enumerate(values)]


def presence_of(values: list[float], body: str = LOW_SPO2) -> Presence:
    return judge(body, course(SPO2, values), 60).presence


@pytest.mark.parametrize(
    ("filled", "presence"),
    [
        ("LLLLHH", P),
        ("LLLL__", P),
        ("LLLHHH", A),
        ("LLHH__", I),
        ("L_HHHH", A),
        ("HHH___", A),
        ("HH____", I),
        ("______", I),
        ("LLL___", I),
    ],
)
def test_steps_that_are_empty_could_be_either(filled: str, presence: Presence) -> None:
    level = {"L": 85.0, "H": 95.0, "_": math.nan}
    finding = judge(LOW_SPO2, course(SPO2, [level[m] for m in filled], 10), 60)
    assert finding.presence is presence


@pytest.mark.parametrize(
    ("readings", "presence"),
    [
        ([118, 88, 86], P),
        ([88, 86, 118], A),
        ([86, 118, 88], A),
        ([88], I),
        ([118], A),
        ([], I),
        ([88, math.nan, 86], P),
        ([118, 88, math.nan], I),
        ([88, 118, math.nan], A),
        ([118, math.nan, math.nan], I),
        ([90, 90], A),
    ],
)
def test_the_newest_readings_decide_and_unusable_ones_are_unknown(
    readings: list[float], presence: Presence
) -> None:
    finding = judge(LOW_CUFF, course(CUFF, readings, 100), 400)
    assert finding.presence is presence


def test_an_old_reading_is_never_current() -> None:
    vitals = course(CUFF, [88, 86], 100)
    assert judge(LOW_CUFF, vitals, 999).presence is P
    assert judge(LOW_CUFF, vitals, 1000).presence is I
    assert judge(LOW_CUFF, vitals, 1100).presence is I


def test_a_cuff_reading_sent_again_is_not_a_second_one() -> None:
    first = reading(CUFF, 100, 86)
    again = replace(first, measured_at=at(101), received_at=at(160))
    assert judge(LOW_CUFF, [first, again], 200).presence is I


@given(COURSE, st.sets(st.integers(0, 59)))
def test_removing_readings_never_turns_one_answer_into_the_other_by_silence(
    values: list[float], removed: set[int]
) -> None:
    """Steps are removed whole: what a median says of the rest of its step stays evidence."""
    before = presence_of(values)
    gone = {place // 10 for place in removed}
    after = presence_of([math.nan if i // 10 in gone else v for i, v in enumerate(values)])
    assert after in {before, I}


@given(COURSE, st.sets(st.integers(0, 59)))
def test_a_lower_saturation_never_turns_present_to_absent(
    values: list[float], worse: set[int]
) -> None:
    after = presence_of(
        [70.0 if i in worse and not math.isnan(v) else v for i, v in enumerate(values)]
    )
    if presence_of(values) is P:
        assert after is P


@given(st.lists(st.sampled_from([118.0, 86.0, math.nan]), max_size=8), st.sets(st.integers(0, 7)))
def test_a_cuff_that_fails_never_turns_present_to_absent(
    values: list[float], failed: set[int]
) -> None:
    after = [math.nan if i in failed else v for i, v in enumerate(values)]
    if judge(LOW_CUFF, course(CUFF, values, 100), 850).presence is P:
        assert judge(LOW_CUFF, course(CUFF, after, 100), 850).presence is not A


@given(
    COURSE,
    st.lists(
        st.tuples(
            st.integers(1, 60),
            st.sampled_from([0.0, 60.0, 99.0]),
            st.sampled_from(
                [
                    (Validity.QUESTIONABLE, GenerationMode.REAL),
                    (Validity.INVALID, GenerationMode.REAL),
                    (Validity.VALID, GenerationMode.DEMO),
                    (Validity.VALID, GenerationMode.TEST),
                ]
            ),
        ),
        max_size=40,
    ),
)
def test_readings_that_are_not_usable_decide_nothing(
    values: list[float], doubtful: list[tuple[int, float, tuple[Validity, GenerationMode]]]
) -> None:
    plain = course(SPO2, values)
    extra = [
        replace(reading(SPO2, second, value), validity=marks[0], mode=marks[1])
        for second, value, marks in doubtful
    ]
    with_extra, without = (judge(LOW_SPO2, vitals, 60) for vitals in (plain + extra, plain))
    assert with_extra.presence in {without.presence, I}
    assert with_extra.recovered in {without.recovered, I}


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
