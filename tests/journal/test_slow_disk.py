"""A full, slow or hanging disk, and entries that no file holds."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.journal.ownership import APPLICATION_ID
from edge_agent.journal.writer import QUEUE_JOBS, Journal, Patience
from edge_agent.model.errors import JournalError
from edge_agent.payloads.events import ReadingsLostEvent, decode_event
from tests.journal.test_writer import bodies, running, settings
from tests.support.fake_sinks import WAIT_S, Stall, alert_body


def limit_pages(journal: Journal, pages: int) -> None:
    """Make SQLite meet a full disk, or lift that limit."""
    pragma = f"PRAGMA max_page_count = {pages}"
    journal.submit(lambda r: r.store._connection.execute(pragma).fetchall()).result(WAIT_S)


def test_a_full_disk_keeps_entries_in_memory_until_there_is_room(tmp_path: Path) -> None:
    expected = [b"%d" % i + b"x" * 400 for i in range(300)]
    with running(tmp_path) as journal:
        limit_pages(journal, 1)
        for i, body in enumerate(expected):
            journal.append(Lane.EVENTS, "bed", i, body)
        with pytest.raises(JournalError, match="full"):
            journal.flush()
        health = journal.health()
        assert "full" in health.fault
        assert health.pending >= len(expected)
        limit_pages(journal, 1_000_000)
        journal.flush()
        assert journal.health().fault == ""
        assert bodies(journal.read(Lane.EVENTS, 0, 1000)) == expected


HASTY = Patience(start_s=0.1, call_s=0.1, stop_s=5.0, stalled_s=0.05)


def test_a_disk_that_hangs_holds_up_nobody_and_says_so(tmp_path: Path) -> None:
    journal = Journal(settings(tmp_path), HASTY)
    journal.start()
    stall = Stall(journal)
    for i in range(QUEUE_JOBS + 3):
        journal.append(Lane.READINGS, "bed", i, b"%d" % i)
    journal.append(Lane.ALERTS, "bed", 1, alert_body("a", 1), urgent=True)
    for _ in range(2):
        with pytest.raises(JournalError, match="does not answer"):
            journal.read(Lane.READINGS, 0, 10)
    health = journal.health()
    assert "the disk has not answered for" in health.fault
    assert health.lost_readings == 3
    assert health.pending >= QUEUE_JOBS + 1
    stall.end()
    journal.submit(lambda recorder: recorder.commit(0.0)).result(WAIT_S)
    journal.stop()
    with running(tmp_path) as again:
        assert len(again.read(Lane.ALERTS, 0, 10)) == 1
        assert bodies(again.read(Lane.READINGS, 0, 2)) == [b"3", b"4"]
        (gap,) = (decode_event(e.body) for e in again.read(Lane.EVENTS, 0, 10))
        assert isinstance(gap, ReadingsLostEvent)
        assert gap.messages == 3


def test_who_waits_for_the_disk_waits_also_while_it_hangs(tmp_path: Path) -> None:
    journal = Journal(settings(tmp_path), HASTY)
    journal.start()
    stall = Stall(journal)
    journal.append(Lane.EVENTS, "bed", 1, b"waits")
    with pytest.raises(JournalError, match="does not answer"):
        journal.flush(0.1)
    threading.Timer(0.2, stall.end).start()
    journal.flush(WAIT_S)
    assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"waits"]
    journal.stop()


def test_only_the_first_call_waits_for_a_disk_that_hangs(tmp_path: Path) -> None:
    journal = Journal(settings(tmp_path), Patience(call_s=WAIT_S))
    journal.start()
    stall = Stall(journal)
    with pytest.raises(JournalError, match="does not answer"):
        journal.flush(0.1)
    late = threading.Timer(5.0, stall.end)
    late.start()
    with pytest.raises(JournalError, match="does not answer"):
        journal.newest_seq()
    late.cancel()
    stall.end()
    journal.stop()


def test_a_disk_that_hangs_does_not_hold_up_a_stop(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Journal(settings(tmp_path), Patience(stop_s=0.1))
    journal.start()
    stall = Stall(journal)
    journal.append(Lane.EVENTS, "bed", 1, b"waits")
    journal.stop()
    assert "hangs; 2 entries are lost" in caplog.text
    stall.end()
    journal.stop()


def test_a_file_that_does_not_open_in_time_is_waited_for_by_nobody(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        other.execute("BEGIN EXCLUSIVE")  # without a log, readers wait for it, too
        journal = Journal(settings(tmp_path), HASTY)
        journal.start()
        assert journal.hangs()
        journal.append(Lane.EVENTS, "bed", 1, b"early")
        with pytest.raises(JournalError, match="does not answer"):
            journal.newest_seq()
        other.execute("ROLLBACK")
    read = journal.submit(lambda r: (r.commit(0.0), r.store.read(Lane.EVENTS, 0, 10))[1])
    assert bodies(read.result(WAIT_S)) == [b"early"]
    journal.stop()


def test_a_journal_that_another_program_holds_is_read_and_written_later(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"old")
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal = Journal(settings(tmp_path))
        journal.start()
        assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"old"]
        journal.append(Lane.EVENTS, "bed", 2, b"new")
        journal.set_meta("name", "text")
        assert journal.meta("name") == "text"
        other.execute("ROLLBACK")
    journal.flush()
    assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"old", b"new"]
    journal.stop()
    with running(tmp_path) as journal:
        assert journal.meta("name") == "text"


def test_every_mistake_of_a_question_reaches_who_asks(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        with pytest.raises(JournalError, match="invalid literal"):
            journal.submit(lambda _: int("x")).result(WAIT_S)
        assert journal.meta("name") is None
    with pytest.raises(JournalError, match="does not run"):
        journal.submit(lambda _: 1).result(WAIT_S)
    with pytest.raises(JournalError, match="does not run"):
        Journal(settings(tmp_path)).submit(lambda _: 1).result(WAIT_S)


def test_a_listener_that_fails_costs_no_entry(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        journal.on_commit(iter(()).__next__)
        journal.append(Lane.EVENTS, "bed", 1, b"1", urgent=True)
        journal.append(Lane.EVENTS, "bed", 1, b"2", urgent=True)
        journal.submit(lambda recorder: recorder.commit(0.0)).result(WAIT_S)
        assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"1", b"2"]


@pytest.mark.parametrize("at_ns", [2**63, -(2**63) - 1, 2**70])
def test_a_time_that_no_file_holds_is_stored_as_the_last_one(tmp_path: Path, at_ns: int) -> None:
    with running(tmp_path) as journal:
        journal.append(Lane.EVENTS, "bed", at_ns, b"far")
        journal.flush()
        (entry,) = journal.read(Lane.EVENTS, 0, 10)
        assert abs(entry.at_ns) >= 2**63 - 1
        assert len(journal.read_since(Lane.EVENTS, at_ns)) == 1


def test_an_entry_that_no_file_could_hold_costs_itself_alone(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"1")
        journal.append(Lane.EVENTS, "bed \udcff", 2, b"poison")
        journal.append(Lane.ALERTS, "bed", 3, b'{"rule_id": {}}')
        journal.append(Lane.EVENTS, "bed", 4, b"2")
        journal.flush()
        assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"1", b"2"]
        assert journal.health().damaged_rows >= 1
        assert "cannot be stored" in journal.health().damage
        assert journal.health().fault == ""
