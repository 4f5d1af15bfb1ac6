"""Grounds that nobody was told of are new; more of what was told is not."""

from __future__ import annotations

import pytest

from edge_agent.model.findings import Branch, Evidence
from edge_agent.model.signs import adds_sign, is_opposite


def seen(kind: str, op: str, limit: float, *, statistic: str = "for_60_s") -> Evidence:
    """Return evidence of a value beyond its limit; `=` lies on it, `?` is not known."""
    value = {"<": limit - 1, ">": limit + 1, "=": limit, "?": None}[op]
    return Evidence(kind, statistic, value, "1", 60.0, 1.0, limit, None)


FAST = seen("heart_rate_agreed", ">", 150)
SLOW = seen("heart_rate_agreed", "<", 35)
LOW_90 = seen("spo2", "<", 90)
LOW_92 = seen("spo2", "<", 92)
SYSTOLIC_90 = seen("nibp_systolic", "<", 90)
SYSTOLIC_75 = seen("nibp_systolic", "<", 75)
MEAN_65 = seen("nibp_mean", "<", 65)
SHOCK_INDEX = seen("shock_index", ">", 1.0)
OXYGEN_GIVEN = seen("oxygen_raised", "=", 1.0)
OTHER_RULE = seen("crs.hypotension", "<", 86400.0, statistic="age_of_last_present")
BORROWED = (OTHER_RULE, seen("nibp_mean", "<", 50))
"""Grounds of another rule."""
WARM = seen("temperature_shift", ">", 2.8)
INDEX_RISE = seen("shock_index_rise", ">", 0.3)


@pytest.mark.parametrize(
    ("told", "now", "is_new"),
    [
        ([FAST], [(SLOW,)], True),
        ([FAST], [(FAST,)], False),
        ([FAST], [(seen("heart_rate", ">", 120),)], False),
        ([FAST], [(seen("heart_rate_excess", ">", 25),)], False),
        ([FAST], [(seen("respiratory_rate", ">", 25),)], True),
        ([FAST], [(seen("etco2", ">", 60),)], True),
        ([OXYGEN_GIVEN], [(OXYGEN_GIVEN,)], False),
        ([OXYGEN_GIVEN], [(OXYGEN_GIVEN,), (LOW_90,)], True),
        ([LOW_90], [(LOW_90,), (OXYGEN_GIVEN,)], False),
        ([LOW_92], [(LOW_92,), (LOW_90,)], True),
        ([LOW_90], [(LOW_90,), (LOW_92,)], False),
        ([LOW_90, LOW_92], [(LOW_90,), (seen("spo2_agreed", "<", 91),)], False),
        ([LOW_90], [(seen("spo2_agreed", "<", 85),)], True),
        ([seen("spo2", "=", 90)], [(LOW_90,)], False),
        ([seen("spo2", "=", 90)], [(LOW_90, FAST)], False),
        ([seen("heart_rate", "=", 120)], [(seen("heart_rate_excess", ">", 25),)], False),
        ([SYSTOLIC_90], [(MEAN_65,)], False),
        ([SYSTOLIC_90], [(seen("art_systolic", "<", 90),)], False),
        ([SYSTOLIC_90], [(seen("art_systolic", "<", 75),)], True),
        ([OTHER_RULE, SYSTOLIC_90, SHOCK_INDEX], [(SYSTOLIC_75,)], True),
        ([SYSTOLIC_75], [(OTHER_RULE, SYSTOLIC_90, SHOCK_INDEX)], False),
        ([SYSTOLIC_75], [(SYSTOLIC_75, seen("heart_rate", ">", 110))], False),
        ([SYSTOLIC_75], [(seen("heart_rate", ">", 110),)], True),
        ([WARM], [(WARM,), (INDEX_RISE,)], True),
        ([WARM, INDEX_RISE], [(WARM,)], False),
        ([seen("spot_temperature", ">", 38)], [(seen("temperature", ">", 38),)], False),
        ([seen("crs_score_low", ">", 6)], [(seen("crs_score_low", ">", 6),)], False),
        ([seen("news2", ">", 7)], [(OTHER_RULE,)], False),
        ([OTHER_RULE], [(seen("heart_rate", ">", 60, statistic="age"),)], False),
        ([FAST], [(seen("spo2", "?", 90),)], True),
        ([MEAN_65], [BORROWED], False),
        ([FAST], [BORROWED], False),
        ([FAST], [(*BORROWED, LOW_90)], True),
        ([SYSTOLIC_90], [(*BORROWED, LOW_90)], False),
        ([FAST], [], False),
        ([FAST], [()], False),
    ],
)
def test_only_what_nobody_was_told_of_is_new(
    told: list[Evidence],
    now: list[tuple[Evidence, ...]],
    is_new: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    branches = [
        Branch(tuple(e for e in evidence if e not in BORROWED), evidence) for evidence in now
    ]
    assert adds_sign(told, branches) is is_new


HOT = seen("temperature", ">", 38.0)
COLD = seen("temperature", "<", 36.0)
MILD = (seen("temperature", ">", 37.2), seen("temperature", "<", 38.0))


@pytest.mark.parametrize(
    ("evidence", "other", "expected"),
    [
        ((seen("heart_rate", ">", 120),), (SLOW,), True),
        ((seen("heart_rate", ">", 120),), (FAST,), False),
        (MILD, (HOT,), False),
        (MILD, (COLD,), True),
        ((COLD,), MILD, True),
        # a probe and a hand disagree: both sides are signs
        ((COLD, seen("spot_temperature", ">", 38.0)), (HOT,), True),
    ],
)
def test_a_range_is_not_low_at_its_upper_limit(
    evidence: tuple[Evidence, ...], other: tuple[Evidence, ...], *, expected: bool
) -> None:
    assert is_opposite(evidence, other) is expected
