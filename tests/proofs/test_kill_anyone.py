"""Agent, broker and database are killed in random order, with 32 beds: nothing is lost or doubled.

Two wards get the same bytes at once over pseudo-terminals, and one of them is left in peace.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from simulators.links.pty_link import PtyLink
from simulators.links.replay import Piece, Replay, cut_intellivue
from tests.support.brokers import WAIT_S, Mosquitto, Watcher, mosquitto, watcher
from tests.support.gateways import SITE, WARD, journalled_vitals
from tests.support.influxd import Influxd, running_influxd
from tests.support.shared_data import shared_data
from tests.support.stored import differences

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.model.clock import Clock

pytestmark = [pytest.mark.proof, pytest.mark.pty, pytest.mark.broker]

BEDS = [f"bed-{number:02}" for number in range(1, 33)]
SPEED = 4.0
MINUTES = float(os.environ.get("CRSWATCH_KILL_MINUTES", "15"))
"""Wall minutes of killing."""
PAUSE_S = (4.0, 14.0)
"""Shortest and longest wall time between two kills."""
AWAY_S = (0.0, 4.0)
"""Shortest and longest wall time until the victim is started again."""
MEMORY_S = 0.5
"""Wall time for which readings may wait in memory for their commit."""
SEED = 11


def config_text(folder: Path, links: list[PtyLink], broker: Mosquitto, server: Influxd) -> str:
    beds = [
        f'[[beds]]\nid = "{bed}"\nport = "{link.path}"\ndriver = "philips_intellivue"\n'
        "listen_only = true"
        for bed, link in zip(BEDS, links, strict=True)
    ]
    return "\n".join(
        [
            f'[gateway]\nid = "gw-01"\nsite = "{SITE}"\nward = "{WARD}"',
            f'[journal]\npath = "{folder / "journal.db"}"',
            *beds,
            f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}',
            f'[influx]\nurl = "{server.url}"\napi = "v1"\ndatabase = "ward"\n',
        ]
    )


def pieces_for(number: int, ward_s: float) -> list[Piece]:
    """Return the recording again and again, begun at another place for each bed."""
    recording = shared_data("captures/intellivue_mp90/1B_spo2_low.bin").read_bytes()
    once = list(cut_intellivue(recording))
    length_s = once[-1].offset_s + 1.0
    begin = number * len(once) // len(BEDS)
    played: list[Piece] = []
    shift_s = -once[begin].offset_s
    while shift_s < ward_s:
        played += [
            Piece(piece.data, piece.offset_s + shift_s)
            for piece in once
            if 0.0 <= piece.offset_s + shift_s <= ward_s
        ]
        shift_s += length_s
    return played


@dataclass
class Ward:
    """32 monitors, and the programs that read, carry and store what they say."""

    folder: Path
    clock: Clock
    server: Influxd
    broker: Mosquitto
    seen: Watcher
    links: list[PtyLink]
    replays: list[Replay]
    alerts: set[tuple[str, str, str]] = field(default_factory=set)
    """Bed, rule and id of every alert about a patient that the subscriber was told of."""
    ended: set[str] = field(default_factory=set)
    """Beds whose monitor has fallen silent at the end."""
    agent: subprocess.Popen[bytes] | None = None

    def start_agent(self) -> None:
        """Start the agent on the ward's journal."""
        assert isinstance(self.clock, ScaledClock)
        config = self.folder / "gateway.toml"
        command = [sys.executable, "-m", "edge_agent", "run", "--config", str(config)]
        with (self.folder / "agent.log").open("ab") as log:
            self.agent = subprocess.Popen([*command, "--clock", self.clock.spec()], stderr=log)

    def kill_agent(self) -> None:
        """End the agent by SIGKILL."""
        assert self.agent is not None
        self.agent.kill()
        self.agent.wait(WAIT_S)

    def hear(self) -> None:
        """Take what the subscriber has received so far."""
        while not self.seen.messages.empty():
            message = self.seen.messages.get()
            if "/alerts/" not in message.topic or not message.payload:
                continue
            body: dict[str, Any] = json.loads(message.payload)
            if body["rule_id"] == "system.link" and body["state"] == "raised":
                self.ended.add(body["bed_id"])
            if not body["rule_id"].startswith("system."):
                self.alerts.add((body["bed_id"], body["rule_id"], body["alert_id"]))

    def count(self) -> object:
        """Return the number of vital signs in the database."""
        return self.server.query('SELECT count("code") FROM vitals')[0]["count"]

    def end(self) -> None:
        """Wait until every bed's silence is told and the database gets nothing more; stop."""
        pace = threading.Event()
        until_s = time.monotonic() + 300.0
        while self.ended < set(BEDS) and time.monotonic() < until_s:
            self.hear()
            pace.wait(0.5)
        assert self.ended == set(BEDS)
        counts = [self.count()]
        while len(counts) < 6 or len(set(counts[-5:])) > 1:
            pace.wait(1.0)
            counts.append(self.count())
        self.hear()
        assert self.agent is not None
        self.agent.send_signal(signal.SIGTERM)
        assert self.agent.wait(3 * WAIT_S) == 0


