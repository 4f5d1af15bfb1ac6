"""Local times in the hour that a zone has twice, or skips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

AHEAD_AT_MOST_S: Final = 60.0
"""By how much a reading may seem to be of the future; design start value, unvalidated."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def candidates_ns(local: datetime) -> tuple[int, ...]:
    """Return the moments that a local time with a zone can mean, in ns since 1970 UTC.

    In autumn there are two, an hour apart; a time that is skipped in spring means one by the zone
    before and one by that after.

    Raises
    ------
    OverflowError
        If the zone moves it out of the calendar.
    """
    moments = {(local.replace(fold=fold) - _EPOCH) // timedelta(microseconds=1) for fold in (0, 1)}
    return tuple(moment * 1000 for moment in sorted(moments))


def nearest_ns(candidates: tuple[int, ...], now_ns: int) -> int:
    """Return which moment a clock shows that is read at `now_ns`."""
    return min(candidates, key=lambda ns: abs(ns - now_ns))


def newest_ns(candidates: tuple[int, ...], now_ns: int) -> int:
    """Return when something was that is over at `now_ns`: the newest that is not of the future."""
    latest_ns = now_ns + round(AHEAD_AT_MOST_S * 1e9)
    return max((ns for ns in candidates if ns <= latest_ns), default=candidates[0])
