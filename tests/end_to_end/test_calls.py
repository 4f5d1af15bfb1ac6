"""`crswatch run` with a ward file calls people, and goes on where it was killed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.model.clock import ScaledClock
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedWard
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.gateways import BED, SITE, WARD, write_config
from tests.support.intellivue_beds import intellivue_bed
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.broker, pytest.mark.untraced]

_PROCESS_S: Final = 180.0
"""Longest wait for a process that starts on a busy machine, seconds."""
PEOPLE: Final = f"""
[[people]]
id = "N12"
ways = ["phones"]
[[people]]
id = "N15"
ways = ["phones"]
[[people]]
id = "C3"
ways = ["phones"]
[[shifts]]
name = "all"
begins = "00:00"
ends = "00:00"
charge = "C3"
nurses = {{ {BED} = "N12" }}
buddies = {{ N12 = "N15" }}
"""


@contextmanager
def running(config: Path, clock: ScaledClock) -> Iterator[subprocess.Popen[bytes]]:
    """Give a gateway in a process of its own, and kill it."""
    command = [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
    with subprocess.Popen([*command, "--clock", clock.spec()]) as process:
        try:
            yield process
        finally:
            process.kill()
            process.wait(WAIT_S)


@contextmanager
def received() -> Iterator[WebReceiver]:
    """Give a web server that receives notices, and stop it."""
    receiver = WebReceiver()
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


def notice(receiver: WebReceiver) -> dict[str, Any]:
    """Return the next notice that arrives."""
    while True:
        found = receiver.posts.get(timeout=_PROCESS_S).json()
        if found["kind"] == "notice":
            return found


def await_call(journal: Path, call_id: str) -> None:
    """Wait until a call is in the journal: a notice does not wait for the disk."""
    pace = threading.Event()
    for _ in range(int(_PROCESS_S * 20)):
        if any(call_id.encode() in entry.body for entry in read_journal(journal, Lane.CALLS)):
            return
        pace.wait(0.05)
    raise AssertionError(f"no call {call_id} in the journal")


def test_a_killed_gateway_goes_on_with_the_next_person(tmp_path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), 30.0)
    bed = intellivue_bed(BED, load_scenario("crs_grade_2", 3).patient, clock, 3)
    with mosquitto(tmp_path) as broker, received() as receiver, SimulatedWard([bed], clock):
        config = write_config(tmp_path, bed.path, broker_port=broker.port, listen_only=False)
        way = f'[[ways]]\nname = "phones"\nkind = "webhook"\nurl = "http://127.0.0.1:{receiver.port}/"\n'
        config.write_text(config.read_text() + '[ward]\nfile = "ward.toml"\n' + way)
        (tmp_path / "ward.toml").write_text(PEOPLE)
        with running(config, clock):
            first = notice(receiver)
            assert (first["person_id"], first["reason"]) == ("N12", "first")
            assert first["headline"].startswith(f"MEDIUM {BED}: ")
            await_call(tmp_path / "journal.db", first["call_id"])
        with running(config, clock):
            found = first
            while found["person_id"] == "N12":
                found = notice(receiver)
            assert (found["person_id"], found["call_id"]) == ("N15", first["call_id"])
            with watcher(broker.port, f"crswatch/v1/{SITE}/{WARD}/{BED}/calls") as seen:
                call = seen.next_json()
                assert call["call_id"] == first["call_id"]
                answer = {"kind": "acknowledge", "seen": [], "by": "N15"}
                seen.publish(f"crswatch/v1/{SITE}/{WARD}/{BED}/ack", json.dumps(answer).encode())
                while not found["is_over"]:
                    found = notice(receiver)
                assert found["answered_by"] == "N15"
