"""Rows and marks that no journal wrote: set aside or begun anew, and in nobody's way."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.journal.marks import BACKLOG
from edge_agent.journal.reader import read_journal
from edge_agent.journal.store import as_entries
from edge_agent.model.errors import JournalError
from tests.journal.test_writer import bodies, running
from tests.support.journal_state import cursor, mark


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "journal.db")) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


def filled(folder: Path) -> list[int]:
    """Fill a journal with three events; return their seqs."""
    with running(folder, "mqtt") as journal:
        for i in range(3):
            journal.append(Lane.EVENTS, "bed", i, b"%d" % i)
        journal.flush()
        return [entry.seq for entry in journal.read(Lane.EVENTS, 0, 10)]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entry SET lane = 'eventt' WHERE body = x'31'",
        "UPDATE entry SET lane = 'a' WHERE body = x'31'",
        "UPDATE entry SET lane = 'alertt' WHERE body = x'31'",
        "UPDATE entry SET lane = 'z' WHERE body = x'31'",
        "UPDATE entry SET seq = 9223372036854775807 WHERE body = x'31'",
        "UPDATE entry SET seq = -5 WHERE body = x'31'",
        "UPDATE entry SET seq = 9007199254740993 WHERE body = x'31'",
    ],
)
def test_a_row_that_nothing_would_read_is_set_aside(tmp_path: Path, damage: str) -> None:
    filled(tmp_path)
    change(tmp_path, damage)
    for rows in (1, 0):
        with running(tmp_path, "mqtt") as journal:
            journal.append(Lane.EVENTS, "bed", 9, b"new")
            journal.flush()
            *old, new = journal.read(Lane.EVENTS, 0, 10)
            assert bodies(old)[:2] == [b"0", b"2"]
            assert new.body == b"new"
            assert 10**12 < new.seq < 2**53
            assert journal.health().damaged_rows == rows
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        (aside,) = file.execute("SELECT body FROM quarantine WHERE sink = 'journal'")
    assert aside == (b"1",)


@pytest.mark.parametrize("seq", [2**63 - 1, 2**53 + 1, -1])
def test_a_count_that_ran_away_begins_anew_above_the_rows(tmp_path: Path, seq: int) -> None:
    seqs = filled(tmp_path)
    change(tmp_path, f"UPDATE sqlite_sequence SET seq = {seq}")
    with running(tmp_path, "mqtt") as journal:
        journal.append(Lane.EVENTS, "bed", 9, b"new")
        journal.flush()
        assert seqs[-1] < journal.read(Lane.EVENTS, seqs[-1], 10)[0].seq < 2**53
        assert journal.health().damaged_rows == 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("'mqtt', 'events', 9223372036854775807, NULL", 0),
        ("'mqtt', 'events', -7, NULL", 0),
        ("'mqtt', 'backlog', 1, 9223372036854775807", 1),
        ("'mqtt', 'backlog', 1, -1", 1),
        ("'mqtt', 'bogus', 1, NULL", 1),
    ],
)
def test_a_mark_that_cannot_be_true_begins_anew(tmp_path: Path, values: str, expected: int) -> None:
    seqs = filled(tmp_path)
    change(
        tmp_path,
        f"INSERT OR REPLACE INTO mark VALUES ('mqtt', 'events', {seqs[1]}, NULL)",
        f"INSERT OR REPLACE INTO mark VALUES ({values})",
    )
    with running(tmp_path, "mqtt") as journal:
        assert cursor(journal, "mqtt", Lane.EVENTS) == (seqs[1] if expected else 0)
        assert mark(journal, "mqtt", BACKLOG).until_seq is None
        assert (journal.health().damaged_rows > 0) == ("bogus" not in values)


def test_texts_that_are_no_utf_8_hold_up_no_other_row(tmp_path: Path) -> None:
    filled(tmp_path)
    change(tmp_path, "UPDATE entry SET bed_id = CAST(x'ff' AS TEXT) WHERE body = x'31'")
    with running(tmp_path, "mqtt") as journal:
        assert [e.bed_id for e in journal.read(Lane.EVENTS, 0, 10)] == ["bed", "\ufffd", "bed"]
    with pytest.raises(JournalError, match="missing or empty"):
        list(read_journal(tmp_path / "none.db", Lane.EVENTS))
    found = [e.bed_id for e in read_journal(tmp_path / "journal.db", Lane.EVENTS)]
    assert found == ["bed", "\ufffd", "bed"]


def test_a_lane_of_another_run_is_read_alone(tmp_path: Path) -> None:
    seqs = filled(tmp_path)
    with running(tmp_path, "mqtt") as journal:
        journal.append(Lane.ALERTS, "bed", 1, b'{"rule_id":"r","alert_id":"a","n":1}')
        assert journal.read_since(Lane.EVENTS, 2**63) == []
    path = tmp_path / "journal.db"
    assert len(list(read_journal(path, Lane.ALERTS))) == 1
    assert [entry.seq for entry in read_journal(path, Lane.EVENTS)] == seqs


def test_a_value_whose_type_has_flipped_spoils_its_row_only() -> None:
    rows = [
        (1, "events", "bed", "late", b"0"),
        (2, "events", "bed", 5, "text"),
        (3, "events", "bed", 6, b"2"),
    ]
    found = [(entry.at_ns, entry.body) for entry in as_entries(Lane.EVENTS, rows)]
    assert found == [(-1, b"0"), (5, b""), (6, b"2")]


def test_ages_that_contradict_one_another_begin_anew(tmp_path: Path) -> None:
    filled(tmp_path)
    change(
        tmp_path,
        "DELETE FROM age",
        "INSERT INTO age VALUES (1, 0, 'b', 10)",
        "INSERT INTO age VALUES (2, 999999, 'b', 20)",
    )
    with running(tmp_path, "mqtt") as journal:
        assert "begins anew" in journal.health().damage
        assert len(journal.read(Lane.EVENTS, 0, 10)) == 3
