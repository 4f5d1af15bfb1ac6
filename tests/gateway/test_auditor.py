"""Breaks of the calls at each step of each priority's plan are told within 15 s."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.journal.audit_reader import AuditReader
from edge_agent.model.errors import JournalError
from edge_agent.model.oversight import AuditFault, FaultKind, ScreenHealth
from tests.support.call_scripts import BED, START
from tests.support.call_ward import CallWard, call_ward
from tests.support.started_journals import start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STEPS_S: Final = {
    "high": (0, 60, 120, 180, 300, 600),
    "medium": (0, 300, 600, 1800, 3600),
    "low": (0, 1800, 3600),
}
"""Steps and the first two reminders of each priority."""
MOMENTS: Final = [
    (priority, at_s, following_s)
    for priority, steps in STEPS_S.items()
    for at_s, following_s in pairwise(steps)
]
TOLD_S: Final = 15
each_step = pytest.mark.parametrize(("priority", "step_s", "following_s"), MOMENTS)


def at_step(ward: CallWard, priority: str, step_s: int) -> int:
    """Let a problem come to a step of its plan; return the second after it."""
    ward.wait_until(3)
    assert ward.beats == [0, 3]
    ward.do(f"raise sign {priority}")
    ward.wait_until(4 + step_s + 1)
    assert ward.faults == []
    return ward.second


def assert_told(ward: CallWard, since: int, kind: FaultKind) -> None:
    """Check that a fault is told in time, and that nobody beats while it lasts."""
    ward.wait_until(since + TOLD_S)
    told = [second for second, found in ward.kinds_since(since) if found == kind]
    assert told
    assert told[0] <= since + TOLD_S
    assert [second for second in ward.beats if second >= told[0]] == []


@each_step
def test_an_escalator_that_is_killed_or_hangs_is_told(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    del following_s
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        ward.runs = False
        assert_told(ward, since, FaultKind.ESCALATION_SILENT)


@each_step
def test_a_dead_escalator_is_also_told_by_the_step_that_it_misses(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    with call_ward(tmp_path) as ward:
        at_step(ward, priority, step_s)
        ward.runs = False
        ward.wait_until(4 + following_s)
        assert FaultKind.STEP_LATE not in [fault.kind for _, fault in ward.faults]
        assert_told(ward, 4 + following_s, FaultKind.STEP_LATE)


@each_step
def test_a_wrong_time_in_the_memory_is_corrected_and_told(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        rung = len(ward.rung)
        ward.corrupt(next_at=START.plus(10**6))
        ward.wait_until(since + TOLD_S)
        assert [kind for _, kind in ward.kinds_since(since)] == [FaultKind.CALL_CORRECTED]
        ward.wait_until(4 + following_s - 1)
        assert len(ward.rung) == rung
        ward.wait_until(4 + following_s + 1)
        assert (len(ward.rung) > rung) is (priority != "low")


@each_step
def test_a_call_that_is_missing_in_the_memory_begins_anew_and_is_told(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    del following_s
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        lost = ward.call.call_id
        ward.escalator.calls = {}
        ward.wait_until(since + TOLD_S)
        assert [kind for _, kind in ward.kinds_since(since)] == [FaultKind.CALL_CORRECTED]
        assert ward.call.call_id != lost


CORRUPTIONS: Final[dict[str, Callable[[CallWard], None]]] = {
    "late": lambda ward: ward.corrupt(is_stored=True, next_at=START.plus(10**6)),
    "never": lambda ward: ward.corrupt(is_stored=True, next_at=None),
    "no such step": lambda ward: ward.corrupt(is_stored=True, steps_done=99),
    "in the future": lambda ward: ward.corrupt(is_stored=True, began_at=START.plus(10**6)),
}


@pytest.mark.parametrize("how", CORRUPTIONS)
@each_step
def test_a_wrong_call_of_an_escalator_that_hangs_is_told_by_the_journal(
    tmp_path: Path, priority: str, step_s: int, following_s: int, how: str
) -> None:
    del following_s
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        CORRUPTIONS[how](ward)
        ward.runs = False
        assert_told(ward, since, FaultKind.STEP_WRONG)


@each_step
def test_a_call_that_is_gone_from_the_journal_is_told(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    del following_s
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        ward.journal.flush()
        with closing(sqlite3.connect(tmp_path / "journal.db")) as file, file:
            file.execute("DELETE FROM latest_call")
        assert_told(ward, since, FaultKind.NOT_CALLED)


@each_step
def test_a_call_that_goes_its_way_is_no_fault(
    tmp_path: Path, priority: str, step_s: int, following_s: int
) -> None:
    del following_s
    with call_ward(tmp_path) as ward:
        since = at_step(ward, priority, step_s)
        ward.restart()
        ward.wait_until(since + 100)
        ward.do("answer sign nurse")
        ward.wait_until(since + 200)
        assert ward.faults == []
        assert ward.beats == list(range(0, since + 200 + 1, 3))


def test_the_ways_and_the_screens_are_asked_for(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        ward.ways = [replace(way, is_working=False) for way in ward.ways]
        ward.screens = [ScreenHealth("wall", can_sound=False, is_awake=True, seen_at=START)]
        ward.wait_until(3)
        assert {fault for _, fault in ward.faults} == {
            AuditFault(FaultKind.NO_WAY),
            AuditFault(FaultKind.NO_SOUND),
        }
        ward.screens = None
        ward.wait_until(6)
        assert ward.shown[-1].faults == (AuditFault(FaultKind.NO_WAY),)
        assert (ward.shown[-1].beat_at, ward.shown[-1].checked_at) == (None, START.plus(6))


def test_a_bed_of_another_gateway_is_not_asked_about(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        ward.do("raise sign high")
        ward.course.alerts.clear()
        ward.auditor._beds = frozenset({"bed-01"})
        ward.wait_until(30)
        assert ward.faults == []


def test_a_journal_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        path = tmp_path / "journal.db"
        ward.auditor._reader = AuditReader(tmp_path / "gone.db")
        ward.wait_until(6)
        unreadable = AuditFault(FaultKind.JOURNAL_UNREADABLE)
        assert [fault for _, fault in ward.faults] == [unreadable] * 2
        ward.auditor._reader = AuditReader(path)
        ward.wait_until(9)
        assert ward.beats == [9]


def test_only_a_journal_is_audited(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE t (x)")
    with pytest.raises(JournalError, match="it is no journal"):
        AuditReader(path).read()
    (tmp_path / "noise.db").write_bytes(b"noise" * 1000)
    with pytest.raises(JournalError, match="cannot be read"):
        AuditReader(tmp_path / "noise.db").read()


def test_a_damaged_call_counts_as_none(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        ward.do("raise sign high")
        ward.wait_until(3)
        ward.journal.flush()
        with closing(sqlite3.connect(tmp_path / "journal.db")) as file, file:
            file.execute("UPDATE entry SET body = x'7b' WHERE lane = 'calls'")
            file.execute("UPDATE latest_call SET seq = seq")
        assert AuditReader(tmp_path / "journal.db").read().calls == {}


def test_the_threads_of_auditor_and_escalator_start_stop_and_start_again(tmp_path: Path) -> None:
    with call_ward(tmp_path) as ward:
        ward.auditor._check_s = 0.01
        for _ in range(2):
            for part in (ward.escalator, ward.auditor):
                part.start()
                assert part.is_alive()
            for part in (ward.escalator, ward.auditor):
                part.stop()
                part.stop()
                assert not part.is_alive()
        assert ward.escalator.ticked_at == ward.course.now
        assert 0 <= ward.auditor.silent_s() < TOLD_S


def test_the_auditor_reads_beside_an_agent_that_writes(tmp_path: Path) -> None:
    journal = start(tmp_path / "journal.db")
    reader = AuditReader(tmp_path / "journal.db")
    assert reader.read().calls == {}
    journal.stop()
    assert reader.read().alerts == ()
    assert BED
