"""A real agent under a service manager: it says when it watches, and only then."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.support.service_managers import LIMIT_S, managed, stopped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.untraced]

_STUCK = """
import os, time
from edge_agent.ward.pipeline import Pipeline
tick = Pipeline.tick
def stuck(self, at):
    while os.path.exists({stop!r}):
        time.sleep(0.05)
    return tick(self, at)
Pipeline.tick = stuck
"""
_HUNG_DISK = """
import os, time
from edge_agent.journal.recorder import Recorder
run_due = Recorder.run_due
def hung(self, now_s):
    while os.path.exists({stop!r}):
        time.sleep(0.05)
    return run_due(self, now_s)
Recorder.run_due = hung
"""


def test_the_manager_hears_ready_status_feed_and_stop_in_order(tmp_path: Path) -> None:
    with managed(tmp_path) as (manager, process):
        assert manager.hears("READY=1")
        assert manager.said[0] == "EXTEND_TIMEOUT_USEC=90000000"
        assert manager.said[1].startswith("STATUS=starting")
        assert "WATCHDOG=1" not in manager.said
        assert manager.hears("WATCHDOG=1")
        assert manager.wait_for(lambda said: said.startswith("STATUS=1 beds: 1 "))
        stopped(process)
        assert manager.hears("STOPPING=1")
        assert manager.said.count("READY=1") == 1
        assert not manager.wait_for(lambda _: True, 0.2)


def test_a_stuck_evaluation_stops_the_feed_and_its_recovery_resumes_it(tmp_path: Path) -> None:
    stop = tmp_path / "stuck"
    with managed(tmp_path, _STUCK.format(stop=str(stop))) as (manager, process):
        assert manager.hears("WATCHDOG=1")
        stop.touch()
        while manager.hears("WATCHDOG=1", LIMIT_S):  # those on their way
            pass
        assert not manager.hears("WATCHDOG=1", 2 * LIMIT_S)
        assert "STATUS=the evaluation stands still" in manager.said
        stop.unlink()
        assert manager.hears("WATCHDOG=1")
        assert "the evaluation stands still: the watchdog is not fed" in stopped(process)


def test_a_disk_that_hangs_is_no_reason_to_stop_the_feed(tmp_path: Path) -> None:
    stop = tmp_path / "hung"
    with managed(tmp_path, _HUNG_DISK.format(stop=str(stop))) as (manager, process):
        assert manager.hears("WATCHDOG=1")
        stop.touch()
        assert manager.wait_for(lambda said: "the disk has not answered" in said)
        for _ in range(12):
            assert manager.hears("WATCHDOG=1", LIMIT_S)
        stop.unlink()
        stopped(process)


def test_a_hung_disk_at_the_start_delays_no_feed(tmp_path: Path) -> None:
    stop = tmp_path / "hung"
    stop.touch()
    with managed(tmp_path, _HUNG_DISK.format(stop=str(stop))) as (manager, process):
        assert manager.hears("READY=1")
        assert manager.hears("WATCHDOG=1")
        process.kill()


def test_a_hangup_does_not_end_the_monitoring(tmp_path: Path) -> None:
    with managed(tmp_path) as (manager, process):
        assert manager.hears("WATCHDOG=1")
        process.send_signal(signal.SIGHUP)
        assert manager.hears("WATCHDOG=1")
        assert manager.hears("WATCHDOG=1")
        log = stopped(process)
    assert log.count("SIGHUP is ignored") == 1
    assert "stopped: " in log


def test_an_agent_started_by_hand_says_nothing_to_anybody(tmp_path: Path) -> None:
    with managed(tmp_path, environment={"NOTIFY_SOCKET": ""}) as (manager, process):
        assert not manager.wait_for(lambda _: True, 3.0)
        stopped(process)
