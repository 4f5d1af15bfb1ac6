"""SQL statements on the journal's file; used by its one thread only."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.log_check import frames_of
from edge_agent.journal.marks import AgeMark, Mark
from edge_agent.journal.quarantine import Quarantine
from edge_agent.journal.schema import open_file

_COMPRESSION_LEVEL: Final = 1
"""Level for readings: the fastest shrinks them to about a tenth and spares the flash card."""
_HIGHEST_SEQ: Final = 2**53
"""Highest seq, up to which consumers that read numbers as floats distinguish entries; at ten
milliseconds of journal per entry it would last three million years."""
_JOURNAL: Final = "journal"
"""Owner of quarantined rows that the journal itself cannot use."""
_BETWEEN: Final = " OR ".join(
    (
        "lane < 'alerts'",
        "lane > 'alerts' AND lane < 'calls'",
        "lane > 'calls' AND lane < 'events'",
        "lane > 'events' AND lane < 'readings'",
        "lane > 'readings'",
    )
)
"""Rows that lie between the lanes; five searches of the index, not one of every entry."""
_STRAYS: Final = f"({_BETWEEN} OR seq > {_HIGHEST_SEQ} OR seq < 0)"
_STRAY_NUMBER: Final = f"typeof(seq) <> 'integer' OR seq > {_HIGHEST_SEQ} OR seq < 0"
_UNLISTED: Final = (
    "SELECT seq FROM entry WHERE lane = 'events' AND json_valid(CAST(body AS TEXT))"
    " AND json_extract(CAST(body AS TEXT), '$.event') = 'context_entered'"
    " AND seq NOT IN (SELECT seq FROM kept_entry)"
)
"""Entries about patients that `kept_entry` lacks."""
_COLUMNS: Final = "seq, lane, bed_id, at_ns, body"
_LOG = logging.getLogger(__name__)
Row = tuple[int, object, object, object, object]
"""Row of the file; where the file is damaged, types differ from those of its tables."""


class Store:
    """The open file of the journal."""

    def __init__(self, path: Path, first_seq: int) -> None:
        log = frames_of(path)
        self._connection, read = open_file(path, first_seq)
        self._log_damage = log.damage(read)
        if log.is_cut(read) and not self._log_damage:
            _LOG.warning("journal %s: its last commit is not whole, as after a loss of power", path)
        self.quarantine = Quarantine(self._connection)

    def mend(self, first_seq: int) -> list[tuple[str, int]]:
        """Set aside what nothing would read; return the damage found, and its number of rows."""
        found = [(self._log_damage, 1)] if self._log_damage else []
        if self.has_strays():
            count = self.set_strays_aside(first_seq)
            found.append((f"lanes or numbers of {count} rows, set aside", max(1, count)))
        if count := self._keep_patient_entries():
            found.append((f"the list of entries about patients lacked {count} of them", count))
        return found

    def _keep_patient_entries(self) -> int:
        """List the entries about patients that are missing in the list; return their number."""
        missing = self._connection.execute(_UNLISTED).fetchall()
        self._connection.executemany("INSERT INTO kept_entry VALUES (?)", missing)
        return len(missing)

    def close(self) -> None:
        """Close the file; SQLite merges its write-ahead log into it."""
        self._connection.close()

    def commit(
        self, entries: Sequence[JournalEntry], marks: Sequence[Mark], texts: Mapping[str, str]
    ) -> None:
        """Write entries, marks and texts in one durable transaction."""
        rows = [(e.lane, e.bed_id, _stored_ns(e.at_ns), _packed(e)) for e in entries]
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO entry (lane, bed_id, at_ns, body) VALUES (?, ?, ?, ?)", rows
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO mark VALUES (?, ?, ?, ?)",
                [(m.sink, m.queue, m.seq, m.until_seq) for m in marks],
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", list(texts.items())
            )

    def marks(self) -> list[Mark]:
        """Return the stored marks of all sinks."""
        rows = self._connection.execute("SELECT sink, queue, seq, until_seq FROM mark")
        return [
            Mark(sink, queue, _whole(seq), None if until_seq is None else _whole(until_seq))
            for sink, queue, seq, until_seq in rows
        ]

    def newest_seq(self) -> int:
        """Return the highest seq ever given."""
        (seq,) = self._connection.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()
        return int(seq)

    def set_strays_aside(self, first_seq: int) -> int:
        """Move entries that nothing would ever read to the quarantine; return their number.

        Such an entry belongs to no lane, or its seq is one that no journal reaches; the seqs of
        later
        entries would continue from there until no number is left.
        """
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            count = self._connection.execute(
                "INSERT OR REPLACE INTO quarantine SELECT ?, seq, lane, bed_id, at_ns, body, ?"
                f" FROM entry WHERE {_STRAYS}",
                (_JOURNAL, "the journal's row is damaged"),
            ).rowcount
            self._connection.execute(f"DELETE FROM entry WHERE {_STRAYS}")
            self._connection.execute(
                "UPDATE sqlite_sequence SET seq ="
                f" max(?, (SELECT ifnull(max(seq), 0) FROM entry)) WHERE {_STRAY_NUMBER}",
                (first_seq,),
            )
        return count

    def has_strays(self) -> bool:
        """Return True where `set_strays_aside` has something to do."""
        (is_any,) = self._connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM entry WHERE {_STRAYS}) OR EXISTS"
            f" (SELECT 1 FROM sqlite_sequence WHERE {_STRAY_NUMBER})"
        ).fetchone()
        return bool(is_any)

    def read(
        self, lane: Lane, after_seq: int, limit: int, until_seq: int | None = None
    ) -> list[JournalEntry]:
        """Return the entries of a lane after `after_seq`, in order."""
        until = "seq > ? AND seq <= ifnull(?, 9223372036854775807)"
        return self._entries(lane, until, (after_seq, until_seq), f"ORDER BY seq LIMIT {limit}")

    def waiting(
        self, lane: Lane, after_seq: int, at_most: int, until_seq: int | None = None
    ) -> int:
        """Return the number of entries of a lane after `after_seq`, counted up to `at_most`."""
        rows = self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM entry WHERE lane = ? AND seq > ?"
            " AND seq <= ifnull(?, 9223372036854775807) ORDER BY seq LIMIT ?)",
            (lane, after_seq, until_seq, at_most),
        )
        return int(rows.fetchone()[0])

    def newest_of(self, lane: Lane) -> JournalEntry | None:
        """Return the newest entry of a lane; None where the lane is empty."""
        return next(iter(self._entries(lane, "TRUE", (), "ORDER BY seq DESC LIMIT 1")), None)

    def read_since(self, lane: Lane, at_ns: int, bed_id: str | None) -> list[JournalEntry]:
        """Return the entries of a lane from `at_ns` on, of one bed or all, in order."""
        since = "at_ns >= ? AND bed_id = ifnull(?, bed_id)"
        return self._entries(lane, since, (_stored_ns(at_ns), bed_id))

    def latest_alerts(self) -> list[JournalEntry]:
        """Return the newest transition of every rule on every bed, in order."""
        return self._entries(Lane.ALERTS, "seq IN (SELECT seq FROM latest_alert)")

    def latest_calls(self) -> list[JournalEntry]:
        """Return the newest change of every bed's newest call, in order."""
        return self._entries(Lane.CALLS, "seq IN (SELECT seq FROM latest_call)")

    def patient_entries(self) -> list[JournalEntry]:
        """Return the entries about patients, in order; they are never pruned."""
        return self._entries(Lane.EVENTS, "seq IN (SELECT seq FROM kept_entry)")

    def _entries(
        self, lane: Lane, where: str, values: tuple[object, ...] = (), order: str = "ORDER BY seq"
    ) -> list[JournalEntry]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM entry WHERE lane = ? AND {where} {order}", (lane, *values)
        )
        return list(as_entries(lane, rows))

    def meta(self, name: str) -> str | None:
        """Return a stored text; None where there is none."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def forget_meta(self, name: str) -> None:
        """Delete a stored text."""
        self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))

    def snapshots(self) -> dict[str, bytes]:
        """Return the snapshot of each bed; empty bytes where it is damaged."""
        rows = self._connection.execute("SELECT bed_id, body FROM bed_snapshot")
        return {bed_id: _inflated(body) for bed_id, body in rows}

    def write_snapshot(self, bed_id: str, body: bytes) -> None:
        """Store the snapshot of a bed, replacing the one before."""
        packed = zlib.compress(body, _COMPRESSION_LEVEL)
        self._connection.execute(
            "INSERT OR REPLACE INTO bed_snapshot VALUES (?, ?)", (bed_id, packed)
        )

    def prune(self, lane: Lane, until_seq: int, limit: int) -> int:
        """Delete up to `limit` entries up to `until_seq` and return the number deleted.

        The latest alerts and calls, and the entries about patients, stay.
        """
        return self._connection.execute(
            "DELETE FROM entry WHERE seq IN (SELECT seq FROM entry"
            " WHERE lane = ? AND seq <= ?"
            " AND seq NOT IN (SELECT seq FROM latest_alert)"
            " AND seq NOT IN (SELECT seq FROM latest_call)"
            " AND seq NOT IN (SELECT seq FROM kept_entry) ORDER BY seq LIMIT ?)",
            (lane, until_seq, limit),
        ).rowcount

    def age_marks(self) -> list[AgeMark]:
        """Return the age marks, oldest first."""
        rows = self._connection.execute(
            "SELECT seq, passed_s, boot, monotonic_s FROM age ORDER BY seq"
        )
        return [
            AgeMark(_whole(seq), _whole(passed_s), str(boot), _whole(monotonic_s))
            for seq, passed_s, boot, monotonic_s in rows
        ]

    def write_age_mark(self, mark: AgeMark) -> None:
        """Store an age mark."""
        self._connection.execute(
            "INSERT OR REPLACE INTO age VALUES (?, ?, ?, ?)",
            (mark.seq, mark.passed_s, mark.boot, mark.monotonic_s),
        )

    def drop_age_marks(self, below_seq: int) -> None:
        """Delete the marks before `below_seq`."""
        self._connection.execute("DELETE FROM age WHERE seq < ?", (below_seq,))

    def free_pages(self, pages: int) -> None:
        """Return up to `pages` free pages to the file system."""
        self._connection.execute(f"PRAGMA incremental_vacuum({pages})").fetchall()


def _packed(entry: JournalEntry) -> bytes:
    if entry.lane is Lane.READINGS:
        return zlib.compress(entry.body, _COMPRESSION_LEVEL)
    return entry.body


def _inflated(body: object) -> bytes:
    try:
        return zlib.decompress(body) if isinstance(body, bytes) else b""
    except zlib.error:
        return b""


def _stored_ns(at_ns: int) -> int:
    """Return the time, limited to the range that the file can hold (it ends in the year 2262)."""
    return min(max(at_ns, -(2**63)), 2**63 - 1)


def as_entries(lane: Lane, rows: Iterable[Row]) -> Iterator[JournalEntry]:
    """Yield rows of the journal's file (seq, lane, bed, time, body) as entries of a lane.

    The file has no checksum of a row. A damaged row has an empty body, which nothing can decode:
    a reader notices, and a sink refuses it and continues.
    """
    for seq, _, bed_id, at_ns, body in rows:
        whole = body if isinstance(body, bytes) else b""
        if lane is Lane.READINGS:
            whole = _inflated(whole)
        yield JournalEntry(seq, lane, str(bed_id), _whole(at_ns), whole)


def _whole(number: object) -> int:
    """Return an integer as it is; -1 where the file holds another type."""
    return number if isinstance(number, int) else -1
