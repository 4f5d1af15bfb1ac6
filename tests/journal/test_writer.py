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

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import JournalError
from tests.support.fake_sinks import WAIT_S, alert_body
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


def bodies(entries: list[JournalEntry]) -> list[bytes]:
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
