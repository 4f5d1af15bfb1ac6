"""Numbers on a command line, refused outside their bounds with the range allowed."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import Final

LONGEST_S: Final = 366 * 86_400.0
"""Longest duration of anything that a command does or skips, seconds."""


def number_within(low: float, high: float, *, is_open: bool = False) -> Callable[[str], float]:
    """Return a reader of numbers from `low` to `high`; `is_open`: above `low`."""
    want = f"want a number {'above' if is_open else 'from'} {low:.10g} to {high:.10g}"

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = math.nan
        is_within = low <= found <= high and not (is_open and found == low)
        if not is_within:
            raise argparse.ArgumentTypeError(f"is {text}; {want}")
        return found

    return read


def whole_within(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        # as a person writes them: `int` also accepts 1_0, and digits of any script
        is_whole = text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 20
        if not is_whole or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"is {text}; want a whole number {low} to {high}")
        return int(text)

    return read


ANSWER_MIN: Final = number_within(0, 1440)
"""Minutes from an alert to its answer."""
BAUD: Final = whole_within(300, 4_000_000)
DURATION_S: Final = number_within(0, LONGEST_S, is_open=True)
JOBS: Final = whole_within(1, 1024)
PATIENTS: Final = whole_within(1, 10_000_000)
SEED: Final = whole_within(0, 2**63 - 1)
SPEED: Final = number_within(0, 10_000, is_open=True)
"""Speed of a simulated ward, ward seconds per second."""
