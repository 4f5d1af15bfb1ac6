"""The journal keeps what it was given, in order, across restarts, kills and damage."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.ownership import APPLICATION_ID
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import QUEUE_JOBS, Journal, Patience
from edge_agent.model.errors import JournalError
from edge_agent.payloads.events import ReadingsLostEvent, decode_event
from tests.support.fake_sinks import WAIT_S, Stall, alert_body
from tests.support.journal_state import cursor

APPENDER = """
import sys
from pathlib import Path
from edge_agent.journal.entries import Lane
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
journal = Journal(JournalSettings(Path(sys.argv[1]), (), 1e9))
journal.start()
for i in range(1_000_000):
    journal.append(Lane.READINGS, "bed", i, b"%d" % i)
    if i % 37 == 0:
        journal.flush()
        sys.stdout.write(f"{i}\\n")
        sys.stdout.flush()
"""


def settings(folder: Path, *sinks: str, retain_s: float = 1e9) -> JournalSettings:
    return JournalSettings(folder / "journal.db", sinks, retain_s)


@contextmanager
def running(folder: Path, *sinks: str) -> Iterator[Journal]:
    journal = Journal(settings(folder, *sinks))
    journal.start()
    try:
        yield journal
    finally:
        journal.stop()


def bodies(entries: list[Entry]) -> list[bytes]:
    return [entry.body for entry in entries]


def test_entries_come_back_in_the_order_of_their_seq_not_of_the_clock(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        for i, at_ns in enumerate((300, 100, 200)):
            journal.append(Lane.READINGS, "bed", at_ns, b"%d" % i)
        journal.flush()
        entries = journal.read(Lane.READINGS, 0, 10)
        assert bodies(entries) == [b"0", b"1", b"2"]
        assert [e.seq for e in entries] == sorted({e.seq for e in entries})
        assert bodies(journal.read(Lane.READINGS, entries[0].seq, 1)) == [b"1"]
        assert bodies(journal.read_since(Lane.READINGS, 200)) == [b"0", b"2"]
        assert journal.read_since(Lane.READINGS, 0, "other") == []
        assert journal.read(Lane.ALERTS, 0, 10) == []


def test_a_clean_stop_writes_what_waits(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        assert journal.is_alive()
        journal.append(Lane.EVENTS, "bed", 1, b"last words")
    journal.stop()
    assert not journal.is_alive()
    with running(tmp_path) as journal:
        assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"last words"]


def test_a_journal_started_again_goes_on(tmp_path: Path) -> None:
    journal = Journal(settings(tmp_path))
    for i in range(2):
        journal.start()
        journal.append(Lane.EVENTS, "bed", i, b"%d" % i)
        journal.stop()
    journal.start()
    assert bodies(journal.read(Lane.EVENTS, 0, 10)) == [b"0", b"1"]
    journal.stop()


def test_a_listener_hears_of_a_group_commit_without_a_flush(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        committed = threading.Event()
        journal.on_commit(committed.set)
        journal.append(Lane.READINGS, "bed", 1, b"1")
        assert committed.wait(WAIT_S)
        assert bodies(journal.read(Lane.READINGS, 0, 10)) == [b"1"]
        assert journal.health().pending == 0


def test_flushed_entries_survive_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    command = [sys.executable, "-c", APPENDER, str(path)]
    acknowledged = -1
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            acknowledged = int(line)
            if acknowledged >= 37 * 40:
                break
        child.send_signal(signal.SIGKILL)
    with running(tmp_path) as journal:
        found = bodies(journal.read(Lane.READINGS, 0, 10**7))
    assert acknowledged >= 37 * 40
    assert found[: acknowledged + 1] == [b"%d" % i for i in range(acknowledged + 1)]
    assert found == [b"%d" % i for i in range(len(found))]


def test_each_sink_has_its_own_cursor_in_each_lane_and_keeps_it(tmp_path: Path) -> None:
    with running(tmp_path, "mqtt", "influx") as journal:
        journal.advance("mqtt", Lane.ALERTS, 5)
        journal.advance("mqtt", Lane.READINGS, 7)
        journal.advance("influx", Lane.ALERTS, 3)
        journal.advance("influx", Lane.ALERTS, 2)
    with running(tmp_path, "mqtt", "influx") as journal:
        assert cursor(journal, "mqtt", Lane.ALERTS) == 5
        assert cursor(journal, "mqtt", Lane.READINGS) == 7
        assert cursor(journal, "influx", Lane.ALERTS) == 3
        assert cursor(journal, "influx", Lane.READINGS) == 0


def test_the_latest_alert_of_each_bed_and_rule_is_found(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        for n in (1, 2):
            for bed, rule in (("a", "crs.fever"), ("a", "crs.hypoxia"), ("b", "crs.fever")):
                body = alert_body(f"{bed}-{rule}", n, rule)
                journal.append(Lane.ALERTS, bed, n, body, urgent=True)
        journal.append(Lane.ALERTS, "c", 9, b"{torn")
        journal.flush()
        latest = journal.latest_alerts()
    assert [(e.bed_id, e.at_ns) for e in latest] == [("a", 2), ("a", 2), ("b", 2)]


def test_texts_are_remembered_for_the_next_run(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        assert journal.meta("boot_id") is None
        journal.set_meta("boot_id", "one")
        assert journal.meta("boot_id") == "one"
    with running(tmp_path) as journal:
        assert journal.meta("boot_id") == "one"


def test_a_journal_that_breaks_while_running_is_set_aside_and_counts_on(tmp_path: Path) -> None:
    with running(tmp_path, "mqtt") as journal:
        for i in range(2000):
            journal.append(Lane.EVENTS, "bed", i, b"x" * 4000)
        journal.flush()
        last = journal.read(Lane.EVENTS, 0, 10**6)[-1].seq
        journal.advance("mqtt", Lane.EVENTS, last)
    path = tmp_path / "journal.db"
    whole = path.read_bytes()
    with running(tmp_path, "mqtt") as journal:
        journal.meta("answered once the thread has done its first round")
        with path.open("r+b") as file:
            file.seek(4096 * 3)
            file.write(b"\xa5" * (len(whole) - 4096 * 3))
        with pytest.raises(JournalError, match="cannot be read"):
            journal.read(Lane.EVENTS, 0, 10**6)
        journal.append(Lane.EVENTS, "bed", 1, b"after")
        journal.flush()
        (entry,) = journal.read(Lane.EVENTS, 0, 10)
        assert (entry.body, entry.seq > last) == (b"after", True)
        assert len(journal.health().set_aside) == 1
        assert cursor(journal, "mqtt", Lane.EVENTS) == last


def test_a_damaged_body_reads_as_empty_so_that_a_sink_refuses_it(tmp_path: Path) -> None:
    with running(tmp_path) as journal:
        journal.append(Lane.READINGS, "bed", 1, b"{}")
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        file.execute("UPDATE entry SET body = x'00'")
        file.commit()
    with running(tmp_path) as journal:
        assert bodies(journal.read(Lane.READINGS, 0, 10)) == [b""]


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
