"""A sink whose programming mistakes do not end its delivery thread."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.journal.delivery_log import DeliveryLog
from edge_agent.journal.entries import JournalEntry, Sink
from edge_agent.model.errors import DeliveryError, PartialDeliveryError


class GuardedSink:
    """A sink whose programming mistakes cost only the entries it was given."""

    def __init__(self, sink: Sink, log: DeliveryLog) -> None:
        self._sink = sink
        self._log = log

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Deliver; a programming mistake counts as a link that broke under the entries."""
        try:
            return self._sink.deliver(entries)
        except DeliveryError:
            raise
        except Exception as error:
            self._log.note_mistake(error)
            raise PartialDeliveryError(
                f"{type(error).__name__}: {error}",
                retryable=True,
                unanswered=frozenset(range(len(entries))),
            ) from error
