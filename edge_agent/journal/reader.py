"""Reading of another run's journal, without changing it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.ownership import Owner, owner_of
from edge_agent.journal.store import as_entries
from edge_agent.model.errors import JournalError, JournalRefusedError


def read_journal(path: Path, lane: Lane) -> Iterator[Entry]:
    """Yield the entries of a lane in order.

    Raises
    ------
    JournalError
        If there is no journal, or it cannot be read.
    """
    try:
        owner = owner_of(path)
    except (JournalRefusedError, OSError) as error:
        raise JournalError(f"{path} cannot be read as a journal: {error}") from error
    if owner is not Owner.OURS:
        raise JournalError(f"{path} cannot be read as a journal: it is {owner.value}")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            file.text_factory = lambda text: text.decode("utf-8", "replace")
            rows = file.execute(
                "SELECT seq, lane, bed_id, at_ns, body FROM entry WHERE lane = ? ORDER BY seq",
                (lane,),
            )
            yield from as_entries(lane, rows)
    except sqlite3.Error as error:
        raise JournalError(f"{path} cannot be read as a journal: {error}") from error
