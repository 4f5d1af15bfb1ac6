"""Ages of entries, and damaged or removed files of a journal, without a thread."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lock import JournalLock
from edge_agent.journal.marks import AgeMark
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.retention import Ages
from edge_agent.journal.salvage import salvaged
from edge_agent.journal.schema import WrongTablesError
from edge_agent.model.errors import JournalRefusedError
from tests.journal.test_recorder import bodies, entry, fill, readings, settings
from tests.support.fake_sinks import alert_body


def marks_at(ages: Ages, *moments: tuple[int, float]) -> list[AgeMark]:
    """Note how far a journal has come at some moments; return the marks that were due."""
    found = []
    for seq, now_s in moments:
        mark = ages.due(seq, now_s)
        if mark is not None:
            ages.add(mark)
            found.append(mark)
    return found


def test_marks_are_due_once_in_a_while_and_where_something_came() -> None:
    ages = Ages((), "b", 6400.0)
    moments = [(5, 1000.0), (6, 1099.0), (7, 1100.0), (7, 5000.0), (8, 5000.0)]
    assert marks_at(ages, *moments) == [
        AgeMark(5, 0, "b", 1000),
        AgeMark(7, 100, "b", 1100),
        AgeMark(8, 4000, "b", 5000),
    ]
    assert ages.old_seq(7399.0) == 0
    assert ages.old_seq(7400.0) == 5
    assert ages.old_seq(7501.0) == 7
    assert ages.old_seq(11399.0) == 7
    assert ages.old_seq(11400.0) == 8


@pytest.mark.parametrize(
    ("boot", "now_s", "old_seq"),
    [
        ("b", 1000.0 + 6400, 5),  # the same boot: the time in between counts
        ("b", 999.0, 0),  # no machine does that; nothing goes early
        ("other", 99_000.0, 0),  # another boot: it counts as none
    ],
)
def test_time_goes_on_over_a_restart_as_far_as_it_is_known(
    boot: str, now_s: float, old_seq: int
) -> None:
    stored = [AgeMark(5, 70, "b", 1000), AgeMark(9, 80, "b", 1010)]
    ages = Ages(stored, boot, 6400.0)
    assert ages.old_seq(now_s) == old_seq
    assert ages.old_seq(now_s + 6400) == 9
    assert not ages.is_damaged


@pytest.mark.parametrize(
    ("second", "is_damaged"),
    [
        (AgeMark(9, 100, "b", 1100), False),
        (AgeMark(9, 102, "b", 1100), False),  # whole seconds
        (AgeMark(9, 103, "b", 1100), True),
        (AgeMark(9, -1, "b", 1100), True),
        (AgeMark(9, 50, "other", 50), False),
        (AgeMark(9, 53, "other", 50), True),
    ],
)
def test_no_more_time_passes_than_a_machine_ran(second: AgeMark, *, is_damaged: bool) -> None:
    stored = [AgeMark(5, 0, "b", 1000), second]
    ages = Ages(stored, "b", 6400.0)
    assert ages.is_damaged == is_damaged
    assert ages.old_seq(2000.0) == 0
    assert (ages.old_seq(10**6) == 0) == is_damaged


def test_old_marks_go_with_the_entries_they_are_about(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, retain_s=6400.0))
    recorder.open()
    for hour in range(5):
        fill(recorder, range(hour, hour + 1), 3600.0 * hour)
    marks = recorder.store.age_marks()
    assert [round(mark.passed_s / 3600) for mark in marks] == [2, 3, 4]
    assert readings(recorder) == [b"3", b"4"]
    recorder.close()


def test_what_is_remembered_outlives_a_damaged_file(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    recorder.set_text("axis", "boot", 1.0)
    recorder.commit(1.0)
    recorder.note_error(WrongTablesError("damaged"))
    recorder.commit(2.0)
    recorder.close()
    recorder.open()
    assert recorder.text("axis") == "boot"
    assert recorder.store.meta("axis") == "boot"
    assert len(recorder.health.set_aside) == 1
    recorder.close()


def test_a_folder_that_is_emptied_gets_a_new_journal_and_a_new_lock(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    path = tmp_path / "journal.db"
    path.rename(tmp_path / "moved.db")
    recorder.note_error(OSError("gone"))
    recorder.close()
    recorder.open()
    with pytest.raises(JournalRefusedError):
        JournalLock(path)
    JournalLock(tmp_path / "moved.db").release()
    recorder.close()
    JournalLock(path).release()


def test_damage_is_counted_once_for_each_row(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path))
    for reason in ("a", "b", "a"):
        recorder.note_damage(reason)
    assert (recorder.health.damaged_rows, recorder.health.damage) == (2, "b")


def test_a_file_that_is_removed_while_it_is_written_is_begun_anew(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, "mqtt"))
    recorder.open()
    recorder.set_text("axis", "boot", 1.0)
    first = fill(recorder, range(1), 1.0)
    recorder.marks.advance("mqtt", Lane.READINGS, first[0])
    recorder.commit(1.5)
    for path in tmp_path.glob("journal.db*"):
        path.unlink()
    second = fill(recorder, range(1, 2), 2.0)
    assert readings(recorder) == [b"1"]
    assert second[0] > first[0]
    assert recorder.health.fault == ""
    recorder.close()
    recorder.open()
    assert recorder.text("axis") == "boot"
    assert recorder.marks.get("mqtt", Lane.READINGS).seq == first[0]
    (tmp_path / "journal.db").unlink()
    (tmp_path / "journal.db").write_text("somebody else's")
    recorder.add(entry(3), 3.0, is_urgent=True)
    assert not recorder.commit(3.0)
    assert "is no database" in recorder.health.fault
    assert (tmp_path / "journal.db").read_text() == "somebody else's"
    assert recorder.current_health().pending == 1
    recorder.close()


def test_a_damaged_file_gives_what_is_known_of_patients_and_alerts(tmp_path: Path) -> None:
    contexts = [b'{"event": "context_entered", "bed_id": "bed", "i": %d}' % i for i in range(3)]
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    recorder.add(JournalEntry(0, Lane.ALERTS, "bed", 2, alert_body("a", 1)), 0.0, is_urgent=True)
    for context in contexts:
        recorder.add(JournalEntry(0, Lane.EVENTS, "bed", 1, context), 0.0, is_urgent=True)
        recorder.commit(0.0)
        for i in range(150):
            recorder.add(JournalEntry(0, Lane.EVENTS, "bed", i, b"x" * 4000), 0.0, is_urgent=False)
        recorder.commit(0.0)
    recorder.close()
    path = tmp_path / "journal.db"
    whole = path.read_bytes()
    page = whole.index(contexts[1]) // 4096 * 4096
    path.write_bytes(whole[:page] + b"\xa5" * 4096 + whole[page + 4096 :])
    recorder.open()
    with pytest.raises(sqlite3.DatabaseError) as damage:
        recorder.store.patient_entries()
    recorder.note_error(damage.value)
    assert len(recorder.health.set_aside) == 1
    assert bodies(recorder.store.patient_entries()) == [contexts[0], contexts[2]]
    assert bodies(recorder.store.latest_alerts()) == [alert_body("a", 1)]
    recorder.close()


def test_of_a_file_without_tables_nothing_is_salvaged(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"noise" * 999)
    (tmp_path / "empty").write_bytes(b"")
    assert salvaged(tmp_path / "noise") == []
    assert salvaged(tmp_path / "empty") == []
    assert salvaged(tmp_path / "gone") == []


def test_a_disk_that_damages_every_file_is_not_filled_with_them(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    for _ in range(30):
        recorder.note_error(WrongTablesError("damaged again"))
    assert len(recorder.health.set_aside) == 20
    assert recorder.health.fault == "damaged again"
    recorder.close()


def test_a_journal_that_opens_at_the_second_try_knows_its_marks(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, "mqtt"))
    recorder.open()
    seqs = fill(recorder, range(2), 1.0)
    recorder.marks.advance("mqtt", Lane.READINGS, seqs[1])
    recorder.commit(1.0)
    recorder.close()
    with closing(sqlite3.connect(tmp_path / "journal.db", isolation_level=None)) as other:
        other.execute(f"UPDATE entry SET lane = 'x' WHERE seq = {seqs[0]}")
        other.execute("BEGIN IMMEDIATE")
        again = Recorder(settings(tmp_path, "mqtt"))
        again.open()
        assert "locked" in again.health.fault
        other.execute("ROLLBACK")
    assert not again.commit(2.0)
    assert again.health.fault == ""
    assert again.marks.get("mqtt", Lane.READINGS).seq == seqs[1]
    assert again.health.damaged_rows == 1
    again.close()
