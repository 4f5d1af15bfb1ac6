"""The writer of the audit trail: it never holds up who acts, and loses nothing in silence."""

from __future__ import annotations

import os
import queue
import stat
import threading
from collections import deque
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.trail import ACTS_AT_MOST, AuditLog, TrailTimes
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import trail_path
from edge_agent.journal.trail_key import key_path, read_key
from edge_agent.journal.trail_signer import checkpoints_path
from edge_agent.model.audit import Act, Checkpoint
from edge_agent.payloads.checkpoints import is_signed_by, public_key, read_checkpoints
from tests.journal.test_unwritable_journal import tmpfs
from tests.support.brokers import WAIT_S
from tests.support.trails import ORIGIN, START, an_act, entries_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

QUICK = TrailTimes(retry_s=0.02)


class Outside:
    """Receives checkpoints away from the gateway."""

    def __init__(self) -> None:
        self.received: queue.SimpleQueue[Checkpoint] = queue.SimpleQueue()

    def next(self) -> Checkpoint:
        """Return the next one."""
        return self.received.get(timeout=WAIT_S)

    def all(self) -> list[Checkpoint]:
        """Return those that wait."""
        return [self.received.get_nowait() for _ in range(self.received.qsize())]


@contextmanager
def running(folder: Path, outside: Outside, times: TrailTimes = QUICK) -> Iterator[AuditLog]:
    log = AuditLog(folder / "journal.db", ORIGIN, lambda: START, outside.received.put, times)
    log.start()
    try:
        yield log
    finally:
        log.stop()
        assert not log.is_alive()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 100)):
        if is_so():
            return
        pace.wait(0.01)
    pytest.fail("it never was so")


def acts(folder: Path) -> list[str]:
    return [entry.act.act for entry in entries_of(trail_path(folder / "journal.db"))]


def report(folder: Path, checkpoints: list[Checkpoint]) -> tuple[str, ...]:
    path = trail_path(folder / "journal.db")
    return check_trail(lines_of(path) if path.exists() else [], checkpoints).faults


def test_acts_are_written_in_order_and_signed_at_start_and_stop(tmp_path: Path) -> None:
    outside = Outside()
    with running(tmp_path, outside) as log:
        assert outside.next().count == 1
        for number in range(5):
            assert log.add(an_act(number))
        assert log.wait_until_idle(WAIT_S)
        assert (log.health().entries, log.health().signed, log.health().fault) == (6, 1, "")
    last = outside.next()
    assert last.count == 6
    public = public_key(ORIGIN, read_key(key_path(tmp_path / "journal.db")))
    assert is_signed_by(last, public)
    assert str(public) == last.key
    assert report(tmp_path, [last]) == ()
    entries = entries_of(trail_path(tmp_path / "journal.db"))
    assert [entry.act.subject for entry in entries[1:]] == [f"alert-{n}" for n in range(5)]


def test_a_checkpoint_is_signed_after_a_hundred_entries_and_when_it_is_asked_for(
    tmp_path: Path,
) -> None:
    outside = Outside()
    with running(tmp_path, outside) as log:
        assert outside.next().count == 1
        for number in range(99):
            log.add(an_act(number))
        assert log.wait_until_idle(WAIT_S)
        assert outside.received.empty()
        log.add(an_act(99))
        assert outside.next().count == 101
        log.anchor()
        assert outside.next().count == 101


def test_entries_do_not_stay_unsigned_for_longer_than_a_shift(tmp_path: Path) -> None:
    outside = Outside()
    with running(tmp_path, outside, TrailTimes(sign_after_s=0.05)) as log:
        assert outside.next().count == 1
        log.add(an_act(1))
        assert outside.next().count == 2


def test_the_next_start_continues_and_keeps_the_key(tmp_path: Path) -> None:
    outside = Outside()
    for number in range(3):
        with running(tmp_path, outside) as log:
            log.add(an_act(number))
    checkpoints = outside.all()
    assert len({checkpoint.key for checkpoint in checkpoints}) == 1
    assert report(tmp_path, checkpoints) == ()
    copies, rest = read_checkpoints(checkpoints_path(tmp_path / "journal.db").read_text())
    assert ([c.text for c in copies], rest) == ([c.text for c in checkpoints], "")


