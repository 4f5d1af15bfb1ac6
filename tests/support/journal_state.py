"""The state of a journal that only tests look at: marks, and entries set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.journal.entries import Lane

if TYPE_CHECKING:
    from edge_agent.journal.entries import JournalEntry
    from edge_agent.journal.marks import Mark
    from edge_agent.journal.store import Store
    from edge_agent.journal.writer import Journal

_WAIT_S = 20.0


def mark(journal: Journal, sink: str, queue: str) -> Mark:
    """Return how far a sink has come in a lane or its backlog."""
    return journal.submit(lambda r: r.marks.get(sink, queue)).result(_WAIT_S)


def cursor(journal: Journal, sink: str, lane: Lane) -> int:
    """Return the newest seq of a lane that a sink has accepted."""
    return mark(journal, sink, lane).seq


def set_aside(store: Store, sink: str) -> list[JournalEntry]:
    """Return the entries that a sink refused, in order."""
    found = [entry for lane in Lane for entry in store.quarantine.read(sink, lane, 0, 1000)]
    return sorted(found, key=lambda entry: entry.seq)


def quarantined(journal: Journal, sink: str) -> list[JournalEntry]:
    """Return the entries that a sink refused, in order."""
    return journal.submit(lambda r: set_aside(r.store, sink)).result(_WAIT_S)
