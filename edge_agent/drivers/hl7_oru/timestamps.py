"""Times as HL7 writes them, on the one axis of the gateway: nanoseconds since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from edge_agent.model.local_time import candidates_ns, nearest_ns, newest_ns

if TYPE_CHECKING:
    from datetime import tzinfo

_TIME: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})"
    r"(?:([0-9]{2})(?:\.?([0-9]{3})|\.([0-9]{1,9}))?)?([+-][0-9]{4})?"
)
"""YYYYMMDDHHMM[SS[.s..]][+ZZZZ] (HL7 Version 2.6, 2.A.22), and milliseconds without a point as
Mindray writes them. A day without an hour is no moment."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS: Final = range(1970, 2200)
"""A clock outside them was never set."""


def zone_of(text: str) -> tzinfo | None:
    """Return the zone that +HHMM or -HHMM names, None where it is not one."""
    if not re.fullmatch("[+-][0-9]{4}", text):
        return None
    hours, minutes = int(text[1:3]), int(text[3:])
    if hours > 14 or minutes > 59:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    return timezone(-ahead if text[0] == "-" else ahead)


def wall_ns(text: str, zone: tzinfo, now_ns: int) -> int | None:
    """Return the moment of an HL7 time in ns since 1970 UTC; None where it is none.

    Parameters
    ----------
    text
        The time as it was sent.
    zone
        Zone of the sender's clock; counts only where the time names none itself.
    now_ns
        When it was read: a local time that there is twice is the one nearer to it.
    """
    moments = _moments(text, zone)
    return nearest_ns(moments, now_ns) if moments else None


def measured_ns(text: str, zone: tzinfo, sent_ns: int) -> int | None:
    """Return the moment of a reading; a local time that there is twice is no later than `sent_ns`.

    None where it is none.
    """
    moments = _moments(text, zone)
    return newest_ns(moments, sent_ns) if moments else None


@lru_cache(maxsize=256)
def _moments(text: str, zone: tzinfo) -> tuple[int, ...]:
    """Return the moments that an HL7 time can mean, none where it is no time."""
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) not in _YEARS:
        return ()
    own = zone_of(match[9]) if match[9] else zone
    if own is None:
        return ()
    year, month, day, hour, minute = (int(match[n]) for n in range(1, 6))
    try:
        moment = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=own)
    except ValueError:
        return ()
    fraction = (match[7] or match[8] or "").ljust(9, "0")
    return tuple(ns + int(fraction) for ns in candidates_ns(moment))


def timestamp(utc_ns: int) -> str:
    """Return a moment as HL7 writes it, in whole seconds of UTC."""
    moment = _EPOCH + timedelta(seconds=utc_ns // 10**9)
    return f"{moment:%Y%m%d%H%M%S}+0000"
