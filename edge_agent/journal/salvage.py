"""Entries that a new run needs most from a damaged journal: patients', newest alerts and calls."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_agent.journal.entries import JournalEntry, Lane

_WANTED: Final = {
    Lane.EVENTS: "SELECT seq FROM kept_entry ORDER BY seq",
    Lane.ALERTS: "SELECT seq FROM latest_alert ORDER BY seq",
    Lane.CALLS: "SELECT seq FROM latest_call ORDER BY seq",
}


def salvaged(path: Path) -> list[JournalEntry]:
    """Return the entries of a damaged file that are never deleted, as far as they can be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            file.text_factory = lambda text: text.decode("utf-8", "replace")
            return [
                JournalEntry(0, lane, bed_id, at_ns, body)
                for lane, query in _WANTED.items()
                for bed_id, at_ns, body in _rows(file, lane, query)
            ]
    except (sqlite3.Error, UnicodeDecodeError):
        return []


def _rows(file: sqlite3.Connection, lane: Lane, query: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield bed, time and body of the rows that a query names, each read separately."""
    for seq in _seqs(file, query):
        try:
            row = file.execute(
                "SELECT bed_id, at_ns, body FROM entry WHERE seq = ? AND lane = ?", (seq, lane)
            ).fetchone()
        except (sqlite3.Error, UnicodeDecodeError):
            continue
        if row is not None and isinstance(row[1], int) and isinstance(row[2], bytes):
            yield row


def _seqs(file: sqlite3.Connection, query: str) -> list[int]:
    try:
        return [seq for (seq,) in file.execute(query)]
    except (sqlite3.Error, UnicodeDecodeError):
        return []
