"""Absences of a patient from the bed: their reasons, and the end that they must have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge_agent.model.durations import HOUR_S
from edge_agent.model.patient import PatientEntry

AWAY_REASONS: Final = ("shower", "ct", "transport", "therapy", "other")
LONGEST_AWAY_S: Final = 4 * HOUR_S
"""Longest pause in the assessment of a bed; design start value, unvalidated."""


def end_mistakes(entry: PatientEntry, *, may_end: bool, longest_s: float | None) -> Iterator[str]:
    """Yield the mistake in the end of an entry.

    Parameters
    ----------
    may_end
        True if the entry may have an end.
    longest_s
        Longest duration, seconds, of what must have an end; None where it need not have one.
    """
    until_ns = entry.until_utc_ns
    if until_ns is None:
        if longest_s is not None:
            yield f"until_utc_ns is missing; want an end within {longest_s / HOUR_S:g} h"
    elif not may_end:
        yield f"until_utc_ns {until_ns}; want none, it has no end"
    elif longest_s is not None and until_ns - entry.at_utc_ns > longest_s * 1e9:
        lasts_h, most_h = (until_ns - entry.at_utc_ns) / 1e9 / HOUR_S, longest_s / HOUR_S
        yield f"until_utc_ns is {lasts_h:.1f} h after the start; want {most_h:g} h at most"
