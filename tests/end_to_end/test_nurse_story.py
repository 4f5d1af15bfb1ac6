"""A nurse's night: raised, rejected, answered, a new sign, answered, resolved; with a restart.

A simulated monitor on a pseudo-terminal, the real agent, a real broker; the answers come over the
control socket and over MQTT.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.scenarios.scenario_file import parse_scenario
from simulators.wards.bedside import SimulatedWard
from tests.support.brokers import Watcher, mosquitto, watcher
from tests.support.command_desk import CommandDesk
from tests.support.control_sockets import await_path
from tests.support.gateways import BED, SITE, WARD, journalled_alerts, write_config
from tests.support.intellivue_beds import intellivue_bed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.pty, pytest.mark.broker, pytest.mark.untraced]

SPEED = 60.0
ACK = f"crswatch/v1/{SITE}/{WARD}/{BED}/ack"
NIGHT = """
title = "A heart that races without a fever but with warmth, then low oxygen; both end"
expects = "a fast heart, then severe hypoxia as a sign of its own"
raises = ["crs.tachycardia", "vital.severe_hypoxia"]
never = []
lasts = "2 h"
[[cuff]]
from = "2 min"
every = "5 min"
[[episode]]
kind = "pain"
from = "5 min"
to = "36 min"
size = 55
[[illness]]
cause = "infection"
begins = "1 min"
rises_for = "1 min"
peak = 37.5
ends = "45 min"
excess_heart_rate = 0
[illness.hypoxia]
begins = "28 min"
rises_for = "4 min"
ends = "40 min"
falls_for = "3 min"
depth = 13
"""


class Night:
    """A ward at sixty times its speed, and the people on it."""

    def __init__(self, config: Path, clock: ScaledClock, seen: Watcher) -> None:
        self.config = config
        self.clock = clock
        self.seen = seen

    @contextmanager
    def shift(self) -> Iterator[Agent]:
        """Run the agent until the end of the context; then everything is stored."""
        agent = Agent(load_config(self.config), read_rulebook(None), self.clock)
        is_over = threading.Event()

        def supervise() -> None:
            while not is_over.wait(0.2):
                agent.supervise()

        agent.start()
        supervisor = threading.Thread(target=supervise)
        supervisor.start()
        try:
            await_path(load_config(self.config).journal.path)
            yield agent
        finally:
            is_over.set()
            supervisor.join()
            agent.stop()

    def alert(self, rule_id: str, is_meant: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return the next state of a rule's alert that is meant."""
        while True:
            alert = self.seen.next_json(f"/alerts/{rule_id}")
            if is_meant(alert):
                return alert


def signalled(reason: str) -> Callable[[dict[str, Any]], bool]:
    """Return True for a transition that signals for this reason."""
    return lambda alert: alert["signal"] == reason and alert["signal_n"] == alert["n"]


def in_state(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda alert: alert["state"] == state


def test_a_night_is_answered_sign_by_sign_through_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), SPEED)
    bed = intellivue_bed(BED, parse_scenario(NIGHT, "night", 3).patient, clock, 3)
    with mosquitto(tmp_path) as broker, watcher(broker.port) as seen, SimulatedWard([bed], clock):
        config = write_config(tmp_path, bed.path, broker_port=broker.port, listen_only=False)
        night, desk = Night(config, clock, seen), CommandDesk(config, capsys)
        with night.shift():
            raised = night.alert("crs.tachycardia", in_state("raised"))
            assert raised["signal"] == "first"
            status, text = desk.run("answer", BED, "--by", "N01", "--reject")
            assert (status, "N01 cannot come" in text) == (0, True), text
            rejected = night.alert("crs.tachycardia", signalled("rejected"))
            assert (rejected["state"], rejected["rejected_by"]) == ("raised", "N01")
            command = {
                "kind": "acknowledge",
                "seen": [{"alert_id": rejected["alert_id"], "n": rejected["n"]}],
                "by": "N02",
                "answer_id": "over-mqtt",
            }
            seen.publish(ACK, json.dumps(command).encode())
            answered = night.alert("crs.tachycardia", in_state("acknowledged"))
            assert (answered["acknowledged_by"], answered["answer_id"]) == ("N02", "over-mqtt")
        with night.shift():
            status, text = desk.run("alerts")
            assert (status, "N02 " in text) == (1, True), text
            new_sign = night.alert("vital.severe_hypoxia", in_state("raised"))
            assert new_sign["signal_n"] == new_sign["n"]
            status, text = desk.run("alerts")
            assert (status, "[nobody yet" in text) == (1, True), text
            status, text = desk.run("answer", "7", "--by", "N03")
            assert (status, "answered: " in text, "N03" in text) == (0, True, True), text
            assert (
                night.alert("vital.severe_hypoxia", in_state("acknowledged"))["acknowledged_by"]
                == "N03"
            )
            night.alert("vital.severe_hypoxia", in_state("resolved"))
            night.alert("crs.tachycardia", in_state("resolved"))
    tachycardia = [
        a for a in journalled_alerts(tmp_path / "journal.db") if a.rule_id == "crs.tachycardia"
    ]
    assert len({alert.alert_id for alert in tachycardia}) == 1
    assert [alert.n for alert in tachycardia] == sorted({alert.n for alert in tachycardia})
