"""Comparison of the suggested grade with the true one, minute by minute.

The suggestion is a grade under a condition: if this is CRS. So the true grade is that of CRS, and
elsewhere the grade that the signs of the patient would have if they were CRS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.spans import Bools, Float64
from edge_agent.evaluate.stays.truth import Grades
from edge_agent.model.durations import MINUTE_S

_UNSETTLED_MIN: Final = 60
_INPUTS: Final = ("temperature", "spo2", "nibp_systolic")


@dataclass(frozen=True, slots=True)
class GradeCheck:
    """Minutes of one stay, counted."""

    minutes: int
    covered: int
    """Minutes with the true grade in the interval; a minute without an interval does not count."""
    below: int
    """Minutes with the true grade above the interval: too little was suggested."""
    above: int
    """Minutes with the true grade below the interval: too much was suggested."""
    unstated: int
    """Minutes without an interval."""
    complete: int
    """Minutes in which temperature, oxygen saturation and pressure are fresh and usable."""
    equal: int
    """Complete minutes whose interval is the true grade and nothing else."""
    complete_crs: int
    """Complete minutes in CRS."""
    equal_crs: int
    """Complete minutes in CRS whose interval is the true grade and nothing else."""
    settled: int
    """Minutes at least an hour away from any change of the true grade."""
    covered_settled: int
    """Settled minutes with the true grade in the interval."""


@dataclass(frozen=True, slots=True)
class SuggestedGrade:
    """Suggested range of the grade from one moment to the next change."""

    from_s: float
    low: float | None
    """Lowest grade; None where no range is suggested."""
    high: float | None


def suggested_grades(
    channels: Mapping[str, Float64], steps_s: Float64
) -> tuple[SuggestedGrade, ...]:
    """Return each change of the suggested range; the parameters are those of `check_grades`."""
    ranges = np.column_stack((channels["grade_low"], channels["grade_high"]))
    known = np.where(np.isnan(ranges), -1.0, ranges)
    is_new = np.append(True, np.any(np.diff(known, axis=0) != 0, axis=1))[: steps_s.size]
    return tuple(
        SuggestedGrade(at_s, None if low < 0 else low, None if high < 0 else high)
        for at_s, (low, high) in zip(steps_s[is_new].tolist(), known[is_new].tolist(), strict=True)
    )


def check_grades(
    channels: Mapping[str, Float64], steps_s: Float64, grade: Grades, crs: Grades
) -> GradeCheck:
    """Return the counts of the suggested interval against the true grade at each full minute.

    Parameters
    ----------
    channels
        `grade_low`, `grade_high` and the vital signs at each step, each of shape (n,), NaN = none.
    steps_s
        The end of each step, shape (n,), seconds since the recording began.
    grade
        True grade, if the signs are those of CRS.
    crs
        True grade in CRS, 0 elsewhere.
    """
    minutes = np.arange(1, grade.size)
    index = np.searchsorted(steps_s, minutes * MINUTE_S, "right") - 1
    seen = (index >= 0) & (minutes * MINUTE_S <= (steps_s[-1] if steps_s.size else 0.0))
    minutes, index = minutes[seen], index[seen]
    low, high = channels["grade_low"][index], channels["grade_high"][index]
    true = grade[minutes].astype(np.float64)
    stated = ~(np.isnan(low) | np.isnan(high))
    complete = np.ones(minutes.size, np.bool_)
    for name in _INPUTS:
        complete &= ~np.isnan(channels[name][index])
    equal = complete & (low == true) & (high == true)
    in_crs = complete & (crs[minutes] > 0)
    settled = settled_minutes(grade)[minutes]
    covered = stated & (low <= true) & (true <= high)
    counted = (
        covered,
        stated & (true > high),
        stated & (true < low),
        ~stated,
        complete,
        equal,
        in_crs,
        equal & in_crs,
        settled,
        settled & covered,
    )
    return GradeCheck(int(minutes.size), *(int(np.count_nonzero(which)) for which in counted))


def settled_minutes(grade: Grades) -> Bools:
    """Return True for each minute at least an hour away from any change of the true grade.

    The truth changes at the minute at which the noiseless course crosses a limit; no probe and
    no cuff sees that at once.
    """
    settled = np.ones(grade.size, np.bool_)
    for change in np.flatnonzero(np.diff(grade)) + 1:
        settled[max(0, change - _UNSETTLED_MIN) : change + _UNSETTLED_MIN] = False
    return settled
