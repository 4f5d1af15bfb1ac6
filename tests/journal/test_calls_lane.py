"""Calls in the journal: the newest of each bed is kept for ever, whatever became of the file."""

from __future__ import annotations

import lzma
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.aside import OTHERS, AsidePolicy, AsideSchedule
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.schema import WrongTablesError
from edge_agent.journal.settings import JournalSettings
from tests.support.gateways import opened

OLDER = Path(__file__).parents[1] / "gateway" / "older_journal" / "journal.db.xz"
FIRST, SECOND, OTHER = (
    b'{"event":"call","bed_id":"bed","n":1}',
    b'{"event":"call","bed_id":"bed","n":2}',
    b'{"event":"call","bed_id":"other","n":1}',
)
RECEIPT = b'{"event":"receipt","bed_id":"bed"}'


def bodies(found: list[JournalEntry]) -> list[bytes]:
    return [entry.body for entry in found]


def entries() -> list[JournalEntry]:
    written = ((FIRST, "bed"), (OTHER, "other"), (SECOND, "bed"), (RECEIPT, "bed"), (b"{", "bed"))
    return [JournalEntry(0, Lane.CALLS, bed, 1, body) for body, bed in written]


def recorder(folder: Path, retain_s: float = 1e9) -> Recorder:
    made = Recorder(JournalSettings(folder / "journal.db", (), retain_s))
    made.open()
    return made


def test_the_newest_call_of_each_bed_is_found(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.db") as journal:
        for entry in entries():
            journal.append(entry.lane, entry.bed_id, entry.at_ns, entry.body, urgent=True)
        journal.flush()
        assert bodies(journal.latest_calls()) == [OTHER, SECOND]
        assert bodies(journal.read(Lane.CALLS, 0, 9)) == [entry.body for entry in entries()]
        assert journal.health().damaged_rows == 0
    with opened(tmp_path / "journal.db") as journal:
        assert bodies(journal.latest_calls()) == [OTHER, SECOND]
        assert journal.health().damaged_rows == 0


def test_the_newest_call_of_a_bed_outlives_its_age(tmp_path: Path) -> None:
    made = recorder(tmp_path, retain_s=100)
    for entry in entries():
        made.add(entry, 1.0, is_urgent=False)
    made.commit(1.0)
    made.run_due(2.0)
    made.add(JournalEntry(0, Lane.EVENTS, "bed", 1, b"{}"), 500.0, is_urgent=True)
    made.commit(500.0)
    made.run_due(520.0)
    made.run_due(900.0)
    assert bodies(made.store.read(Lane.CALLS, 0, 9)) == [OTHER, SECOND]
    made.close()


def test_a_damaged_file_gives_the_newest_calls(tmp_path: Path) -> None:
    made = recorder(tmp_path)
    for entry in entries():
        made.add(entry, 1.0, is_urgent=True)
    made.commit(1.0)
    made.note_error(WrongTablesError("damaged"))
    assert len(made.health.set_aside) == 1
    assert bodies(made.store.latest_calls()) == [OTHER, SECOND]
    made.close()


def test_a_journal_from_before_there_were_calls_takes_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(lzma.decompress(OLDER.read_bytes()))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)
        alerts = file.execute("SELECT count(*) FROM latest_alert").fetchone()[0]
        entries_before = file.execute("SELECT count(*) FROM entry").fetchone()[0]
    with opened(path) as journal:
        assert journal.latest_calls() == []
        journal.append(Lane.CALLS, "bed", 1, FIRST, urgent=True)
        journal.flush()
        assert bodies(journal.latest_calls()) == [FIRST]
        assert len(journal.latest_alerts()) == alerts > 0
        assert journal.health().set_aside == ()
        assert journal.health().damaged_rows == 0
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (3,)
        assert file.execute("SELECT count(*) FROM entry").fetchone()[0] == entries_before + 1


@pytest.mark.parametrize("lane", OTHERS)
def test_refused_calls_are_offered_again_like_all_but_alerts(lane: Lane) -> None:
    schedule = AsideSchedule(AsidePolicy(), 0.0)
    schedule.note(lane, "refused", 0.0)
    assert schedule.next_offer(tuple(Lane), 3599.0) is None
    assert schedule.next_offer(tuple(Lane), 3600.0) == (lane, 0)
    assert {*OTHERS, Lane.ALERTS} == set(Lane)
