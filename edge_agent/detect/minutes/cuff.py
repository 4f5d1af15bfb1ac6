"""Facts from a series of cuff readings: confirmed low pressure, a fall, an overdue reading."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.model.durations import HOUR_NS, MINUTE_NS
from edge_agent.model.patient import CHILD_YEARS

_USUAL_INTERVAL_NS: Final = 60 * MINUTE_NS
"""Interval assumed for fewer than two readings, and the longest that one gap alone shows; design
start value, unvalidated."""
_INTERVAL_BOUNDS_NS: Final = (5 * MINUTE_NS, 4 * HOUR_NS)
_FIRST_DUE_NS: Final = 90 * MINUTE_NS
"""Time after the start of monitoring by which the first reading is due; design start value,
unvalidated."""
_GRACE_NS: Final = 5 * MINUTE_NS
_GAPS: Final = 3
"""Number of newest gaps that determine the interval, so that a changed one is soon learnt; design
start value, unvalidated."""
_REPEAT_NS: Final = 4 * MINUTE_NS
"""Gap below which a reading repeats the one before it; design start value, unvalidated."""
_REMEMBERED: Final = 16
"""Number of newest readings that the gaps are taken from, repeats included."""
_INTERVALS_DUE: Final = 2
"""Intervals after which a reading is overdue, so that a single missed one is none, and one more
after a reading without a value, which shows that the cuff works; design start value,
unvalidated."""
_LOW_DUE_NS: Final = 30 * MINUTE_NS
"""Time after a low reading from which the next is overdue, if the interval is no longer; design
start value, unvalidated."""
_UNUSUAL_SHARE: Final = 0.9
"""Share of the baseline from which a low pressure is usual for the patient; design start value,
unvalidated."""
_LOWEST_LIMIT: Final = 90.0  # PMC8021214, table 1: systolic, adults
_NEWBORN_YEARS: Final = 0.08
"""Age of 28 days, the same as in the rules."""
_HIGHEST_LIMIT: Final = 100.0
_LOW_SHARE: Final = 0.8  # of the baseline (Brudno and Kochenderfer, Blood 2016, table 2)
_BASELINE_READINGS: Final = 6
"""Fewest readings for a baseline; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class CuffFacts:
    """Facts at the newest usable reading."""

    at_ns: int
    """Time of the reading, monotonic ns."""
    systolic: float
    """Systolic pressure, mm[Hg]."""
    is_low_twice: float
    """1 if this reading and the one before were low, 0 if one was not, NaN where unknown."""
    fall: float
    """Median of the readings 3 to 6 h before minus the median of the last 1.5 h, mm[Hg]; NaN
    without earlier readings."""
    due_ns: int
    """Time from which the next reading is overdue, monotonic ns."""


def _low_limit(baseline: float, age_years: float) -> float:
    """Return the highest systolic pressure, mm[Hg], that counts as low.

    Adults: 80 % of the patient's baseline, at least 90 and at most 100; 90 without a baseline.
    Children: PALS 2006, 5th centile; 60 below an age of 28 days.
    """
    if age_years < CHILD_YEARS:
        infant_limit = 70.0 if age_years >= _NEWBORN_YEARS else 60.0
        return min(_LOWEST_LIMIT, 70 + 2 * age_years) if age_years >= 1 else infant_limit
    return (
        _LOWEST_LIMIT
        if isnan(baseline)
        else max(_LOWEST_LIMIT, min(_LOW_SHARE * baseline, _HIGHEST_LIMIT))
    )


def cuff_facts(
    times_ns: IntArray, values: FloatArray, baseline: float, age_years: float
) -> CuffFacts | None:
    """Return the facts of a cuff's systolic readings, None without a usable one.

    Parameters
    ----------
    times_ns, values
        All known readings, oldest first, shape (n,); NaN for an unusable one.
    baseline
        The patient's own systolic pressure, NaN where it is not known.
    age_years
        Age in years, NaN where nobody entered it.
    """
    usable = ~np.isnan(values)
    times, systolic = times_ns[usable], values[usable]
    if not times.size:
        return None
    newest_ns = int(times[-1])
    last = systolic[-2:]
    is_low = last <= _low_limit(baseline, age_years)
    is_low_twice = 0.0 if not is_low[-1] else nan if last.size < 2 else float(is_low.all())
    ages_ns = newest_ns - times
    earlier = systolic[(ages_ns >= 3 * HOUR_NS) & (ages_ns <= 6 * HOUR_NS)]
    recent = systolic[ages_ns <= 1.5 * HOUR_NS]
    fall = float(bn.median(earlier) - bn.median(recent)) if earlier.size else nan
    every_ns = interval_ns(times_ns)
    wait_ns = _INTERVALS_DUE * every_ns
    if is_low[-1] and not systolic[-1] > _UNUSUAL_SHARE * baseline:
        wait_ns = max(every_ns, min(wait_ns, _LOW_DUE_NS))
    if times_ns[-1] > newest_ns:
        wait_ns += every_ns
    due_ns = newest_ns + wait_ns + _GRACE_NS
    return CuffFacts(newest_ns, float(systolic[-1]), is_low_twice, fall, due_ns)


def interval_ns(times_ns: IntArray) -> int:
    """Return the present interval between measurements, limited to 5 min to 4 h.

    Measurements without a value count, too. Of the newest gaps the second longest counts: a single
    long one is a missed reading, a cuff that was off, or an interval that nurses have just made
    longer. If it is beyond twice the others, it counts up to the usual interval until it is
    confirmed.
    """
    gaps = np.diff(times_ns[-_REMEMBERED:])
    gaps = np.sort(gaps[gaps >= _REPEAT_NS][-_GAPS:])
    if not gaps.size:
        return _USUAL_INTERVAL_NS
    every_ns, longest_ns = int(gaps[-2:][0]), int(gaps[-1])
    if longest_ns > _INTERVALS_DUE * every_ns + _GRACE_NS:
        every_ns = max(every_ns, min(longest_ns, _USUAL_INTERVAL_NS))
    shortest_ns, most_ns = _INTERVAL_BOUNDS_NS
    return min(most_ns, max(shortest_ns, every_ns))


def has_fallen(systolic: float, baseline: float, age_years: float) -> bool:
    """Return True if a systolic pressure is low for the age and below the patient's known own."""
    is_below_own = systolic <= _UNUSUAL_SHARE * baseline
    return is_below_own and systolic <= _low_limit(baseline, age_years)


def pressure_baseline(times_ns: IntArray, values: FloatArray, now_ns: int) -> float:
    """Return the median systolic pressure of 48 h that ended 6 h ago, NaN with too few readings."""
    ages_ns = now_ns - times_ns
    old = values[(ages_ns >= 6 * HOUR_NS) & (ages_ns <= 54 * HOUR_NS) & ~np.isnan(values)]
    return float(bn.median(old)) if old.size >= _BASELINE_READINGS else nan


def overdue_s(facts: CuffFacts | None, monitored_since_ns: int, now_ns: IntArray) -> FloatArray:
    """Return the seconds for which the next reading has been overdue, 0 before that, shape (n,)."""
    due_ns = facts.due_ns if facts else monitored_since_ns + _FIRST_DUE_NS
    return np.maximum(0, now_ns - due_ns) / 1e9
