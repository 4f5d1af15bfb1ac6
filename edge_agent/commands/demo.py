"""`crswatch demo`: the whole path from a simulated monitor's bytes to an alert over MQTT."""

from __future__ import annotations

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console, Group
from rich.live import Live

from edge_agent.commands.numbers import DURATION_S, SEED, SPEED
from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    MqttSection,
)
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.ward_client.client import WardClient
from edge_agent.ward_client.ward_table import WardView, alert_line
from simulators.links.embedded_broker import EmbeddedBroker

_WANTED_TEXT: Final = "Pattern compatible with CRS or infection"
"""Text of the alert that the demonstration waits for."""
_REFRESH_S: Final = 0.25
_ON_ITS_WAY_S: Final = 1.0
"""Wall seconds from a reading to this screen; at high speed they are minutes on the ward."""
_PLACE: Final = GatewaySection(id="gw-demo", site="demo", ward="cart")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Four simulated monitors on pseudo-terminals, the agent, a broker on the "
        "loopback interface and a subscriber whose view is shown. Needs no other software and "
        "leaves no files behind. Exit status 0: ended as requested; 1: with --until-alert, the "
        "time ran out before the alert arrived."
    )
    parser.add_argument(
        "--speed", type=SPEED, default=40.0, metavar="X", help="ward seconds per second (40)"
    )
    parser.add_argument(
        "--for", type=DURATION_S, dest="for_s", metavar="SECONDS", help="end after this time"
    )
    parser.add_argument(
        "--until-alert",
        action="store_true",
        help=f'end as soon as a raised "{_WANTED_TEXT}" alert arrives through MQTT',
    )
    parser.add_argument("--seed", type=SEED, default=1, help="seed of the patients (default 1)")
    parser.set_defaults(log_level=logging.ERROR)


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration."""
    book = read_rulebook(None)
    clock = ScaledClock(read_system_clock, read_system_clock(), arguments.speed)
    with (
        tempfile.TemporaryDirectory(prefix="crswatch-demo-") as folder,
        EmbeddedBroker() as broker,
        _Monitors(clock, arguments.seed) as monitors,
    ):
        mqtt = MqttSection(host=broker.host, port=broker.port)
        config = AgentConfig(
            gateway=_PLACE,
            journal=JournalSection(path=Path(folder) / "journal.db"),
            beds=tuple(
                BedSection(id=bed_id, port=port, driver="philips_intellivue")
                for bed_id, port in monitors.ports
            ),
            mqtt=mqtt,
        )
        topics = f"crswatch/v1/{_PLACE.site}/{_PLACE.ward}/+/#"
        with WardClient(mqtt, topics) as client:
            agent = Agent(config, book, clock)
            agent.start()
            try:
                return _Show(client, WardView(), clock, arguments).run(agent)
            finally:
                agent.stop()


class _Monitors:
    """Simulated monitors in a process of their own, on the same clock."""

    def __init__(self, clock: ScaledClock, seed: int) -> None:
        command = (sys.executable, "-m", "edge_agent", "simulate")
        self._process = subprocess.Popen(
            [*command, "--clock", clock.spec(), "--seed", str(seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ports = tuple(self._announced())

    def __enter__(self) -> _Monitors:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.terminate()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _announced(self) -> Iterator[tuple[str, str]]:
        for line in self._process.stdout or ():
            words = line.split()
            if words[0] == "clock":
                return
            yield words[0], words[1]


@dataclass(slots=True)
class _Show:
    """Live view of the messages that arrive."""

    client: WardClient
    view: WardView
    clock: ScaledClock
    arguments: argparse.Namespace

    def run(self, agent: Agent) -> int:
        """Show messages until the end; return the exit status."""
        console = Console()
        begun = time.monotonic()
        is_live = console.is_terminal
        wanted: Alert | None = None
        now = self.clock.now()
        with (
            suppress(KeyboardInterrupt),
            Live(console=console, auto_refresh=False, transient=True) as live,
        ):
            while not self._is_over(begun, wanted):
                for arrival in self.client.messages(_REFRESH_S):
                    alert = self.view.add(arrival)
                    if alert is None:
                        continue
                    if not is_live or alert.state is AlertState.RAISED:
                        live.console.print(alert_line(alert))
                    if _WANTED_TEXT in alert.text and alert.state is AlertState.RAISED:
                        wanted = wanted or alert
                agent.supervise()
                now = self.clock.now()
                if is_live:
                    live.update(self._picture(now), refresh=True)
        console.print(self._picture(now))
        self._summarise(console, begun, wanted)
        return 1 if self.arguments.until_alert and wanted is None else 0

    def _is_over(self, begun: float, wanted: Alert | None) -> bool:
        for_s = self.arguments.for_s
        out_of_time = for_s is not None and time.monotonic() - begun >= for_s
        return out_of_time or (self.arguments.until_alert and wanted is not None)

    def _picture(self, now: Instant) -> Group:
        passed = now.seconds_since(self.clock.epoch) / 60
        title = (
            f"crswatch demo, {passed:.0f} min of ward time at {self.clock.factor:g} times speed "
            "(decision support, not a medical device; Ctrl-C ends)"
        )
        on_its_way_s = _ON_ITS_WAY_S * self.clock.factor
        return self.view.render(title, now.plus(-on_its_way_s).utc_ns)

    def _summarise(self, console: Console, begun: float, wanted: Alert | None) -> None:
        ward_min = self.clock.now().seconds_since(self.clock.epoch) / 60
        console.print(
            f"\n{time.monotonic() - begun:.0f} s here were {ward_min:.0f} min on the ward: "
            f"{len(self.view.vitals)} beds, {self.view.readings} vital values and "
            f"{len(self.view.alerts)} kinds of alert came through MQTT."
        )
        if wanted is not None:
            console.print(f'The alert came back through MQTT: {wanted.bed_id}, "{wanted.text}"')
        elif self.arguments.until_alert:
            console.print(f'No "{_WANTED_TEXT}" alert came in time.')
