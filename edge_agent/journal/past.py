"""The journal's past for people who look back: entries of a bed or of a span of time.

Every call opens the file for reading alone and reads a limited number of rows, so that no reader
holds the journal's writer up for long.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from edge_agent.journal.entries import Lane
from edge_agent.journal.store import as_entries
from edge_agent.model.errors import JournalError

_BUSY_S: Final = 0.5
_ROW: Final = "SELECT seq, lane, bed_id, at_ns, body"


class JournalPast:
    """Reads one journal's file, which another thread or process writes; may be used by any thread.

    Raises
    ------
    JournalError
        By every method, if the file cannot be read now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def span(self, lane: Lane, from_ns: int, to_ns: int, bed_id: str = "") -> list[bytes]:
        """Return the bodies of a lane that became known in a span of time, oldest first.

        Parameters
        ----------
        to_ns
            End of the span, which is not in it.
        bed_id
            The bed; empty for all.
        """
        where = "lane = ? AND at_ns >= ? AND at_ns < ?"
        values: tuple[object, ...] = (lane, from_ns, to_ns)
        if bed_id:
            where, values = f"{where} AND bed_id = ?", (*values, bed_id)
        query = f"{_ROW} FROM entry WHERE {where} ORDER BY at_ns"
        return self._bodies(lane, query, values)

    def oldest_ns(self, lane: Lane) -> int | None:
        """Return when the oldest entry of a lane became known; None without any."""
        with self._opened() as file:
            query = "SELECT min(at_ns) FROM entry WHERE lane = ?"
            (found,) = file.execute(query, (lane,)).fetchone()
        return None if found is None else int(found)

    def newest(self, lane: Lane, bed_id: str, most: int) -> list[bytes]:
        """Return the newest bodies of a lane and a bed, oldest first."""
        query = f"{_ROW} FROM entry WHERE lane = ? AND bed_id = ? ORDER BY seq DESC LIMIT ?"
        return self._bodies(lane, query, (lane, bed_id, most))[::-1]

    def entered(self, bed_id: str = "") -> list[bytes]:
        """Return what people entered about patients, at one bed or at all, oldest first."""
        query = f"{_ROW} FROM kept_entry JOIN entry USING (seq)"
        if bed_id:
            return self._bodies(Lane.EVENTS, f"{query} WHERE bed_id = ? ORDER BY seq", (bed_id,))
        return self._bodies(Lane.EVENTS, f"{query} ORDER BY seq", ())

    def _bodies(self, lane: Lane, query: str, values: tuple[object, ...]) -> list[bytes]:
        with self._opened() as file:
            return [entry.body for entry in as_entries(lane, file.execute(query, values))]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_S)) as file:
                yield file
        except sqlite3.Error as error:
            raise JournalError(f"{self._path} cannot be read: {error}") from error
