"""Judgement of a journal and its trail of which one bit was flipped."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.trail import AuditLog
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import trail_path
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import JournalError
from tests.support.power_words import ORIGIN, RETAIN_S, SINKS, body_of, lane_of, name_in
from tests.support.trails import lines_of

if TYPE_CHECKING:
    from pathlib import Path

_MANY: Final = 1_000_000
_TRIES: Final = 3
"""A read that finds damage fails; the one after it reads the new file."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A journal that was opened and used."""

    names: frozenset[str]
    """Entries that are as they were appended."""
    report: str
    """Damage that the journal reports; empty where it reports none."""
    hidden: frozenset[str]
    """Entries that are in its table, and that no index names any longer."""


def opened(folder: Path) -> Opened:
    """Open a journal, read all of it, append to it, and read it again."""
    path = folder / "journal.db"
    journal = Journal(JournalSettings(path, SINKS, RETAIN_S))
    journal.start()
    try:
        entries = _entries(journal)
        journal.append(lane_of("n-after"), "bed-0", 1, body_of("n-after"))
        journal.flush()
        entries += _entries(journal)
        health = journal.health()
    finally:
        journal.stop()
    names = frozenset(name for entry in entries if (name := _sound_name(entry.body)))
    aside = ", ".join(aside.name for aside in health.set_aside)
    return Opened(names, health.damage or aside or health.fault, _in_table(path) - names)


def trail_report(folder: Path) -> str:
    """Start the trail's writer and stop it; return the damage that it or the check reports."""
    journal = folder / "journal.db"
    audit = AuditLog(journal, ORIGIN, read_system_clock, lambda _: None)
    audit.start()
    audit.wait_until_idle(0.2)
    fault = audit.health().fault
    assert audit.is_alive()
    audit.stop()
    report = check_trail(lines_of(trail_path(journal)), [])
    return "; ".join((*report.faults, *report.notes, *([fault] if fault else [])))


def _entries(journal: Journal) -> list[JournalEntry]:
    found: list[JournalEntry] = []
    for lane in Lane:
        for _ in range(_TRIES):
            try:
                found += journal.read(lane, 0, _MANY)
            except JournalError:
                continue
            break
    return found


def _in_table(path: Path) -> frozenset[str]:
    """Return the entries in the table, whatever its indexes say; none where it cannot be read."""
    try:
        with closing(sqlite3.connect(path)) as file:
            rows = file.execute("SELECT body FROM entry NOT INDEXED").fetchall()
    except sqlite3.Error:
        return frozenset()
    return frozenset(_sound_name(_inflated(body)) for (body,) in rows)


def _sound_name(body: bytes) -> str:
    name = name_in(body)
    return name if name and body == body_of(name) else ""


def _inflated(body: object) -> bytes:
    if not isinstance(body, bytes):
        return b""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return body
