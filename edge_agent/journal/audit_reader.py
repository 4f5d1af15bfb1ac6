"""The newest alerts and calls in a journal's file, read beside the agent that writes it.

The file is opened by SQLite alone: closing any other handle on it would take the locks from the
connection that writes it (sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from edge_agent.journal.entries import Lane
from edge_agent.journal.ownership import APPLICATION_ID
from edge_agent.journal.rows import UNREADABLE
from edge_agent.model.alerts import Alert
from edge_agent.model.calls import Call
from edge_agent.model.errors import JournalError
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.calls import decode_call

_BUSY_S: Final = 1.0
"""Longest wait for a writer that holds the file, seconds."""
_LATEST: Final = {Lane.ALERTS: "latest_alert", Lane.CALLS: "latest_call"}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class NewestRecords:
    """The newest alerts and calls in the file; damaged ones are left out."""

    alerts: tuple[Alert, ...]
    """Newest state of every rule on every bed."""
    calls: Mapping[str, Call]
    """Newest call of each bed."""


class AuditReader:
    """Reads a journal's file with a connection of its own each time; decodes each entry once.

    A new connection is used each time because the file may have been set aside meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._alerts: dict[int, Alert | None] = {}
        self._calls: dict[int, Call | None] = {}

    def read(self) -> NewestRecords:
        """Return the newest alerts and calls.

        Raises
        ------
        JournalError
            If the file cannot be read.
        """
        try:
            with closing(self._opened()) as file:
                file.execute("BEGIN")
                self._alerts = _newest(file, Lane.ALERTS, decode_alert, self._alerts)
                self._calls = _newest(file, Lane.CALLS, decode_call, self._calls)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise JournalError(f"journal {self._path} cannot be read: {error}") from error
        return NewestRecords(
            tuple(alert for alert in self._alerts.values() if alert is not None),
            {call.bed_id: call for call in self._calls.values() if call is not None},
        )

    def _opened(self) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode=ro"
        file = sqlite3.connect(uri, uri=True, timeout=_BUSY_S, isolation_level=None)
        try:
            (owner,) = file.execute("PRAGMA application_id").fetchone()
        except sqlite3.Error:
            file.close()
            raise
        if owner != APPLICATION_ID:
            file.close()
            raise JournalError(f"journal {self._path} cannot be read: it is no journal")
        return file


def _newest(
    file: sqlite3.Connection,
    lane: Lane,
    decode: Callable[[bytes], _T],
    known: Mapping[int, _T | None],
) -> dict[int, _T | None]:
    """Return the newest records of a lane by number; None for one that is damaged."""
    rows = file.execute(f"SELECT seq FROM {_LATEST[lane]}").fetchall()
    found: dict[int, _T | None] = {}
    for (seq,) in rows:
        found[seq] = known[seq] if seq in known else _decoded(file, lane, decode, seq)
    return found


def _decoded(
    file: sqlite3.Connection, lane: Lane, decode: Callable[[bytes], _T], seq: int
) -> _T | None:
    row = file.execute("SELECT body FROM entry WHERE seq = ? AND lane = ?", (seq, lane)).fetchone()
    try:
        return decode(row[0]) if row is not None and isinstance(row[0], bytes) else None
    except UNREADABLE:
        return None
