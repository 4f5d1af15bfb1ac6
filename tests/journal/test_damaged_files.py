"""Damaged journals that a run set aside and could not finish with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.recorder import Recorder
from tests.journal.test_recorder import bodies, settings

if TYPE_CHECKING:
    from pathlib import Path

CONTEXT = b'{"event": "context_entered", "bed_id": "bed"}'


@pytest.fixture
def unread(tmp_path: Path) -> Path:
    """Return a journal that an earlier run renamed before the power was lost."""
    recorder = Recorder(settings(tmp_path))
    recorder.open()
    recorder.add(JournalEntry(0, Lane.EVENTS, "bed", 1, CONTEXT), 0.0, is_urgent=True)
    recorder.commit(0.0)
    recorder.close()
    return (tmp_path / "journal.db").rename(tmp_path / "journal.db.unread-1700000000000000000")


def patient_entries(folder: Path) -> list[bytes]:
    recorder = Recorder(settings(folder))
    recorder.open()
    found = bodies(recorder.store.patient_entries())
    recorder.commit(0.0)
    recorder.close()
    return found


def test_the_next_start_takes_the_entries_once(tmp_path: Path, unread: Path) -> None:
    assert patient_entries(tmp_path) == [CONTEXT]
    aside = tmp_path / "journal.db.damaged-1700000000000000000"
    assert not unread.exists()
    aside.rename(unread)  # as if the power was lost right before it got this name
    assert patient_entries(tmp_path) == [CONTEXT]
    assert aside.exists()


def test_a_log_that_was_not_renamed_yet_follows_its_file(tmp_path: Path, unread: Path) -> None:
    (tmp_path / "journal.db-wal").write_bytes(b"")
    assert patient_entries(tmp_path) == [CONTEXT]
    assert not unread.exists()
    assert (tmp_path / "journal.db.damaged-1700000000000000000-wal").exists()
