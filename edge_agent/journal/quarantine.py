"""Entries in the journal's file that a sink refused, set aside for a later offer."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

from edge_agent.journal.entries import JournalEntry, Lane

_LANES: Final = ("lane = 'alerts'", "lane <> 'alerts'")


class Quarantine:
    """The table of refused entries in an open file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, sink: str, entry: JournalEntry, reason: str) -> None:
        """Store an entry that `sink` refused."""
        self._connection.execute(
            "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sink, entry.seq, entry.lane, entry.bed_id, entry.at_ns, entry.body, reason),
        )

    def read(self, sink: str, lane: Lane, after_seq: int, limit: int) -> list[JournalEntry]:
        """Return a lane's entries set aside for `sink` after `after_seq`, in order."""
        rows = self._connection.execute(
            "SELECT seq, lane, bed_id, at_ns, body FROM quarantine"
            " WHERE sink = ? AND lane = ? AND seq > ? ORDER BY seq LIMIT ?",
            (sink, lane, after_seq, limit),
        )
        return [JournalEntry(seq, lane, bed, at_ns, body) for seq, _, bed, at_ns, body in rows]

    def count(self, sink: str) -> tuple[dict[Lane, int], str]:
        """Return the number of entries set aside for `sink` by lane, and the newest reason."""
        rows = self._connection.execute(
            "SELECT lane, count(*) FROM quarantine WHERE sink = ? GROUP BY lane", (sink,)
        )
        counts = {Lane(lane): int(count) for lane, count in rows if lane in set(Lane)}
        newest = self._connection.execute(
            "SELECT reason FROM quarantine WHERE sink = ? ORDER BY rowid DESC LIMIT 1", (sink,)
        ).fetchone()
        return counts, "" if newest is None else str(newest[0])

    def trim(self, rows_at_most: int, bytes_at_most: int) -> int:
        """Delete the oldest entries set aside beyond a number or a size; return their number.

        Alerts are counted separately, so that no flood of readings costs an alert.
        """
        return sum(self._trim(lanes, rows_at_most, bytes_at_most) for lanes in _LANES)

    def _trim(self, lanes: str, rows_at_most: int, bytes_at_most: int) -> int:
        rows, size_bytes = self._connection.execute(
            f"SELECT count(*), total(length(body)) FROM quarantine WHERE {lanes}"
        ).fetchone()
        if rows <= rows_at_most and size_bytes <= bytes_at_most:
            return 0
        return self._connection.execute(
            "DELETE FROM quarantine WHERE rowid IN (SELECT rowid FROM (SELECT rowid,"
            " row_number() OVER newest AS position, total(length(body)) OVER newest AS size_bytes"
            f" FROM quarantine WHERE {lanes} WINDOW newest AS (ORDER BY seq DESC, rowid DESC))"
            " WHERE position > ? OR size_bytes > ?)",
            (rows_at_most, bytes_at_most),
        ).rowcount

    def release(self, sink: str, entries: Sequence[JournalEntry]) -> None:
        """Delete entries that were set aside: `sink` has now accepted them."""
        self._connection.executemany(
            "DELETE FROM quarantine WHERE sink = ? AND seq = ?", [(sink, e.seq) for e in entries]
        )
