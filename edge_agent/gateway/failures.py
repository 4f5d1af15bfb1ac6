"""Failed evaluations, counted by kind, logged, and reported as events of a bed."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Final

from edge_agent.model.bed_events import BedEvent, EvaluationFailed
from edge_agent.model.clock import Instant

_KINDS_AT_MOST: Final = 256
"""Most kinds of failure, some for each of 32 beds; further ones count as one kind."""
_OTHER: Final = ("", "others", "")
_LOG = logging.getLogger(__name__)


class Failures:
    """Counts the messages and steps that could not be evaluated; owned by the pipeline thread."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, str, str]] = Counter()
        self.total = 0
        """Number of failures since the start."""
        self.newest = ""
        """Newest failure in words; empty if there was none."""

    def note(self, bed_id: str, what: str, error: Exception, at: Instant) -> list[BedEvent]:
        """Count one failure; return it as an event the first, tenth, hundredth... time.

        Parameters
        ----------
        bed_id
            The bed of the failure; empty without one, then it is only logged.
        what
            The discarded message or step, in words without any of its values.
        """
        kind = (bed_id, what, type(error).__name__)
        if kind not in self._times and len(self._times) >= _KINDS_AT_MOST:
            kind = _OTHER
        self._times[kind] += 1
        times = self._times[kind]
        self.total += 1
        self.newest = f"{bed_id or 'gateway'}: {what} set aside: {type(error).__name__}"
        if str(times).rstrip("0") != "1":
            return []
        _LOG.error("%s (%d times)", self.newest, times, exc_info=error)
        if not bed_id:
            return []
        return [BedEvent(bed_id, bed_id, EvaluationFailed(what, type(error).__name__, times), at)]