def test_acts_that_come_while_a_checkpoint_is_signed_are_signed_at_the_stop(tmp_path: Path) -> None:
    entered, left = threading.Event(), threading.Event()
    checkpoints: list[Checkpoint] = []

    def receive(checkpoint: Checkpoint) -> None:
        checkpoints.append(checkpoint)
        entered.set()
        assert left.wait(WAIT_S)

    log = AuditLog(tmp_path / "journal.db", ORIGIN, lambda: START, receive, QUICK)
    log.start()
    assert entered.wait(WAIT_S)
    for number in range(9):
        log.add(an_act(number))
    stopping = threading.Thread(target=log.stop)
    stopping.start()
    stopping.join(0.05)  # the request of the stop comes while the first checkpoint is published
    left.set()
    stopping.join(WAIT_S)
    assert [checkpoint.count for checkpoint in checkpoints] == [1, 10]


@pytest.mark.parametrize("left", [0, 3])
def test_a_trail_cut_off_between_two_runs_is_noticed_at_the_start(
    tmp_path: Path, left: int
) -> None:
    outside = Outside()
    with running(tmp_path, outside) as log:
        for number in range(9):
            log.add(an_act(number))
    path = trail_path(tmp_path / "journal.db")
    path.write_bytes(b"".join(lines_of(path)[:left]))
    with running(tmp_path, outside) as log:
        assert log.wait_until_idle(WAIT_S)
        state = "has 3 entries" if left else "is gone"
        assert log.health().fault == f"the trail had 10 entries and {state}"
    assert acts(tmp_path)[left] == (Act.TRAIL_DAMAGED if left else Act.TRAIL_BEGUN)
    assert report(tmp_path, outside.all()) != ()


def test_key_and_copies_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    with running(tmp_path, Outside()) as log:
        log.add(an_act(1))
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {
        "journal.db.audit.jsonl": 0o600,
        "journal.db.audit.key": 0o600,
        "journal.db.audit.checkpoints": 0o600,
    }


def test_a_key_that_others_may_read_signs_nothing_but_acts_are_still_written(
    tmp_path: Path,
) -> None:
    outside = Outside()
    with running(tmp_path, outside):
        pass
    outside.all()
    key_path(tmp_path / "journal.db").chmod(0o640)
    with running(tmp_path, outside) as log:
        log.add(an_act(1))
        path = trail_path(tmp_path / "journal.db")
        until(lambda: b"alert-1" in path.read_bytes())
        assert outside.received.empty()
        until(lambda: "may be read by others than its owner" in log.health().fault)
        key_path(tmp_path / "journal.db").chmod(0o600)
        assert outside.next().count == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_on_a_full_disk_acts_wait_in_memory_and_those_that_do_not_fit_are_counted(
    tmp_path: Path,
) -> None:
    outside = Outside()
    with tmpfs(tmp_path):
        with running(tmp_path, outside) as log:
            first = outside.next()
            fill(tmp_path / "ballast")
            added = [log.add(an_act(n)) for n in range(ACTS_AT_MOST + 300)]
            until(lambda: "No space" in log.health().fault)
            health = log.health()
            assert health.lost == added.count(False) > 0
            assert health.waiting == ACTS_AT_MOST
            assert report(tmp_path, [first]) == ()
            log._acts = deque(islice(log._acts, 500))  # the small disk has room for these
            (tmp_path / "ballast").unlink()
            assert log.wait_until_idle(WAIT_S)
            assert log.health().fault == ""
        entries = entries_of(trail_path(tmp_path / "journal.db"))
        assert report(tmp_path, outside.all()) == ()
    assert [e.act.subject for e in entries[1:501]] == [f"alert-{n}" for n in range(500)]
    (said,) = [e.act.detail for e in entries if e.act.act == Act.ACTS_LOST]
    assert said == {"acts": str(health.lost)}


def fill(ballast: Path) -> None:
    """Fill a disk."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_trail_that_is_another_file_costs_nobody_an_answer(tmp_path: Path) -> None:
    trail_path(tmp_path / "journal.db").write_text("my notes\n")
    with running(tmp_path, Outside()) as log:
        assert log.add(an_act(1))
        until(lambda: "is not an audit trail of crswatch" in log.health().fault)
        assert log.health().waiting == 1
    assert trail_path(tmp_path / "journal.db").read_text() == "my notes\n"


def test_many_threads_add_at_once(tmp_path: Path) -> None:
    outside = Outside()
    with running(tmp_path, outside) as log:

        def add(by: str) -> None:
            for number in range(50):
                log.add(an_act(number, by))

        adders = [threading.Thread(target=add, args=(f"nurse {n}",)) for n in range(8)]
        for adder in adders:
            adder.start()
        for adder in adders:
            adder.join(WAIT_S)
        assert log.wait_until_idle(WAIT_S)
    entries = entries_of(trail_path(tmp_path / "journal.db"))
    for n in range(8):
        own = [e.act.subject for e in entries if e.act.by == f"nurse {n}"]
        assert own == [f"alert-{number}" for number in range(50)]
    assert report(tmp_path, outside.all()) == ()
