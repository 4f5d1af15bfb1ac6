"""The statements over the journal's file; used by its one thread only."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.marks import Mark
from edge_agent.journal.schema import open_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_COMPRESSION_LEVEL: Final = 1
"""Readings shrink to about a tenth at the fastest level, which spares the flash card."""
_COLUMNS: Final = "seq, lane, bed_id, at_ns, body"
Row = tuple[int, str, str, int, bytes]


class Store:
    """The open file of the journal."""

    def __init__(self, path: Path, first_seq: int) -> None:
        self._connection = open_file(path, first_seq)

    def close(self) -> None:
        """Close the file; its write-ahead log is folded in."""
        self._connection.close()

    def commit(self, entries: Sequence[Entry], marks: Sequence[Mark]) -> None:
        """Write entries and marks in one durable transaction."""
        rows = [(e.lane, e.bed_id, e.at_ns, _packed(e)) for e in entries]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO entry (lane, bed_id, at_ns, body) VALUES (?, ?, ?, ?)", rows
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)",
                [(m.sink, m.queue, m.seq, m.until_seq) for m in marks],
            )

    def marks(self) -> list[Mark]:
        """Return the stored marks of all sinks."""
        rows = self._connection.execute("SELECT sink, queue, seq, until_seq FROM mark")
        return [Mark(*row) for row in rows]

    def newest(self) -> tuple[int, int]:
        """Return the highest seq ever given and the highest time held, 0 where there is none."""
        (seq,) = self._connection.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
        times = self._connection.execute(
            "SELECT max(at_ns) FROM entry WHERE lane = 'alerts' UNION ALL"
            " SELECT max(at_ns) FROM entry WHERE lane = 'events' UNION ALL"
            " SELECT max(at_ns) FROM entry WHERE lane = 'readings'"
        )
        return seq, max(at_ns or 0 for (at_ns,) in times)

    def read(
        self, lane: Lane, after_seq: int, limit: int, until_seq: int | None = None
    ) -> list[Entry]:
        """Return the entries of a lane after `after_seq`, in order."""
        return _listed(
            self._connection.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE lane = ? AND seq > ?"
                " AND seq <= ifnull(?, 9223372036854775807) ORDER BY seq LIMIT ?",
                (lane, after_seq, until_seq, limit),
            )
        )

    def waiting(self, lane: Lane, after_seq: int, at_most: int) -> int:
        """Return how many entries of a lane follow `after_seq`, counted up to `at_most`."""
        rows = self._connection.execute(
            "SELECT count(*) FROM"
            " (SELECT 1 FROM entry WHERE lane = ? AND seq > ? ORDER BY seq LIMIT ?)",
            (lane, after_seq, at_most),
        )
        return int(rows.fetchone()[0])

    def read_since(self, lane: Lane, at_ns: int, bed_id: str | None) -> list[Entry]:
        """Return the entries of a lane from `at_ns` on, of one bed or all, in order."""
        return _listed(
            self._connection.execute(
                f"SELECT {_COLUMNS} FROM entry WHERE lane = ? AND at_ns >= ?"
                " AND bed_id = ifnull(?, bed_id) ORDER BY seq",
                (lane, at_ns, bed_id),
            )
        )

    def latest_alerts(self) -> list[Entry]:
        """Return the newest transition of every rule on every bed, in order."""
        return _listed(
            self._connection.execute(
                f"SELECT {_COLUMNS} FROM entry"
                " WHERE seq IN (SELECT seq FROM latest_alert) ORDER BY seq"
            )
        )

    def kept(self) -> list[Entry]:
        """Return what was entered of patients, in order; it is never pruned."""
        return _listed(
            self._connection.execute(
                f"SELECT {_COLUMNS} FROM entry"
                " WHERE seq IN (SELECT seq FROM kept_entry) ORDER BY seq"
            )
        )

    def quarantine(self, sink: str, entry: Entry, reason: str) -> None:
        """Keep an entry that `sink` will never take."""
        self._connection.execute(
            "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sink, entry.seq, entry.lane, entry.bed_id, entry.at_ns, entry.body, reason),
        )

    def quarantined(self, sink: str) -> list[Entry]:
        """Return what `sink` refused for good, in order."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM quarantine WHERE sink = ? ORDER BY seq", (sink,)
        )
        return [Entry(seq, Lane(lane), bed, at_ns, body) for seq, lane, bed, at_ns, body in rows]

    def meta(self, name: str) -> str | None:
        """Return a remembered text; None where there is none."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, name: str, value: str) -> None:
        """Remember a text."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def snapshots(self) -> dict[str, bytes]:
        """Return what was kept of each bed over a restart; empty bytes where it is damaged."""
        rows = self._connection.execute("SELECT bed_id, body FROM bed_snapshot")
        return {bed_id: _inflated(body) for bed_id, body in rows}

    def keep_snapshot(self, bed_id: str, body: bytes) -> None:
        """Keep what is known of a bed over a restart, in place of what was."""
        packed = zlib.compress(body, _COMPRESSION_LEVEL)
        self._connection.execute(
            "INSERT OR REPLACE INTO bed_snapshot VALUES (?, ?)", (bed_id, packed)
        )

    def prune(self, lane: Lane, until_seq: int, before_ns: int, limit: int) -> int:
        """Delete up to `limit` old entries and return how many went.

        The latest alerts stay, and what was entered of patients.
        """
        return self._connection.execute(
            "DELETE FROM entry WHERE seq IN (SELECT seq FROM entry"
            " WHERE lane = ? AND seq <= ? AND at_ns < ?"
            " AND seq NOT IN (SELECT seq FROM latest_alert)"
            " AND seq NOT IN (SELECT seq FROM kept_entry) ORDER BY seq LIMIT ?)",
            (lane, until_seq, before_ns, limit),
        ).rowcount

    def give_back(self, pages: int) -> None:
        """Return up to `pages` free pages to the file system."""
        self._connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()


def _packed(entry: Entry) -> bytes:
    if entry.lane is Lane.READINGS:
        return zlib.compress(entry.body, _COMPRESSION_LEVEL)
    return entry.body


def _unpacked(lane: Lane, body: bytes) -> bytes:
    # The file keeps no checksum of a body: a sink will refuse and quarantine an empty one.
    return _inflated(body) if lane is Lane.READINGS else body


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        return b""


def _listed(rows: Iterable[Row]) -> list[Entry]:
    return list(as_entries(rows))


def as_entries(rows: Iterable[Row]) -> Iterator[Entry]:
    """Yield rows of the journal's file (seq, lane, bed, time, body) as entries."""
    for seq, lane, bed_id, at_ns, body in rows:
        yield Entry(seq, Lane(lane), bed_id, at_ns, _unpacked(Lane(lane), body))
