"""Jumps and flat lines are those of a search that compares every value."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.batch.extremes import jump_indices, may_be_flat
from edge_agent.detect.arrays import FloatArray


def walk(seed: int, count: int) -> FloatArray:
    """Return a slow course with a few jumps, some of them alone."""
    draw = np.random.default_rng(seed)
    values = 80 + np.cumsum(draw.integers(-1, 2, count)).astype(float)
    for at in draw.integers(0, count, 4):
        values[at : at + int(draw.integers(1, 90))] += draw.choice([-40.0, 40.0])
    return values


@pytest.mark.parametrize("falls_only", [False, True])
@pytest.mark.parametrize("length", [2, 6, 33, 301])
@pytest.mark.parametrize("seed", range(8))
def test_every_jump_is_found(seed: int, length: int, *, falls_only: bool) -> None:
    values = walk(seed, 301 + 97 * seed)
    wanted = []
    for index, value in enumerate(values):
        recent = values[max(0, index + 1 - length) : index + 1]
        rises = 0.0 if falls_only else value - recent.min()
        if max(recent.max() - value, rises) > 20:
            wanted.append(index)
    assert jump_indices(values, length, 20.0, falls_only=falls_only).tolist() == wanted


def test_a_calm_course_has_no_jump() -> None:
    assert not jump_indices(np.full(100, 80.0), 6, 20.0, falls_only=False).size


@pytest.mark.parametrize("begin", range(0, 90, 7))
@pytest.mark.parametrize("missing", [0, 1, 50])
def test_no_flat_line_is_overlooked(begin: int, missing: int) -> None:
    values = np.arange(300.0)
    values[begin : begin + 60 + missing] = 5.0
    values[begin + 20 : begin + 20 + missing] = np.nan
    assert may_be_flat(values, 60)


def test_a_short_or_lively_course_is_not_flat() -> None:
    assert not may_be_flat(np.arange(300.0), 60)
    assert not may_be_flat(np.full(29, 5.0), 60)
    assert not may_be_flat(np.empty(0), 60)
