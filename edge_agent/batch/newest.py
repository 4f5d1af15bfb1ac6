"""Newest single readings of a recorded stay, for pictures and scores beside the rules."""

from __future__ import annotations

import numpy as np

from edge_agent.batch.known import KnownSpan
from edge_agent.batch.stay import Stay
from edge_agent.detect.arrays import FloatArray
from edge_agent.model.measurements import VitalKind


def newest_at(stay: Stay, kind: VitalKind) -> FloatArray:
    """Return an event vital's newest reading at each step, NaN while the next is overdue."""
    newest = np.concatenate([_newest_known(stay, kind, span) for span in stay.known_spans])
    overdue = np.append(0.0, stay.minute_signals["cuff_overdue"])
    is_overdue = overdue[stay.minute_counts] > 0
    return np.where(is_overdue, np.nan, newest)


def _newest_known(stay: Stay, kind: VitalKind, span: KnownSpan) -> FloatArray:
    """Return the newest reading that is known at each step of a span."""
    events = stay.events(kind.value, span)
    known = events.times_ns.searchsorted(stay.times_ns[span.first : span.end], side="right")
    return np.append(events.values, np.nan)[known - 1]
