"""Facts entered about a recorded patient, as the times from which they held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from edge_agent.detect.arrays import IntArray
from edge_agent.detect.minutes.context_rows import late_entries_ns
from edge_agent.model.clock import LATEST_UTC_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog

Span = tuple[int, int | None]
"""UTC start and end, ns; None without a known end."""

_BEFORE_ALL_NS: Final = -(2**63)
NO_AGE: Final = ((_BEFORE_ALL_NS, None),)
"""Ages of a patient whose age nobody entered."""


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """Steps of a stay during which nobody enters a reading by hand late."""

    first: int
    end: int
    """Step after the last one."""
    known_by_utc_ns: int
    """Latest time of entry that counts: what is entered later is not known yet."""


def known_spans(log: ContextLog | None, utc_ns: IntArray) -> list[KnownSpan]:
    """Return the spans of a stay whose steps end at these moments, in order."""
    entered_ns = late_entries_ns(log)
    firsts = [0, *utc_ns.searchsorted(entered_ns).tolist(), utc_ns.size]
    known_by_ns = [*(entered_ns - 1).tolist(), LATEST_UTC_NS]
    return [
        KnownSpan(first, end, ns)
        for ns, (first, end) in zip(known_by_ns, pairwise(firsts), strict=True)
        if first < end
    ]


def ages_of(log: ContextLog | None) -> list[tuple[int, float | None]]:
    """Return each age in years, None while it was not entered, and the UTC time of its start."""
    found: list[tuple[int, float | None]] = [*NO_AGE]
    if log is not None:
        for moment_ns in log.changes():
            age_years = log.at(moment_ns).age_years
            if age_years != found[-1][1]:
                found.append((moment_ns, age_years))
    return found


def age_numbers(ages: Sequence[tuple[int, float | None]], utc_ns: IntArray) -> IntArray:
    """Return the number of the age at each reading; a reading at an entry's moment precedes it."""
    return np.array([ns for ns, _ in ages]).searchsorted(utc_ns) - 1


def steady_spans(log: ContextLog | None) -> dict[VitalKind, list[Span]]:
    """Return, by vital, the spans in which a device and not the patient sets it."""
    found: dict[VitalKind, list[Span]] = {}
    if log is not None:
        begins = log.changes()
        for begin_ns, end_ns in zip(begins, (*begins[1:], None), strict=bool(begins)):
            for kind in log.at(begin_ns).steady:
                found.setdefault(kind, []).append((begin_ns, end_ns))
    return found
