"""A simulated monitor on a real line into a real agent, and what an MQTT subscriber then has."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    MqttSection,
)
from edge_agent.drivers.registry import driver
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import ScaledClock
from edge_agent.payloads.readings import decode_vitals_message
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.links.faults import FaultRates, FaultyLine
from simulators.links.pty_link import PtyLink
from simulators.links.tcp_link import TcpLink
from simulators.monitors.device import MonitorDevice, PowerOn
from simulators.wards.bedside import SimulatedBed, SimulatedWard
from tests.support.brokers import mosquitto, watcher
from tests.support.full_course import full_course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from edge_agent.model.clock import Clock, Instant
    from edge_agent.payloads.readings import VitalsWire
    from simulators.monitors.device import Sent
    from simulators.wards.bedside import DeviceLink
    from tests.support.brokers import Watcher

    Build = Callable[[PowerOn], MonitorDevice]
    """Makes a monitor of its power-on, with the patient and who is told."""

BED: Final = "bed-01"
_GATEWAY: Final = GatewaySection(id="gw-01", site="hospital", ward="cart-1")
_DRAIN_S: Final = 60.0
_WAIT_S: Final = 60.0


class Cable:
    """Damages what passes, knows what of it came out whole, and can be shut at the end."""

    def __init__(self, rates: FaultRates, seed: int) -> None:
        self._truth = bytearray()
        self._damage = FaultyLine(rates, seed, self._truth)
        self._given = bytearray()
        self._intakes: list[tuple[Instant, int]] = []
        """Numbers of bytes given, by moment."""
        self._passes: list[tuple[int, Instant]] = []
        """Numbers of bytes given when some came out, with the moment."""
        self._written: list[Instant] = []
        """Moments by which what came out was written; empty where it is written at once."""
        self.is_shut = False

    def pass_on(self, data: bytes, at: Instant) -> bytes:
        """Return what comes out at the far end now."""
        if self.is_shut:
            return b""
        self._given += data
        self._intakes.append((at, len(self._given)))
        out = self._damage.pass_on(data, at)
        if out:
            self._passes.append((len(self._given), at))
        return out

    def written_by(self, at: Instant) -> None:
        """Note that what came out so far is written: a busy machine delays the writing."""
        self._written += [at] * (len(self._passes) - len(self._written))

    def carried(self, messages: Sequence[Sent], silence_s: float) -> list[bool]:
        """Return which messages came out whole, and without a pause that settles half of one."""
        carried, begin = [], 0
        counts = [count for count, _ in self._passes]
        written = self._written or [at for _, at in self._passes]
        for message in messages:
            # A later message of equal bytes is not this one: that begins later.
            last = self._given_by(message.at) - 1 + len(message.wire)
            at = self._given.find(message.wire, begin, last)
            end = at + len(message.wire)
            first, after = bisect_right(counts, at), bisect_left(counts, end)
            is_out = at >= 0 and after < len(written)
            carried.append(
                is_out
                and all(self._truth[at:end])
                and all(
                    later.seconds_since(earlier) < silence_s
                    for (_, earlier), later in zip(
                        self._passes[first:after], written[first + 1 : after + 1], strict=True
                    )
                )
            )
            begin = end if at >= 0 else begin
        return carried

    def _given_by(self, sent_at: Instant) -> int:
        """Return how many bytes had been given once an answer of `sent_at` was."""
        newer = bisect_right(self._intakes, sent_at, key=lambda intake: intake[0])
        return self._intakes[min(newer, len(self._intakes) - 1)][1]


class _TimedBed(SimulatedBed[MonitorDevice]):
    """A bed whose cable knows when its bytes were written."""

    def __init__(
        self, monitor: MonitorDevice, link: DeviceLink, cable: Cable, clock: Clock
    ) -> None:
        super().__init__(BED, monitor, link, cable)
        self._cable = cable
        self._clock = clock

    def serve(self, at: Instant) -> None:
        """Serve the bed, and note the time once the line has accepted everything."""
        super().serve(at)
        if not self._waiting:
            self._cable.written_by(self._clock.now())


@dataclass(slots=True)
class Watched:
    """Events sent, those that the line carried whole, and those received."""

    sent: list[Sent]
    whole: list[bool]
    received: list[VitalsWire]


@dataclass(frozen=True, slots=True)
class Line:
    """A monitor's line, and the length and speed of its course."""

    driver: str
    profile: str = ""
    over_tcp: bool = False
    origin: str = ""
    rates: FaultRates = field(default_factory=FaultRates)
    speed: float = 60.0
    minutes: float = 60.0


def watch(folder: Path, line: Line, build: Build, seed: int = 3) -> Watched:
    """Run a monitor to the end of its course and return the outcome."""
    clock = ScaledClock(read_system_clock, read_system_clock(), line.speed)
    cable = Cable(line.rates, seed)
    sent: list[Sent] = []
    course = full_course(seed)
    settings = ("allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 0")
    with mosquitto(folder, *settings) as broker, watcher(broker.port, "crswatch/#") as seen:
        with _connected(folder, line, clock, broker.port) as (agent, link):
            begin = clock.now()
            monitor = build(PowerOn(course.vitals_at, begin, sent.append))
            bed = _TimedBed(monitor, link, cable, clock)
            with SimulatedWard([bed], clock):
                _wait(agent, clock, begin.plus(line.minutes * 60))
                cable.is_shut = True
                _wait_until_read(link)
                assert agent.drain(_DRAIN_S)
        received = list(_vitals(seen))
    return Watched(sent, cable.carried(sent, driver(line.driver).silence_s), received)


@contextmanager
def _connected(
    folder: Path, line: Line, clock: Clock, broker_port: int
) -> Iterator[tuple[Agent, DeviceLink]]:
    """Give a running agent and the device's end of a line into it."""
    link: DeviceLink | None = None if line.over_tcp else PtyLink()
    bed = BedSection(
        id=BED,
        port="mllp://127.0.0.1:0" if link is None else link.path,
        driver=line.driver,
        profile=line.profile,
        origin=line.origin,
    )
    config = AgentConfig(
        gateway=_GATEWAY,
        journal=JournalSection(path=folder / "journal.db"),
        beds=(bed,),
        mqtt=MqttSection(host="127.0.0.1", port=broker_port),
    )
    agent = Agent(config, read_rulebook(None), clock)
    agent.start()
    try:
        yield agent, link or TcpLink("127.0.0.1", _bound_port(agent))
    finally:
        agent.stop()


def _bound_port(agent: Agent) -> int:
    (shared,) = agent.lines
    pause = threading.Event()
    for _ in range(1000):
        port: int = getattr(shared, "bound_port", 0)
        if port:
            return port
        pause.wait(0.01)
    pytest.fail("the agent does not listen")


def _wait(agent: Agent, clock: Clock, until: Instant) -> None:
    pause = threading.Event()
    while clock.now() < until:
        agent.supervise()
        pause.wait(0.2)


def _wait_until_read(link: DeviceLink) -> None:
    pause = threading.Event()
    for _ in range(500):
        unread = link.unread() if isinstance(link, PtyLink) else 0
        pause.wait(0.01)
        if not unread:
            break
    pause.wait(0.5)  # what the agent has read may be on its way to the judge


def _vitals(seen: Watcher) -> Iterator[VitalsWire]:
    """Yield every message with vitals that was published so far."""
    seen.publish("crswatch/end", b"")
    while (message := seen.messages.get(timeout=_WAIT_S)).topic != "crswatch/end":
        if message.topic.endswith("/vitals"):
            yield decode_vitals_message(bytes(message.payload))
