"""Answers are certain only where no missing reading could change them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.findings import Presence
from edge_agent.model.measurements import GenerationMode, Validity
from tests.support.detector_inputs import at, reading
from tests.support.one_condition import CUFF, LOW_CUFF, LOW_SPO2, SPO2, A, I, P, course, judge

COURSE = st.lists(st.one_of(st.sampled_from([85.0, 95.0]), st.just(math.nan)), max_size=60)


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


@pytest.mark.untraced
@given(COURSE, st.sets(st.integers(0, 59)))
def test_removing_readings_never_turns_one_answer_into_the_other_by_silence(
    values: list[float], removed: set[int]
) -> None:
    """Steps are removed whole: what a median says of the rest of its step stays evidence."""
    before = presence_of(values)
    gone = {place // 10 for place in removed}
    after = presence_of([math.nan if i // 10 in gone else v for i, v in enumerate(values)])
    assert after in {before, I}


@pytest.mark.untraced
@given(COURSE, st.sets(st.integers(0, 59)))
def test_a_lower_saturation_never_turns_present_to_absent(
    values: list[float], worse: set[int]
) -> None:
    after = presence_of(
        [70.0 if i in worse and not math.isnan(v) else v for i, v in enumerate(values)]
    )
    if presence_of(values) is P:
        assert after is P


@pytest.mark.untraced
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
