"""The agent is killed ten times in mid-stream: nothing kept is lost, nothing is stored twice."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from simulators.links.pty_link import PtyLink
from simulators.links.replay import Replay, cut_intellivue
from tests.support.brokers import WAIT_S, Watcher, mosquitto, watcher
from tests.support.gateways import SITE, WARD, journalled_vitals, write_config
from tests.support.influxd import running_influxd
from tests.support.shared_data import shared_data
from tests.support.stored import differences

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.proof, pytest.mark.pty, pytest.mark.broker]

KILLS = 10
SPEED = 4.0
TOPICS = f"crswatch/v1/{SITE}/{WARD}/#"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one run."""

    alerts: set[tuple[str, str]]
    """Rule and alert id of everything the subscriber was told of."""
    received: set[int]
    """The seqs of the vitals messages that arrived."""
    journalled: set[int]
    stored_otherwise: list[Any]
    """Where the database differs from the journal."""


def start_agent(config: Path, clock: ScaledClock) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
    return subprocess.Popen([*command, "--clock", clock.spec()], stderr=subprocess.DEVNULL)


class Ear:
    """Keeps what the subscriber hears."""

    def __init__(self, seen: Watcher) -> None:
        self._seen = seen
        self.received: set[int] = set()
        self.alerts: set[tuple[str, str]] = set()

    def hear(self) -> dict[str, Any]:
        """Return the next message."""
        message = self._seen.messages.get(timeout=WAIT_S)
        body: dict[str, Any] = json.loads(message.payload)
        if message.topic.endswith("/vitals"):
            self.received.add(body["seq"])
        elif "/alerts/" in message.topic:
            self.alerts.add((body["rule_id"], body["alert_id"]))
        return body

    def hear_until_vitals(self, count: int) -> None:
        """Listen until so many messages with vitals have come."""
        while len(self.received) < count:
            self.hear()

    def hear_until_the_link_is_lost(self) -> None:
        """Listen until the agent says that the recording has ended."""
        while True:
            body = self.hear()
            if body.get("rule_id") == "system.link" and body["state"] == "raised":
                return


def play(folder: Path, kill_after: list[int], pauses: random.Random) -> Outcome:
    """Play the recording; kill the agent each time so many messages have arrived."""
    folder.mkdir()
    recording = shared_data("captures/intellivue_mp90/1B_spo2_low.bin").read_bytes()
    clock = ScaledClock(read_system_clock, read_system_clock(), SPEED)
    with (
        running_influxd(folder / "influx") as server,
        mosquitto(folder, "allow_anonymous true", "set_tcp_nodelay true") as broker,
        watcher(broker.port, TOPICS) as seen,
        PtyLink() as link,
    ):
        server.query("CREATE DATABASE ward")
        config = write_config(folder, link.path, broker_port=broker.port, influx_url=server.url)
        replay = Replay(list(cut_intellivue(recording)), link, clock)
        player = threading.Thread(target=replay.run)
        ear, pause = Ear(seen), threading.Event()
        agent = start_agent(config, clock)
        player.start()
        try:
            for count in kill_after:
                ear.hear_until_vitals(count)
                pause.wait(pauses.uniform(0.0, 0.5))
                agent.kill()
                agent.wait(WAIT_S)
                agent = start_agent(config, clock)
            ear.hear_until_the_link_is_lost()
            player.join(WAIT_S)
            agent.send_signal(signal.SIGTERM)
            assert agent.wait(WAIT_S) == 0
        finally:
            replay.stop()
            agent.kill()  # one that outlives a failure would take the ports of later tests
            agent.wait(WAIT_S)
        journal = folder / "journal.db"
        vitals = journalled_vitals(journal)
        return Outcome(
            alerts=ear.alerts,
            received=ear.received,
            journalled={seq for seq, _ in vitals},
            stored_otherwise=differences(server, journal),
        )


def test_ten_kills_lose_nothing_and_store_nothing_twice(tmp_path: Path) -> None:
    choice = random.Random(7)
    undisturbed = play(tmp_path / "undisturbed", [], choice)
    kill_after = sorted(choice.sample(range(10, 215), KILLS))
    disturbed = play(tmp_path / "disturbed", kill_after, choice)
    for outcome in (undisturbed, disturbed):
        assert outcome.journalled <= outcome.received
        assert outcome.stored_otherwise == []
    assert "vital.severe_hypoxia" in {rule_id for rule_id, _ in undisturbed.alerts}
    assert disturbed.alerts == undisturbed.alerts
    sys.stdout.write(
        f"\nundisturbed: {len(undisturbed.journalled)} messages kept; killed after {kill_after}: "
        f"{len(disturbed.journalled)} kept; alerts {sorted(disturbed.alerts)}\n"
    )
