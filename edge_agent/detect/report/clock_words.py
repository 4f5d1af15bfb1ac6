"""Times of day in words for people on a ward; unlike ages, they do not go out of date."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final


def time_of_day(utc_ns: int, now_ns: int, zone: tzinfo) -> str:
    """Return a moment's time of day, such as 04:26, unambiguous when read at `now_ns`.

    The date is added where it differs from that of `now_ns`, the zone's name where it is UTC or the
    offset from UTC has changed since.
    """
    then, now = (datetime.fromtimestamp(ns // 10**9, zone) for ns in (utc_ns, now_ns))
    date = "" if then.date() == now.date() else f"{day_of(utc_ns, zone)} "
    zone_is_clear = then.tzname() != "UTC" and then.utcoffset() == now.utcoffset()
    return f"{date}{then:%H:%M}" + ("" if zone_is_clear else f" {then.tzname()}")


def day_of(utc_ns: int, zone: tzinfo) -> str:
    """Return a moment's day and month, such as 26 Nov."""
    then = datetime.fromtimestamp(utc_ns // 10**9, zone)
    return f"{then.day} {_MONTHS[then.month - 1]}"


_MONTHS: Final = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
