"""HL7 times, converted to the gateway's time: nanoseconds since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from edge_agent.drivers.hl7_oru.er7 import Segment
from edge_agent.model.local_time import candidates_ns, nearest_ns, newest_ns

_TIME: Final = re.compile(
    r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})[T ]?([0-9]{2}):?([0-9]{2})"
    r"(?::?([0-9]{2})(?:\.?([0-9]{2,3})|[.,]([0-9]{1,9}))?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
"""YYYYMMDDHHMM[SS[.s..]][+ZZZZ] (HL7 Version 2.6, 2.A.22); milliseconds without a point as Mindray
writes them, hundredths likewise; and the forms of ISO 8601. A day without an hour is not a
moment."""
_PRECISE: Final = {"", "M", "S"}
"""Degrees of precision after a time (HL7 Version 2.3, 2.8.42) that leave it a moment."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS: Final = range(1970, 2200)
"""Plausible years; a clock outside them was never set."""


def zone_of(text: str) -> tzinfo | None:
    """Return the zone of Z, +HHMM, +HH:MM or the same with a minus; None for no zone."""
    if text == "Z":
        return UTC
    match = re.fullmatch("([+-])([0-9]{2}):?([0-9]{2})", text)
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        return None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-ahead if match[1] == "-" else ahead)


def zone_in(text: str) -> tzinfo | None:
    """Return the zone that an HL7 time names; None where it names none or is malformed."""
    match = _TIME.fullmatch(text.partition("^")[0].strip())
    return zone_of(match[10] or "") if match else None


def time_in(segment: Segment, n: int) -> str:
    """Return the time in field `n` as sent, its degree of precision after `^`."""
    text = segment.field(n)
    return text if text.isalnum() else "^".join(segment.components(n)[:2]).strip(" ^")


def wall_ns(text: str, zone: tzinfo, now_ns: int = 0) -> int | None:
    """Return the moment of an HL7 time in ns since 1970 UTC; None where it is none.

    Parameters
    ----------
    text
        Time as sent.
    zone
        Zone of the sender's clock; used only where the time names none itself.
    now_ns
        Time of reading; of a local time that occurs twice, the moment nearer to it. 0: the earlier.
    """
    moments = _moments(text, zone)
    return nearest_ns(moments, now_ns) if moments else None


def is_moment(text: str) -> bool:
    """Return whether an HL7 time is a moment, in whatever zone."""
    return bool(_moments(text, UTC))


def measured_ns(text: str, zone: tzinfo, sent_ns: int) -> int | None:
    """Return the moment of a reading, at most `sent_ns` for a local time that occurs twice.

    None where it is not a moment.
    """
    moments = _moments(text, zone)
    return newest_ns(moments, sent_ns) if moments else None


@lru_cache(maxsize=256)
def _moments(text: str, zone: tzinfo) -> tuple[int, ...]:
    """Return the moments that an HL7 time can mean; none where it is malformed."""
    text, _, precision = text.partition("^")
    match = _TIME.fullmatch(text.strip())
    if not match or int(match[1]) not in _YEARS or precision.strip().upper() not in _PRECISE:
        return ()
    own = zone_of(match[10]) if match[10] else zone
    if own is None:
        return ()
    year, month, day, hour, minute, second = (int(match[n] or 0) for n in (1, 3, 4, 5, 6, 7))
    fraction = (match[8] or match[9] or "").ljust(9, "0")
    is_midnight = (hour, minute, second) == (24, 0, 0)  # at the end of the day, as ISO 8601 allowed
    is_leap = second == 60
    try:
        hour, second = 0 if is_midnight else hour, 59 if is_leap else second
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return ()
    moment += timedelta(days=is_midnight, seconds=is_leap)
    return tuple(ns + int(fraction) for ns in candidates_ns(moment.replace(tzinfo=own)))


def timestamp(utc_ns: int) -> str:
    """Return a moment in HL7 format, in whole seconds of UTC."""
    moment = _EPOCH + timedelta(seconds=utc_ns // 10**9)
    return f"{moment:%Y%m%d%H%M%S}+0000"
