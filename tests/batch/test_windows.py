"""Counts in windows are those of adding up the flags of every window."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.batch.windows import in_window


@pytest.mark.parametrize("count", [0, 1, 5, 200, 700])
@pytest.mark.parametrize("length", [1, 2, 3, 6, 90, 127, 128, 129, 255, 600, 40_000])
def test_every_window_has_its_count(length: int, count: int) -> None:
    flags = np.random.default_rng(count + length).random(count) < 0.7
    wanted = [int(flags[max(0, at + 1 - length) : at + 1].sum()) for at in range(count)]
    assert in_window(flags, length).tolist() == wanted
