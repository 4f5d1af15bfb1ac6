"""Taking up, at the start, where an earlier run ended."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from edge_agent.gateway.journal_memory import Memory, despite_damage, known_alerts
from edge_agent.gateway.outcomes import Outcomes
from edge_agent.gateway.pipeline_thread import FEED_AXIS
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Clock
from edge_agent.model.errors import JournalError
from edge_agent.model.measurements import Readings
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline

_READ_BACK_S: Final = 3600.0
"""Longest part of the journal, in seconds, read at start for a bed whose course cannot continue:
alerts wait meanwhile, and longer windows start empty."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scope:
    """Part of the journal that a run reads back."""

    places: tuple[DevicePlace, ...]
    span_s: float
    """Longest time over which a rule looks back, seconds."""
    maker: str
    """Program version, and hash of settings and rules of this run."""


class Recall:
    """Gives the pipeline and the sinks the memory of earlier runs.

    A feed starts with no memory, because the journal may hold later entries.
    """

    def __init__(
        self, journal: Journal, clock: Clock, pipeline: Pipeline, outcomes: Outcomes, scope: Scope
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._pipeline = pipeline
        self._outcomes = outcomes
        self._scope = scope
        self.first_seq = 0
        """Number of the newest entry before this run."""
        self.messages = 0
        """Messages read back so far; it grows while restoring proceeds."""
        self.fault = ""
        """Reason why the memory was not read; empty where it was."""

    def known_alerts(self) -> list[Alert] | None:
        """Return the newest state of every alert, None where the journal cannot be read."""
        try:
            self.first_seq = self._journal.newest_seq()
            if self._clock.axis == FEED_AXIS:
                return []
            return despite_damage(lambda: known_alerts(self._journal))
        except JournalError as error:
            _LOG.error("%s; the alerts of before the start are not known", error)
            return None

    def restored(self) -> list[Outcome]:
        """Return the outcomes of restoring from the journal; on the pipeline's thread."""
        if self._clock.axis == FEED_AXIS:
            return []
        try:
            memory = despite_damage(lambda: Memory(self._journal, self._clock, self._scope.maker))
            known = despite_damage(lambda: memory.remembered(self._scope.places))
            self._outcomes.memory = memory
            self._pipeline.restore_entries(known.entries, self._clock.now())
            self._pipeline.restore_monitors(known.monitors)
            span_s = min(self._scope.span_s, _READ_BACK_S)
            readings = memory.readings(self._pipeline.bed_ids, span_s, known.snapshots)
            return self._pipeline.restore(self._counted(readings), known.alerts, known.snapshots)
        except JournalError as error:
            _LOG.error(
                "%s; memory of before the start is not read: restart once the disk answers", error
            )
            self.fault = str(error)
            return []

    def _counted(self, readings: Iterable[Readings]) -> Iterator[Readings]:
        for message in readings:
            self.messages += 1
            yield message
