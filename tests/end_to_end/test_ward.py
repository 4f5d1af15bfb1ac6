"""A whole ward from one file, started by the command, watched by a real agent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.alerts import AlertState
from edge_agent.model.clock import ScaledClock
from edge_agent.model.measurements import Validity
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.wards.ward_file import example_ward
from tests.support.brokers import WAIT_S, free_port
from tests.support.gateways import journalled_alerts, journalled_vitals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.pty]

SPEED: Final = 60.0
LINK_LIMIT_S: Final = 60.0
"""Ward seconds, at 60 in a second, in which a lost link is told on a busy machine."""
SILENCE_S: Final = 5.0
"""Ward seconds; the monitor's driver calls its link lost after 6."""
PULLED: Final = """
speed = 60
[[bed]]
id = "bed-01"
monitor = "masimo_ascii"
scenario = "baseline"
[[bed.fault]]
kind = "disconnect"
at = "2 min"
for = "2 min"
[[bed]]
id = "bed-02"
monitor = "masimo_ascii"
scenario = "baseline"
"""


@contextmanager
def running_ward(folder: Path, text: str) -> Iterator[ScaledClock]:
    """Run a ward in a process of its own, with gateway.toml and faults.jsonl in the folder."""
    ward = folder / "ward.toml"
    ward.write_text(text)
    options = ["--gateway", str(folder / "gateway.toml"), "--truth", str(folder / "faults.jsonl")]
    command = [sys.executable, "-m", "edge_agent", "simulate", str(ward), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline()]
            while not lines[-1].startswith("clock "):
                assert lines[-1], "the ward did not start"
                lines.append(process.stdout.readline())
            yield ScaledClock.from_spec(lines[-1].split()[1], read_system_clock)
        finally:
            process.terminate()
            assert process.wait(WAIT_S) == 0


def watch(folder: Path, clock: ScaledClock, ward_s: float) -> None:
    """Run an agent on the written configuration for so long, counted from the clock's epoch."""
    agent = Agent(load_config(folder / "gateway.toml"), read_rulebook(None), clock)
    pause = threading.Event()
    agent.start()
    try:
        while clock.now().seconds_since(clock.epoch) < ward_s:
            agent.supervise()
            pause.wait(0.05)
    finally:
        agent.stop()


def told_faults(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "faults.jsonl").read_text().splitlines()]


def fell_silent(times_ns: list[int]) -> bool:
    """Say if a line paused for as long as its driver waits: a starved machine may do that."""
    return any(b - a >= SILENCE_S * 1e9 for a, b in pairwise(times_ns))


@pytest.mark.untraced
def test_a_cable_that_a_ward_file_pulls_is_told_by_the_agent_and_the_bed_watched_again(
    tmp_path: Path,
) -> None:
    with running_ward(tmp_path, PULLED) as clock:
        watch(tmp_path, clock, 9 * 60.0)
    (fault,) = told_faults(tmp_path)
    assert (fault["bed"], fault["fault"]) == ("bed-01", "disconnect")
    began_ns, ended_ns = fault["from_utc_ns"], fault["to_utc_ns"]
    assert isinstance(began_ns, int)
    assert isinstance(ended_ns, int)
    journal = tmp_path / "gateway.db"
    times = {
        bed: [v.received_at.utc_ns for _, v in journalled_vitals(journal) if v.bed_id == bed]
        for bed in ("bed-01", "bed-02")
    }
    told = [a for a in journalled_alerts(journal) if a.rule_id == "system.link"]
    assert {alert.bed_id for alert in told} <= {bed for bed in times if fell_silent(times[bed])}
    pulled = [
        alert
        for alert in told
        if alert.bed_id == "bed-01" and alert.raised_at and alert.raised_at.utc_ns > began_ns
    ]
    first = [alert for alert in pulled if alert.alert_id == pulled[0].alert_id]
    assert first[0].raised_at
    assert first[0].raised_at.utc_ns < began_ns + LINK_LIMIT_S * 1e9
    assert first[-1].state is AlertState.RESOLVED
    assert first[-1].resolved_at
    assert first[-1].resolved_at.utc_ns > ended_ns
    slack_ns = 5 * 10**9  # a round of the ward, and what was in the line
    inside = (began_ns + slack_ns, ended_ns)
    assert not [t for t in times["bed-01"] if inside[0] < t < inside[1]]
    assert [t for t in times["bed-02"] if inside[0] < t < inside[1]]
    assert [t for t in times["bed-01"] if t > ended_ns]


@pytest.mark.untraced
def test_every_bed_of_the_example_is_watched_with_the_written_configuration(
    tmp_path: Path,
) -> None:
    text = example_ward().replace("127.0.0.1:2575", f"127.0.0.1:{free_port()}")
    with running_ward(tmp_path, text) as clock:
        watch(tmp_path, clock, 6 * 60.0)
    beds = {f"bed-0{n}" for n in range(1, 7)}
    good = {
        vital.bed_id
        for _, vital in journalled_vitals(tmp_path / "gateway.db")
        if vital.validity is Validity.VALID
    }
    assert good == beds
    assert {fault["bed"] for fault in told_faults(tmp_path)} == beds  # noise, from the beginning
