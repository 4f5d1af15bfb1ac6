"""Times in words for people on a ward: clock times do not go out of date as ages do."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Final

from edge_agent.model.durations import HOUR_S, MINUTE_S
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import phrase

_SECONDS_BELOW_S: Final = 60.0
_MINUTES_BELOW_S: Final = 7200.0


def time_of_day(language: Language, utc_ns: int, now_ns: int, zone: tzinfo) -> str:
    """Return a moment's time of day, such as 04:26, unambiguous when read at `now_ns`.

    The date is added where it differs from that of `now_ns`, the zone's name where it is UTC or the
    offset from UTC has changed since.
    """
    then, now = _local(utc_ns, zone), _local(now_ns, zone)
    zone_is_clear = then.tzname() != "UTC" and then.utcoffset() == now.utcoffset()
    return clock_time(language, utc_ns, now_ns, zone) + (
        "" if zone_is_clear else f" {then.tzname()}"
    )


def clock_time(language: Language, utc_ns: int, now_ns: int, zone: tzinfo) -> str:
    """Return a moment's time of day without its zone, with the date where that differs."""
    then, now = _local(utc_ns, zone), _local(now_ns, zone)
    date = "" if then.date() == now.date() else f"{day_of(language, utc_ns, zone)} "
    return f"{date}{then:%H:%M}"


def day_of(language: Language, utc_ns: int, zone: tzinfo) -> str:
    """Return a moment's day and month, such as 26 Nov."""
    then = _local(utc_ns, zone)
    month = phrase(language, f"months.{then.month}")
    return phrase(language, "date.day_month", day=str(then.day), month=month)


def span_words(language: Language, seconds: float) -> str:
    """Return a length of time, rounded to what people say."""
    if seconds < _SECONDS_BELOW_S:
        return phrase(language, "span.seconds", count=f"{seconds:.0f}")
    unit, length_s = ("minutes", MINUTE_S) if seconds < _MINUTES_BELOW_S else ("hours", HOUR_S)
    return phrase(language, f"span.{unit}", count=str(int(seconds / length_s + 0.5)))


def _local(utc_ns: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(utc_ns // 10**9, zone)
