"""Time zones by name, and local times in the hour that one repeats or skips."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_agent.model.toml_table import FieldType

AHEAD_AT_MOST_S: Final = 60.0
"""Seconds by which a reading may seem to lie in the future; design start value, unvalidated."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _read_zone(seen: object) -> ZoneInfo | None:
    try:
        return ZoneInfo(seen) if isinstance(seen, str) else None
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


ZONE: Final[FieldType[tzinfo]] = FieldType(
    "the name of a zone such as Europe/Berlin", _read_zone, UTC
)


def candidates_ns(local: datetime) -> tuple[int, ...]:
    """Return the moments that a local time with a zone can mean, in ns since 1970 UTC.

    A local time in the repeated hour of autumn has two, an hour apart. One in the skipped hour of
    spring has two as well: one by the offset before the change and one by the offset after it.

    Raises
    ------
    OverflowError
        If the zone moves the time out of the calendar.
    """
    moments = {(local.replace(fold=fold) - _EPOCH) // timedelta(microseconds=1) for fold in (0, 1)}
    return tuple(moment * 1000 for moment in sorted(moments))


def first_ns(local: datetime) -> int:
    """Return the first moment at which a clock shows a local time, or jumps over it."""
    early_ns, *late_ns = candidates_ns(local)
    if not late_ns or _at_ns(early_ns, local).replace(tzinfo=None) == local.replace(tzinfo=None):
        return early_ns
    before = _at_ns(early_ns, local).utcoffset()
    low_s, high_s = early_ns // 10**9, late_ns[0] // 10**9
    while high_s - low_s > 1:
        middle_s = (low_s + high_s) // 2
        is_before = _at_ns(middle_s * 10**9, local).utcoffset() == before
        low_s, high_s = (middle_s, high_s) if is_before else (low_s, middle_s)
    return high_s * 10**9


def _at_ns(utc_ns: int, local: datetime) -> datetime:
    """Return what a clock of the zone of `local` shows at a moment, in whole seconds."""
    return datetime.fromtimestamp(utc_ns // 10**9, local.tzinfo)


def nearest_ns(candidates: tuple[int, ...], now_ns: int) -> int:
    """Return the moment that a clock shows when it is read at `now_ns`."""
    return min(candidates, key=lambda ns: abs(ns - now_ns))


def newest_ns(candidates: tuple[int, ...], now_ns: int) -> int:
    """Return the moment of something past at `now_ns`: the newest that is not in the future."""
    latest_ns = now_ns + round(AHEAD_AT_MOST_S * 1e9)
    return max((ns for ns in candidates if ns <= latest_ns), default=candidates[0])
