"""Grouping, a failing disk, retention and backlog, without a thread."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.marks import Mark
from edge_agent.journal.recorder import GROUP_ROWS, Recorder
from edge_agent.journal.retention import ASIDE_ROWS
from edge_agent.journal.settings import JournalSettings
from edge_agent.model.errors import JournalError
from edge_agent.payloads.common import rfc3339
from edge_agent.payloads.events import ReadingsLostEvent, decode_event
from tests.support.fake_sinks import alert_body
from tests.support.journal_state import set_aside

HOUR_NS = 3600 * 10**9


def settings(folder: Path, *sinks: str, retain_s: float = 1e9) -> JournalSettings:
    return JournalSettings(folder / "journal.db", sinks, retain_s)


def bodies(entries: list[JournalEntry]) -> list[bytes]:
    return [entry.body for entry in entries]


def entry(i: int, lane: Lane = Lane.READINGS) -> JournalEntry:
    return JournalEntry(0, lane, "bed", i * HOUR_NS, b"%d" % i)


def test_entries_share_a_commit_and_an_urgent_one_brings_all_at_once(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    assert not recorder.run_due(1000.0)
    recorder.add(entry(1), 1000.0, is_urgent=False)
    recorder.add(entry(2), 1000.1, is_urgent=False)
    assert recorder.seconds_to_wait(1000.1) == pytest.approx(0.1)
    assert not recorder.run_due(1000.1)
    recorder.add(entry(3, Lane.ALERTS), 1000.1, is_urgent=True)
    assert recorder.seconds_to_wait(1000.1) == 0.0
    assert recorder.run_due(1000.1)
    assert bodies(recorder.store.read(Lane.READINGS, 0, 10)) == [b"1", b"2"]
    for i in range(GROUP_ROWS):
        recorder.add(entry(i), 1001.0, is_urgent=False)
    assert recorder.run_due(1001.0)
    recorder.close()


def test_a_disk_that_fails_loses_nothing_and_is_reported_until_it_works(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.symlink_to(tmp_path / "not mounted")
    recorder = Recorder(settings(folder))
    recorder.open()
    with pytest.raises(JournalError, match="journal"):
        recorder.store.meta("x")
    recorder.add(entry(1), 10.0, is_urgent=True)
    assert not recorder.run_due(10.0)
    assert recorder.current_health().pending == 1
    assert recorder.health.fault
    recorder.add(entry(2), 10.5, is_urgent=True)
    recorder.touch(10.5)
    assert not recorder.run_due(10.5)
    assert recorder.seconds_to_wait(10.5) == pytest.approx(0.5)
    assert not recorder.run_due(11.0)
    folder.unlink()
    assert recorder.run_due(12.0)
    assert recorder.health.fault == ""
    assert bodies(recorder.store.read(Lane.READINGS, 0, 10)) == [b"1", b"2"]
    recorder.close()


def test_a_folder_that_had_to_be_made_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        recorder = Recorder(settings(tmp_path / "disk"))
        recorder.open()
        assert recorder.health.fault == ""
        recorder.close()
    assert caplog.text.count("its folder was made; is its disk mounted?") == 1


def test_when_memory_is_full_too_the_oldest_readings_go_first_and_are_counted(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "gone"
    folder.symlink_to(tmp_path / "not mounted")
    recorder = Recorder(JournalSettings(folder / "journal.db", (), 1e9, pending_rows=3))
    recorder.open()
    for i, lane in enumerate((Lane.ALERTS, Lane.READINGS, Lane.READINGS, Lane.ALERTS)):
        recorder.add(entry(i, lane), 1.0, is_urgent=False)
    assert recorder.current_health().lost_readings == 1
    for i in (4, 5):
        recorder.add(entry(i, Lane.ALERTS), 1.0, is_urgent=True)
    folder.unlink()
    recorder.run_due(100.0)
    assert bodies(recorder.store.read(Lane.ALERTS, 0, 10)) == [b"0", b"3", b"4", b"5"]
    assert recorder.store.read(Lane.READINGS, 0, 10) == []
    assert recorder.current_health().lost_readings == 2
    (gap,) = (decode_event(e.body) for e in recorder.store.read(Lane.EVENTS, 0, 10))
    assert gap == ReadingsLostEvent(
        "bed", 2, rfc3339(HOUR_NS), rfc3339(2 * HOUR_NS), rfc3339(2 * HOUR_NS)
    )
    recorder.commit(101.0)
    assert len(recorder.store.read(Lane.EVENTS, 0, 10)) == 1
    recorder.close()


def fill(recorder: Recorder, numbers: range, now_s: float) -> list[int]:
    """Store readings at a moment; return the seqs of all there are."""
    for i in numbers:
        recorder.add(entry(i), now_s, is_urgent=False)
    recorder.commit(now_s)
    recorder.run_due(now_s)
    return [e.seq for e in recorder.store.read(Lane.READINGS, 0, 1000)]


def readings(recorder: Recorder) -> list[bytes]:
    return bodies(recorder.store.read(Lane.READINGS, 0, 1000))


def test_only_what_every_sink_took_and_is_old_is_deleted(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, "mqtt", "influx", retain_s=3600 * 5))
    recorder.open()
    recorder.add(JournalEntry(0, Lane.ALERTS, "bed", 0, alert_body("a", 1)), 1.0, is_urgent=False)
    fill(recorder, range(5), 1.0)
    seqs = fill(recorder, range(5, 10), 3600.0)
    recorder.marks.advance("mqtt", Lane.READINGS, seqs[9])
    recorder.marks.advance("influx", Lane.READINGS, seqs[2])
    recorder.run_due(3600 * 5.0)
    assert len(readings(recorder)) == 10
    recorder.run_due(3600 * 5.5)
    assert readings(recorder) == [b"%d" % i for i in range(3, 10)]
    recorder.marks.advance("influx", Lane.READINGS, seqs[9])
    recorder.run_due(3600 * 5.8)
    assert readings(recorder) == [b"%d" % i for i in range(5, 10)]
    assert len(recorder.store.latest_alerts()) == 1
    recorder.close()


def test_without_a_sink_age_alone_decides(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, retain_s=3600 * 5))
    recorder.run_due(0.0)
    recorder.open()
    fill(recorder, range(4), 20.0)
    fill(recorder, range(4, 10), 3600 * 2.0)
    recorder.run_due(3600 * 6.0)
    assert readings(recorder) == [b"%d" % i for i in range(4, 10)]
    recorder.close()


@pytest.mark.parametrize("ahead_ns", [10 * 8760 * HOUR_NS, -10 * 8760 * HOUR_NS, 2**63])
def test_a_wall_clock_that_jumps_neither_ends_nor_empties_the_record(
    tmp_path: Path, ahead_ns: int
) -> None:
    recorder = Recorder(settings(tmp_path, retain_s=3600 * 72))
    recorder.open()
    fill(recorder, range(5), 20.0)
    recorder.add(
        JournalEntry(0, Lane.ALERTS, "bed", ahead_ns, alert_body("a", 1)), 30.0, is_urgent=True
    )
    fill(recorder, range(5, 10), 3700.0)
    recorder.close()
    recorder = Recorder(settings(tmp_path, retain_s=3600 * 72))
    recorder.open()
    fill(recorder, range(10, 15), 3600 * 24.0)
    assert len(readings(recorder)) == 15
    recorder.run_due(3600 * 74.0)
    assert readings(recorder) == [b"%d" % i for i in range(10, 15)]
    recorder.close()


def test_the_backlog_of_a_sink_is_kept_and_grows_over_a_second_outage(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, "mqtt", retain_s=0))
    recorder.open()
    for i in range(10):
        recorder.add(entry(i), 1.0, is_urgent=False)
    recorder.commit(1.0)
    seqs = [e.seq for e in recorder.store.read(Lane.READINGS, 0, 100)]
    marks = recorder.marks
    marks.advance("mqtt", Lane.READINGS, seqs[1])
    assert marks.skip_to_live("mqtt", seqs[4]) == Mark("mqtt", "backlog", seqs[1], seqs[4])
    assert marks.get("mqtt", Lane.READINGS).seq == seqs[4]
    marks.advance("mqtt", "backlog", seqs[3])
    marks.advance("mqtt", Lane.READINGS, seqs[6])
    assert marks.skip_to_live("mqtt", seqs[9]) == Mark("mqtt", "backlog", seqs[3], seqs[9])
    recorder.run_due(20.0)
    recorder.run_due(40.0)
    assert bodies(recorder.store.read(Lane.READINGS, 0, 100)) == [b"%d" % i for i in range(4, 10)]
    marks.advance("mqtt", "backlog", seqs[9])
    assert marks.skip_to_live("mqtt", seqs[9]) == Mark("mqtt", "backlog", seqs[9], seqs[9])
    recorder.close()


def test_the_oldest_of_what_is_set_aside_goes_first_and_alerts_are_counted_apart(
    tmp_path: Path,
) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    for seq in range(1, 6):
        for lane, sink, sign in ((Lane.READINGS, "a", 1), (Lane.EVENTS, "b", 2)):
            row = JournalEntry(seq * 2 + sign, lane, "bed", 0, b"four")
            recorder.store.quarantine.add(sink, row, "no")
    alert = JournalEntry(1, Lane.ALERTS, "bed", 0, b"four")
    recorder.store.quarantine.add("a", alert, "no")

    def left() -> list[int]:
        return sorted(e.seq for sink in "ab" for e in set_aside(recorder.store, sink))

    assert recorder.store.quarantine.trim(10, 40) == 0
    assert recorder.store.quarantine.trim(7, 1000) == 3
    assert left() == [1, 6, 7, 8, 9, 10, 11, 12]
    assert recorder.store.quarantine.trim(100, 12) == 4
    assert left() == [1, 10, 11, 12]
    recorder.close()


def test_refused_entries_that_are_deleted_are_counted_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    recorder.commit(0.0)
    for step, seqs in enumerate((range(ASIDE_ROWS + 2), range(ASIDE_ROWS + 2, ASIDE_ROWS + 5))):
        rows = [("a", seq, "readings", "bed", 0, b"", "no") for seq in seqs]
        with closing(sqlite3.connect(tmp_path / "journal.db")) as file, file:
            file.executemany("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        recorder.run_due(1000.0 * (step + 1))
    assert recorder.current_health().lost_aside == 5
    assert caplog.text.count("too many entries are refused, the oldest are deleted") == 1
    recorder.close()


def test_what_was_entered_of_patients_is_never_pruned(tmp_path: Path) -> None:
    recorder = Recorder(settings(tmp_path, retain_s=3600.0))
    recorder.open()
    context = b'{"event": "context_entered", "bed_id": "bed"}'
    for i, body in enumerate((context, b'{"event": "link"}', b"no json", context)):
        recorder.add(JournalEntry(0, Lane.EVENTS, "bed", i, body), 0.0, is_urgent=True)
    recorder.add(entry(100), 0.0, is_urgent=True)
    recorder.commit(0.0)
    recorder.run_due(0.0)
    recorder.run_due(1e9)
    assert bodies(recorder.store.read(Lane.EVENTS, 0, 10)) == [context, context]
    assert bodies(recorder.store.patient_entries()) == [context, context]
    recorder.close()
