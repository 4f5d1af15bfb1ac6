"""`crswatch demo`: the whole path from a simulated monitor's bytes to an alert over MQTT."""

from __future__ import annotations

import argparse
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from edge_agent.board.mqtt_bodies import body_of_message
from edge_agent.board.shapes import ShownBed, Snapshot
from edge_agent.board.ward_picture import WardPicture
from edge_agent.board.ward_state import WardPlace
from edge_agent.commands.demo_staff import DemoStaff
from edge_agent.commands.demo_ward import demo_plan, switched_on
from edge_agent.commands.numbers import DURATION_S, SEED, SPEED
from edge_agent.commands.subcommand import stop_signals
from edge_agent.commands.ward_access import add_language_argument, labels_of, reader_of
from edge_agent.config.gateway_file import MqttSection
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.clock import ScaledClock
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.topics import is_alert
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.vitals.canonical import max_age_s
from edge_agent.ward_client.client import Arrival, WardClient
from edge_agent.ward_client.problem_lines import problem_line
from edge_agent.ward_client.top_picture import View, Window, picture
from simulators.links.embedded_broker import EmbeddedBroker

_WANTED: Final = "CRS or infection"
_WANTED_RULES: Final = frozenset({"crs.suspected", "crs.organ_sign"})
"""Alert that the demonstration waits for, in words and by its rules."""
_REFRESH_S: Final = 0.25
_ROWS_BELOW: Final = 2
"""Lines of the terminal below the picture: the address, and the end of the last line."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Eight simulated monitors on pseudo-terminals, the agent with its board, a broker on the "
        "loopback interface and a subscriber whose view is shown. In minutes one patient "
        "develops CRS, one has an infection, one loses a probe, and one gets tocilizumab. Needs "
        "no other software and leaves no files behind. Exit status 0: ended as requested; 1: "
        "with --until-alert, the time ran out before the alert arrived."
    )
    parser.add_argument("--speed", type=SPEED, metavar="X", help="ward seconds per second (20)")
    parser.add_argument(
        "--for", type=DURATION_S, dest="for_s", metavar="SECONDS", help="end after this time"
    )
    parser.add_argument(
        "--until-alert",
        action="store_true",
        help=f'end as soon as a raised "{_WANTED}" alert arrives through MQTT',
    )
    parser.add_argument("--seed", type=SEED, default=1, help="seed of the patients (default 1)")
    add_language_argument(parser)
    parser.set_defaults(log_level=logging.ERROR)


def run(arguments: argparse.Namespace) -> int:
    """Run the demonstration."""
    book, plan = read_rulebook(None), demo_plan(arguments.seed)
    clock = ScaledClock(read_system_clock, read_system_clock(), arguments.speed or plan.speed)
    with (
        tempfile.TemporaryDirectory(prefix="crswatch-demo-") as name,
        stop_signals() as is_over,
        EmbeddedBroker() as broker,
        switched_on(plan, arguments.seed, clock, Path(name)) as ward,
    ):
        mqtt = MqttSection(host=broker.host, port=broker.port)
        config = ward.config(Path(name), mqtt)
        place = config.gateway
        with WardClient(mqtt, f"crswatch/v1/{place.site}/{place.ward}/#") as client:
            agent = Agent(config, book, clock)
            agent.start()
            try:
                seen = WardPicture(
                    WardPlace(place.site, place.ward, place.zone),
                    max_age_s,
                    lambda: clock.now().utc_ns // 1_000_000,
                    clock.factor,
                )
                with DemoStaff(plan, config.journal.path, clock, ward.began) as staff:
                    show = _Show(client, clock, seen, arguments, is_over)
                    return show.run(agent, staff, ward.store_config(config))
            finally:
                agent.stop()


@dataclass(slots=True)
class _Show:
    """Live view of the messages that arrive."""

    client: WardClient
    clock: ScaledClock
    seen: WardPicture
    arguments: argparse.Namespace
    is_over: threading.Event
    began_s: float = field(default_factory=time.monotonic)
    wanted: Alert | None = None
    """The alert that is waited for; None until it came."""
    messages: int = 0
    _told: dict[str, str] = field(default_factory=dict)
    """Last line about each bed, without the times in it."""

    def run(self, agent: Agent, staff: DemoStaff, stored_config: Path) -> int:
        """Show messages until the end; return the exit status."""
        console = Console(highlight=False)
        console.print(f"the board: {agent.board_url}", soft_wrap=True)
        command = f"crswatch alerts --config {stored_config}"
        console.print(f"in another terminal: {command}", markup=False, soft_wrap=True)
        with Live(console=console, auto_refresh=False, transient=True) as live:
            while not self._has_ended(console):
                for arrival in self.client.messages(_REFRESH_S):
                    self._take(arrival)
                agent.supervise()
                snapshot = self.seen.snapshot()
                for line in self._news(snapshot):
                    live.console.print(line, markup=False, soft_wrap=True)
                if console.is_terminal:
                    live.update(self._picture(snapshot, console), refresh=True)
        self._summarise(console, staff)
        return 1 if self.arguments.until_alert and self.wanted is None else 0

    def _has_ended(self, console: Console) -> bool:
        """Return True at the end; after the alert, a person at a terminal may go on looking."""
        for_s = self.arguments.for_s
        is_late = for_s is not None and time.monotonic() - self.began_s >= for_s
        is_enough = self.arguments.until_alert and self.wanted is not None
        return is_late or self.is_over.is_set() or (is_enough and not console.is_terminal)

    def _take(self, arrival: Arrival) -> None:
        self.messages += 1
        body = body_of_message(arrival.topic, arrival.payload)
        if body is not None:
            self.seen.feed.put(body)
        if self.wanted is None and is_alert(arrival.topic) and arrival.payload:
            alert = decode_alert(arrival.payload)
            if alert.rule_id in _WANTED_RULES and alert.state is AlertState.RAISED:
                self.wanted = alert

    def _news(self, snapshot: Snapshot) -> Iterator[str]:
        """Yield a line for each bed whose problem has changed."""
        reader = reader_of(snapshot, self.arguments.language)
        labels = labels_of(snapshot, reader)
        for bed in snapshot.beds:
            key = _told(bed)
            if self._told.get(bed.id, "") == key:
                continue
            self._told[bed.id] = key
            time_of_day = reader.clock(snapshot.now_ms)
            if bed.problem is None:
                yield f"{time_of_day}  {reader.say('none_open_on', bed=labels[bed.id])}"
            else:
                line = problem_line(bed, bed.problem, labels[bed.id], reader)
                yield f"{time_of_day}  {line}"

    def _picture(self, snapshot: Snapshot, console: Console) -> Text:
        window = Window(console.width, max(1, console.height - _ROWS_BELOW))
        reader = reader_of(snapshot, self.arguments.language)
        return picture(View(snapshot, reader, footer=self._title()), window)

    def _title(self) -> str:
        passed = self.clock.now().seconds_since(self.clock.epoch) / 60
        return (
            f"crswatch demo, {passed:.0f} min of ward time at {self.clock.factor:g} times speed; "
            "Ctrl-C ends"
        )

    def _summarise(self, console: Console, staff: DemoStaff) -> None:
        ward_min = self.clock.now().seconds_since(self.clock.epoch) / 60
        snapshot = self.seen.snapshot()
        console.print(
            f"\n{time.monotonic() - self.began_s:.0f} s here were {ward_min:.0f} min on the ward: "
            f"{len(snapshot.beds)} beds, {self.messages} messages came through MQTT."
        )
        for refusal in staff.refusals:
            console.print(f"an entry was refused: {refusal}", markup=False)
        if self.wanted is not None:
            bed_id, text = self.wanted.bed_id, self.wanted.text
            console.print(f'The alert came back through MQTT: {bed_id}, "{text}"', markup=False)
        elif self.arguments.until_alert:
            console.print(f'No "{_WANTED}" alert came in time.')


def _told(bed: ShownBed) -> str:
    """Return a bed's problem without anything that changes with time alone; empty for none."""
    problem = bed.problem
    if problem is None:
        return ""
    signs = ",".join(f"{sign.alert_id}{sign.state}" for sign in problem.signs)
    return f"{problem.priority} {problem.state} {signs}"
