"""An agent without monitors whose one patient is short of oxygen."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_agent.config.gateway_file import load_config
from edge_agent.gateway.agent import Agent
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry
from edge_agent.replay.run import no_lines
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.control_sockets import await_path
from tests.support.gateways import BED
from tests.support.pipelines import START, message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class TroubledWard:
    """An agent, and the hand of its clock."""

    agent: Agent
    hand: list[Instant] = field(default_factory=lambda: [START])
    seconds: int = 0

    def pass_seconds(self, count: int, *, spo2: float = 86.0, heart_rate: float = 80.0) -> None:
        """Let a monitor measure for some seconds."""
        for _ in range(count):
            self.seconds += 1
            self.hand[0] = START.plus(self.seconds)
            event = message(self.seconds, hr=heart_rate, spo2=spo2, temp=36.9)
            place = DevicePlace(BED, BED)
            self.agent.pipeline_thread.put(FromDevice(place, (event,), event.at))
        assert self.agent.pipeline_thread.wait_until_idle()

    def discharge(self) -> None:
        """Let the patient leave."""
        entry = PatientEntry("e-1", "", EntryKind.DISCHARGED, self.hand[0].utc_ns, by="N12")
        self.agent.pipeline_thread.put(BedEntry(BED, entry))
        assert self.agent.pipeline_thread.wait_until_idle()


@contextmanager
def troubled_ward(config: Path, *, until_s: int = 300) -> Iterator[TroubledWard]:
    """Run the agent of a configuration until its patient has been short of oxygen for a while."""
    hand = [START]
    settings = load_config(config)
    clock = ScaledClock(lambda: hand[0], START)
    agent = Agent(settings, read_rulebook(None), clock, no_lines)
    agent.start()
    ward = TroubledWard(agent, hand)
    try:
        await_path(settings.journal.path)
        ward.pass_seconds(until_s)
        yield ward
    finally:
        agent.stop()
