"""Counts become answers that no value of what is missing could change."""

from __future__ import annotations

from itertools import product

import numpy as np

from edge_agent.detect.conditions.kleene import (
    ABSENT,
    INDETERMINATE,
    PRESENT,
    answers_from_counts,
    answers_from_flags,
    counted,
)


def test_an_answer_is_certain_where_no_missing_value_could_change_it() -> None:
    for satisfied, empty, needed in product(range(5), range(5), range(1, 6)):
        possible = {satisfied + more >= needed for more in range(empty + 1)}
        certain = PRESENT if True in possible else ABSENT
        wanted = certain if len(possible) == 1 else INDETERMINATE
        got = answers_from_counts(np.array([satisfied]), np.array([empty]), needed)
        assert got.tolist() == [wanted]


def test_what_is_known_is_present_or_absent() -> None:
    assert answers_from_flags(np.array([True, False])).tolist() == [PRESENT, ABSENT]


def test_flags_are_counted_like_by_a_slow_sum() -> None:
    rng = np.random.default_rng(2)
    flags = rng.random(40) < 0.5
    slow = [int(flags[max(0, i - 9) : i + 1].sum()) for i in range(40)]
    assert counted(flags, 10).tolist() == slow
    assert counted(flags, 1).tolist() == flags.tolist()
    values = np.where(rng.random(40) < 0.3, np.nan, 1.0)
    sure, empty = counted(flags & ~np.isnan(values), 5), counted(np.isnan(values), 5)
    answers = answers_from_counts(sure, empty, 4)
    for i in range(4, 40):
        held = int((flags & ~np.isnan(values))[i - 4 : i + 1].sum())
        unknown = int(np.isnan(values)[i - 4 : i + 1].sum())
        assert answers[i] == (1 if held >= 4 else 0 if held + unknown >= 4 else -1)
