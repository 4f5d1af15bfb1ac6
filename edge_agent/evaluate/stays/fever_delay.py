"""Time from a fever that a probe shows to its report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.comparators import FEVER
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.spans import Float64, Spans
from edge_agent.model.durations import HOUR_S, MINUTE_S

_LASTS_S: Final = 600
"""Time for which the probe must show the fever, seconds."""
_SHARE: Final = 0.9
"""Share of that time: a value that goes back and forth about 38.0 has not reached it yet."""
_BEFORE_S: Final = HOUR_S
"""Time by which a fever at the probe may come before that of the core, seconds."""
_MISSED_S: Final = 12 * HOUR_S
"""Delay of a fever that was not reported by then, seconds."""


def fever_delays_min(
    temperature: Float64, fever: Spans, reported: Sequence[ReportedAlert]
) -> tuple[float, ...]:
    """Return the delay of each true fever that a continuous probe shows, minutes.

    A fever begins where the probe reaches 38.0 and stays there. An alert about fever or CRS reports
    it; one that was reported in the hour before counts as at once, and a fever that begins under
    an older alert is left out.

    Parameters
    ----------
    temperature
        Shown by the probe once a second, shape (n,), NaN where it shows nothing.
    fever
        True fevers.
    """
    shown = np.concatenate(([0], np.cumsum(temperature >= FEVER)))
    lasting = shown[_LASTS_S:] - shown[:-_LASTS_S] >= _SHARE * _LASTS_S
    begins_s = np.flatnonzero(lasting & (temperature >= FEVER)[: lasting.size])
    alerts = [one for one in reported if one.about in {About.FEVER, About.CRS}]
    found = []
    for start_s, end_s in fever.pairs():
        inside = begins_s[(begins_s >= start_s - _BEFORE_S) & (begins_s < end_s)]
        if not inside.size:
            continue
        begin_s = float(inside[0])
        before_s = begin_s - _BEFORE_S
        if any(one.at_s < before_s and one.until_s > begin_s for one in alerts):
            continue
        at_s = min((one.at_s for one in alerts if one.at_s >= before_s), default=np.inf)
        found.append(min(max(0.0, at_s - begin_s), _MISSED_S) / MINUTE_S)
    return tuple(found)
