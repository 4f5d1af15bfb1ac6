"""Durations and moments in the words of people: days, hours and minutes."""

from __future__ import annotations

from math import isnan

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S


def in_minutes(hours: float) -> str:
    """Return a duration to the minute: `24 min`, `2 h 24 min`, `-5 min`; a dash for NaN."""
    if isnan(hours):
        return "-"
    minutes = round(hours * HOUR_S / MINUTE_S)
    sign, (whole, rest) = "-" if minutes < 0 else "", divmod(abs(minutes), 60)
    parts = [f"{whole} h"] if whole else []
    parts += [f"{rest} min"] if rest or not whole else []
    return sign + " ".join(parts)


def clock(seconds: float, start_h: float = 0.0) -> str:
    """Return a moment of a stay, such as `day 2, 15:36`: the first day is 1.

    Parameters
    ----------
    seconds
        Time since monitoring began.
    start_h
        Hour of the day at which it began.
    """
    days, rest = divmod(int((seconds + start_h * HOUR_S) // MINUTE_S), round(DAY_S / MINUTE_S))
    return f"day {days + 1}, {rest // 60:02}:{rest % 60:02}"
