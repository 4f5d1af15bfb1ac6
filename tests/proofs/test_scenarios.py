"""Every scenario live: a monitor on a real pseudo-terminal, the real agent, a real broker.

What was planted is found in the journal; the alerts that must come came over MQTT, and those that
must not come did not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    MqttSection,
)
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.model.clock import ScaledClock
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.events import ClockEvent, decode_event
from edge_agent.payloads.readings import decode_readings
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.patients.plan import FaultKind
from simulators.scenarios.scenario_file import load_scenario, scenario_names
from tests.support.brokers import mosquitto, watcher
from tests.support.planted import not_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edge_agent.model.measurements import Vital
    from tests.support.brokers import Watcher

pytestmark = [pytest.mark.proof, pytest.mark.pty, pytest.mark.broker]

SPEED = 60.0
BEDS = 8
SEED = 1
DRAIN_S = 300.0  # wall: eight beds at 60 times are near what two busy cores do
PLACE = GatewaySection(id="gw-01", site="hospital", ward="cart-1")


def wards() -> list[tuple[str, ...]]:
    """Return the scenarios in wards of beds, those that last alike together."""
    names = sorted(scenario_names(), key=lambda name: (length_s(name), name))
    return [tuple(names[first : first + BEDS]) for first in range(0, len(names), BEDS)]


def length_s(name: str) -> float:
    return load_scenario(name, SEED).patient.plan.length_s


def steps_clock(name: str) -> bool:
    faults = load_scenario(name, SEED).patient.plan.faults
    return any(fault.kind is FaultKind.CLOCK_STEP for fault in faults)


def driver_of(name: str) -> str:
    """Return a monitor whose every message has its wall clock where that is what is looked for."""
    return "ge_dri" if steps_clock(name) else "philips_intellivue"


@contextmanager
def monitors(names: Sequence[str]) -> Iterator[tuple[ScaledClock, list[str]]]:
    """Give the clock and the ports of monitors that show one scenario each."""
    scenarios = [word for name in names for word in ("--scenario", name)]
    devices = [word for name in names for word in ("--monitor", driver_of(name))]
    command = [sys.executable, "-m", "edge_agent", "simulate", *scenarios, *devices]
    options = ["--beds", str(len(names)), "--speed", str(SPEED), "--seed", str(SEED)]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ports = [process.stdout.readline().split()[1] for _ in names]
        clock = ScaledClock.from_spec(process.stdout.readline().split()[1], read_system_clock)
        yield clock, ports
    finally:
        process.terminate()
        process.communicate()


def raised(seen: Watcher, names: Sequence[str]) -> dict[str, set[str]]:
    """Return the rules whose alert was raised, by scenario, as the subscriber has them."""
    rules: dict[str, set[str]] = {name: set() for name in names}
    while not seen.messages.empty():
        message = seen.messages.get()
        levels = message.topic.split("/")
        alert = json.loads(message.payload) if message.payload else {"state": "none"}
        if alert["state"] == "raised":
            rules[names[int(levels[4].removeprefix("bed-")) - 1]].add(levels[6])
    return rules


@pytest.mark.parametrize("names", wards(), ids=lambda names: f"{names[0]}_to_{names[-1]}")
def test_every_scenario_is_seen_as_it_is(names: tuple[str, ...], tmp_path: Path) -> None:
    settings = ("allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 0")
    journal = tmp_path / "journal.db"
    with (
        mosquitto(tmp_path, *settings) as broker,
        watcher(broker.port, "crswatch/+/+/+/+/alerts/#") as seen,
    ):
        with monitors(names) as (clock, ports):
            config = _config(names, ports, journal, broker.port)
            agent = Agent(config, read_rulebook(None), clock)
            agent.start()
            threading.Event().wait(max(map(length_s, names)) / SPEED)
        try:
            assert agent.drain(DRAIN_S)
        finally:
            agent.stop()
        told = raised(seen, names)
    wrong = [problem for name in names for problem in problems(name, names, told, journal, clock)]
    assert wrong == []


def _config(
    names: Sequence[str], ports: Sequence[str], journal: Path, broker_port: int
) -> AgentConfig:
    beds = tuple(
        BedSection(id=f"bed-{n + 1:02}", port=port, driver=driver_of(name))
        for n, (name, port) in enumerate(zip(names, ports, strict=True))
    )
    return AgentConfig(
        gateway=PLACE,
        journal=JournalSection(path=journal),
        beds=beds,
        mqtt=MqttSection(host="127.0.0.1", port=broker_port),
    )


def problems(
    name: str,
    names: Sequence[str],
    told: dict[str, set[str]],
    journal: Path,
    clock: ScaledClock,
) -> list[str]:
    """Return what of a scenario went wrong."""
    scenario = load_scenario(name, SEED + names.index(name))
    bed_id = f"bed-{names.index(name) + 1:02}"
    vitals: list[tuple[float, Vital]] = []
    for entry in read_journal(journal, Lane.READINGS):
        if entry.bed_id == bed_id:
            readings = decode_readings(entry.body)
            at_s = readings.received_at.seconds_since(clock.epoch)
            vitals += [(at_s, vital) for vital in readings.vitals]
    plan = scenario.patient.plan
    found = not_found(scenario.patient, vitals, min(plan.length_s, vitals[-1][0]))
    if steps_clock(name):
        events = [decode_event(e.body) for e in read_journal(journal, Lane.EVENTS)]
        steps = [e for e in events if isinstance(e, ClockEvent) and e.is_step]
        if not any(step.bed_id == bed_id for step in steps):
            found.append("the step of the monitor's clock")
    # A sign that a problem took up is told as that problem; the journal has both.
    alerts = [decode_alert(entry.body) for entry in read_journal(journal, Lane.ALERTS)]
    kept = {a.rule_id for a in alerts if a.bed_id == bed_id and a.raised_at is not None}
    found += [f"no alert {rule}" for rule in scenario.raises if rule not in kept]
    found += [f"an alert {rule}" for rule in scenario.never if rule in told[name]]
    sys.stdout.write(f"{name}: {len(vitals)} vitals, told {', '.join(sorted(told[name]))}\n")
    return [f"{name}: {problem}" for problem in found]