def ward(folder: Path, clock: Clock, ward_s: float, rooms: ExitStack) -> Ward:
    folder.mkdir()
    server = rooms.enter_context(running_influxd(folder / "influx"))
    broker = rooms.enter_context(mosquitto(folder, "allow_anonymous true", "set_tcp_nodelay true"))
    seen = rooms.enter_context(watcher(broker.port, f"crswatch/v1/{SITE}/{WARD}/+/alerts/+"))
    links = [rooms.enter_context(PtyLink()) for _ in BEDS]
    server.query("CREATE DATABASE ward")
    (folder / "gateway.toml").write_text(config_text(folder, links, broker, server))
    replays = [Replay(pieces_for(number, ward_s), link, clock) for number, link in enumerate(links)]
    return Ward(folder, clock, server, broker, seen, links, replays)


def messages_by_bed(journal: Path) -> Counter[str]:
    """Return the number of journalled messages of each bed."""
    return Counter(bed for _, bed in {(seq, v.bed_id) for seq, v in journalled_vitals(journal)})


def kill_for(minutes: float, victim_of: Ward, wards: tuple[Ward, ...]) -> Counter[str]:
    """Kill one of the three again and again; return how often each died."""
    choice, pace, killed = random.Random(SEED), threading.Event(), Counter[str]()
    until_s = time.monotonic() + minutes * 60.0
    while time.monotonic() < until_s:
        pace.wait(choice.uniform(*PAUSE_S))
        victim = choice.choice(["agent", "broker", "database"])
        killed[victim] += 1
        away_s = choice.uniform(*AWAY_S)
        if victim == "agent":
            victim_of.kill_agent()
            pace.wait(away_s)
            victim_of.start_agent()
        elif victim == "broker":
            victim_of.broker.stop()
            pace.wait(away_s)
            victim_of.broker.start()
        else:
            victim_of.server.stop(is_killed=True)
            pace.wait(away_s)
            victim_of.server.start()
        for one in wards:
            one.hear()
    return killed


def test_whoever_dies_nothing_is_lost_doubled_or_invented(tmp_path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), SPEED)
    ward_s = MINUTES * 60.0 * SPEED
    with ExitStack() as rooms:
        wards = tuple(
            ward(tmp_path / name, clock, ward_s, rooms) for name in ("undisturbed", "disturbed")
        )
        players = [threading.Thread(target=replay.run) for one in wards for replay in one.replays]
        for one in wards:
            one.start_agent()
        for player in players:
            player.start()
        try:
            killed = kill_for(MINUTES, wards[1], wards)
            for player in players:
                player.join(300.0)
            for one in wards:
                one.end()
        finally:
            for one in wards:
                for replay in one.replays:
                    replay.stop()
                one.kill_agent()
        stored_otherwise = [differences(one.server, one.folder / "journal.db") for one in wards]
        stored = [messages_by_bed(one.folder / "journal.db") for one in wards]
    died = stored[0] - stored[1]
    told = [Counter((bed, rule) for bed, rule, _ in one.alerts) for one in wards]
    otherwise = {bed for bed, _, _ in wards[0].alerts ^ wards[1].alerts}
    sys.stdout.write(
        f"\n{MINUTES:g} min, {len(BEDS)} beds at {SPEED:g} times speed, seed {SEED}; killed: "
        f"{dict(killed)}; messages journalled: {[count.total() for count in stored]}, of which "
        f"{died.total()} died with the memory of an agent; alerts: "
        f"{[len(one.alerts) for one in wards]}, {len(wards[0].alerts - wards[1].alerts)} begun at "
        f"a message that died\n"
    )
    assert stored_otherwise == [[], []]
    assert told[1] == told[0]
    assert otherwise <= set(died)
    assert died.total() <= killed["agent"] * MEMORY_S * SPEED * len(BEDS)
