"""Counts become answers that no value of what is missing could change."""

from __future__ import annotations

from itertools import product

import numpy as np

from edge_agent.detect.conditions.kleene import ABSENT, INDETERMINATE, PRESENT, of_counts, of_truth


def test_an_answer_is_certain_where_no_missing_value_could_change_it() -> None:
    for satisfied, empty, needed in product(range(5), range(5), range(1, 6)):
        possible = {satisfied + more >= needed for more in range(empty + 1)}
        certain = PRESENT if True in possible else ABSENT
        wanted = certain if len(possible) == 1 else INDETERMINATE
        got = of_counts(np.array([satisfied]), np.array([empty]), needed)
        assert got.tolist() == [wanted]


def test_what_is_known_is_present_or_absent() -> None:
    assert of_truth(np.array([True, False])).tolist() == [PRESENT, ABSENT]
