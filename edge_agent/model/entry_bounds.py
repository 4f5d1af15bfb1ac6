"""Limits of an entry that depend on the patient's age and on the present time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry

RANGES_OF_ADULT: Final[Mapping[VitalKind, tuple[float, float]]] = MappingProxyType(
    {
        VitalKind.HEART_RATE: (20, 250),
        VitalKind.PULSE_RATE: (20, 250),
        VitalKind.RESPIRATORY_RATE: (4, 70),
        VitalKind.NIBP_SYSTOLIC: (50, 250),
        VitalKind.NIBP_MEAN: (30, 200),
        VitalKind.NIBP_DIASTOLIC: (20, 150),
        VitalKind.ART_SYSTOLIC: (30, 280),
        VitalKind.ART_MEAN: (30, 280),
        VitalKind.ART_DIASTOLIC: (30, 280),
    }
)
"""Ranges of adults where they are narrower than `entry_check.RANGES`; design start value,
unvalidated."""
MOST_YEARS_BEFORE: Final = 20
"""Years before the present in which people give or measure something; an earlier date is in another
unit than ns, or by a clock that was never set."""
_YEAR_NS: Final = 31_557_600 * 10**9
_FIRST_OF_1971_NS: Final = 31_536_000 * 10**9
"""A present time in another unit than ns, and a clock that counts from 1970, lie before it."""
_LASTING: Final = frozenset({EntryKind.FLAG, EntryKind.BASELINE, EntryKind.WEIGHT})
"""Kinds of what may have been so for a life; an age is none, because the years since are not
counted."""
_MEASURED: Final = frozenset({EntryKind.BASELINE, EntryKind.SPOT})


def not_of_adult(entry: PatientEntry) -> list[str]:
    """Return the mistake in an amount that only a child can have."""
    if entry.is_void or entry.amount is None or entry.kind not in _MEASURED:
        return []
    low, high = RANGES_OF_ADULT.get(VitalKind(entry.name), (entry.amount, entry.amount))
    if low <= entry.amount <= high:
        return []
    return [f"amount {entry.amount:g}; want {low:g} to {high:g}, or the age of a child entered"]


def too_early(entry: PatientEntry, now_utc_ns: int) -> list[str]:
    """Return the mistake in an entry dated too long before `now_utc_ns`.

    A withdrawal has the date of the entry that it withdraws, however wrong that is.
    """
    earliest_ns = now_utc_ns - MOST_YEARS_BEFORE * _YEAR_NS
    why = f" ({MOST_YEARS_BEFORE} years back)"
    if entry.kind in _LASTING and earliest_ns > _FIRST_OF_1971_NS:
        earliest_ns, why = _FIRST_OF_1971_NS, ""
    if entry.is_void or entry.at_utc_ns >= earliest_ns:
        return []
    seen, earliest = (
        datetime.fromtimestamp(utc_ns // 10**9, UTC) for utc_ns in (entry.at_utc_ns, earliest_ns)
    )
    return [
        f"at_utc_ns {entry.at_utc_ns} is {seen:%Y-%m-%d %H:%M}; want nanoseconds since 1970, UTC, "
        f"from {earliest:%Y-%m-%d} on{why}"
    ]
