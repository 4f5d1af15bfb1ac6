"""Times as HL7 writes them, on the one axis of the gateway: nanoseconds since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Final

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


@lru_cache(maxsize=256)
def wall_ns(text: str, zone: tzinfo) -> int | None:
    """Return the moment of an HL7 time in ns since 1970 UTC; None where it is none.

    Parameters
    ----------
    text
        The time as it was sent.
    zone
        Zone of the sender's clock; counts only where the time names none itself.
    """
    match = _TIME.fullmatch(text)
    if not match or int(match[1]) not in _YEARS:
        return None
    own = zone_of(match[9]) if match[9] else zone
    if own is None:
        return None
    year, month, day, hour, minute = (int(match[n]) for n in range(1, 6))
    try:
        moment = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=own)
    except ValueError:
        return None
    since = moment - _EPOCH
    fraction = (match[7] or match[8] or "").ljust(9, "0")
    return (since.days * 86_400 + since.seconds) * 10**9 + int(fraction)


def timestamp(utc_ns: int) -> str:
    """Return a moment as HL7 writes it, in whole seconds of UTC."""
    moment = _EPOCH + timedelta(seconds=utc_ns // 10**9)
    return f"{moment:%Y%m%d%H%M%S}+0000"
