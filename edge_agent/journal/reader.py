"""Another run's journal: its entries, those set aside, and the request to offer those again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_agent.journal.aside import retry_key
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.ownership import Owner, owner_of
from edge_agent.journal.store import as_entries
from edge_agent.model.errors import JournalError, JournalRefusedError


@dataclass(frozen=True, slots=True)
class AsideGroup:
    """Entries of one lane and bed that one sink refused."""

    sink: str
    lane: str
    bed_id: str
    count: int
    first_ns: int
    """Time at which the oldest became known, UTC, nanoseconds."""
    last_ns: int
    reason: str
    """Reason of the newest refusal."""


def read_journal(path: Path, lane: Lane) -> Iterator[JournalEntry]:
    """Yield the entries of a lane in order.

    Raises
    ------
    JournalError
        If there is no journal, or it cannot be read.
    """
    with _opened(path) as file:
        rows = file.execute(
            "SELECT seq, lane, bed_id, at_ns, body FROM entry WHERE lane = ? ORDER BY seq", (lane,)
        )
        yield from as_entries(lane, rows)


def read_aside(path: Path) -> list[AsideGroup]:
    """Return the entries set aside, by sink, lane and bed.

    Raises
    ------
    JournalError
        If there is no journal, or it cannot be read.
    """
    with _opened(path) as file:
        rows = file.execute(
            "SELECT a.sink, a.lane, a.bed_id, a.count, a.first_ns, a.last_ns, newest.reason"
            " FROM (SELECT sink, lane, bed_id, count(*) AS count, min(at_ns) AS first_ns,"
            " max(at_ns) AS last_ns, max(rowid) AS newest FROM quarantine"
            " GROUP BY sink, lane, bed_id) AS a JOIN quarantine AS newest"
            " ON newest.rowid = a.newest ORDER BY a.sink, a.lane, a.bed_id"
        )
        return [AsideGroup(*row) for row in rows]


def wish_retry(path: Path, sinks: Sequence[str]) -> None:
    """Ask the agent of this journal to offer again the entries set aside for these sinks.

    A running agent does so within seconds, any other at its next start.

    Raises
    ------
    JournalError
        If there is no journal, or it cannot be written.
    """
    with _opened(path, "rw") as file, file:
        file.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, 'wished')",
            [(retry_key(sink),) for sink in sinks],
        )


@contextmanager
def _opened(path: Path, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    """Open the file if it is a journal; `mode`: ro to read, rw to write."""
    failed = f"{path} cannot be {'read' if mode == 'ro' else 'written'} as a journal"
    try:
        owner = owner_of(path)
        if owner is not Owner.OURS:
            raise JournalError(f"{failed}: it is {owner.value}")
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)) as file:
            file.text_factory = lambda text: text.decode("utf-8", "replace")
            yield file
    except (JournalRefusedError, OSError, sqlite3.Error) as error:
        raise JournalError(f"{failed}: {error}") from error
