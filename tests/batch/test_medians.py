"""Medians of rows are those of the row-by-row selection, whatever the rows hold."""

from __future__ import annotations

import math

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np
import pytest

from edge_agent.batch.medians import LONGEST, exchanges, row_medians


@pytest.mark.parametrize("length", range(1, LONGEST + 3))
@pytest.mark.parametrize("missing", [0.0, 0.1, 1.0])
def test_every_row_has_its_median(length: int, missing: float) -> None:
    draw = np.random.default_rng(length)
    table = np.round(draw.normal(97, 1, (500, length)), 1)
    table[draw.uniform(size=table.shape) < missing] = math.nan
    before = table.copy()
    wanted = [float(np.nanmedian(row)) if not np.isnan(row).all() else math.nan for row in table]
    assert np.array_equal(row_medians(table), wanted, equal_nan=True)
    assert np.array_equal(table, before, equal_nan=True)
    assert np.array_equal(bn.nanmedian(table, axis=1), wanted, equal_nan=True)


@pytest.mark.parametrize("length", range(1, 11))
def test_every_order_of_zeros_and_ones_finds_its_middle(length: int) -> None:
    # What sorts every row of zeros and ones sorts every row (Knuth's 0-1 principle).
    table = np.array([[n >> bit & 1 for bit in range(length)] for n in range(2**length)], float)
    assert np.array_equal(row_medians(table), np.median(table, axis=1))


def test_what_only_sorts_the_ends_is_left_out() -> None:
    assert len(exchanges(10)) < 31
    assert exchanges(1) == ()
