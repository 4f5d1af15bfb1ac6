"""One agent as a whole: what it survives, and what it says of itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.agent import Agent
from edge_agent.journal.entries import Lane
from edge_agent.lines.serial_line import line_name
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import ScaledClock
from edge_agent.payloads.events import EvaluationFailedEvent, decode_event
from edge_agent.replay.player import FeedClock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.gateway.test_journal_memory import agent_at, hear
from tests.support.gateways import opened
from tests.support.pipelines import BED, START
from tests.support.said import said_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_an_agent_goes_on_while_its_package_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand = [START]
    agent = agent_at(tmp_path / "journal.db", hand)
    before = agent.status().version
    with monkeypatch.context() as gone:
        gone.setattr(sys, "path", [])
        agent.start()
        hear(agent, hand, range(1, 90))
        assert agent.status().version == before
        agent.supervise()
        agent.stop()
    assert agent.pipeline_thread.failures.total == 0


def test_the_death_of_a_part_is_an_event_and_an_alert_of_every_bed(tmp_path: Path) -> None:
    agent = agent_at(tmp_path / "journal.db", [START])
    agent.start()
    agent.pipeline_thread.stop()
    agent.supervise()
    assert agent.status().newest_death == "evaluation"
    assert agent.status().restarts == 1
    agent.stop()
    with opened(tmp_path / "journal.db") as journal:
        events = [decode_event(entry.body) for entry in journal.read(Lane.EVENTS, 0, 100)]
    (failed,) = [event for event in events if isinstance(event, EvaluationFailedEvent)]
    assert (failed.bed_id, failed.what, failed.error, failed.times) == (
        BED,
        "evaluation",
        "died",
        1,
    )
    (alert,) = [a for a in agent.reported_alerts() if a.rule_id == "system.agent"]
    assert (alert.bed_id, alert.state, said_of(alert)) == (
        BED,
        AlertState.RAISED,
        "Evaluation stopped and was restarted.",
    )


class BrokenLine:
    """A line whose thread dies once."""

    name = line_name(DevicePlace("bed-02", "bed-02"))

    def __init__(self) -> None:
        self.alive = False

    def start(self) -> None:
        """Run."""
        self.alive = True

    def begin_release(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """End."""
        self.alive = False

    def is_alive(self) -> bool:
        """Return whether it runs."""
        return self.alive


def test_the_death_of_a_line_is_an_alert_of_its_own_bed(tmp_path: Path) -> None:
    beds = [BedSection(id=bed, port="none", driver="nonin") for bed in ("bed-01", "bed-02")]
    gateway = GatewaySection(id="gw-01", site="site", ward="ward")
    config = AgentConfig(gateway, JournalSection(tmp_path / "journal.db"), tuple(beds))
    line = BrokenLine()
    clock = ScaledClock(lambda: START, START)
    agent = Agent(config, read_rulebook(None), clock, lambda *_: [line])
    agent.start()
    line.stop()
    agent.supervise()
    agent.stop()
    told = [(a.bed_id, said_of(a)) for a in agent.reported_alerts() if a.rule_id == "system.agent"]
    assert told == [("bed-02", "Line of bed-02 stopped and was restarted.")]


def test_retention_counts_hours_of_the_ward(tmp_path: Path) -> None:
    bed = BedSection(id=BED, port="none", driver="philips_intellivue")
    gateway = GatewaySection(id="gw-01", site="site", ward="ward")
    config = AgentConfig(gateway, JournalSection(tmp_path / "journal.db", retention_h=60), (bed,))
    clocks = (ScaledClock(lambda: START, START), ScaledClock(lambda: START, START, 60.0))
    agents = [Agent(config, read_rulebook(None), clock, lambda *_: []) for clock in clocks]
    agents.append(Agent(config, read_rulebook(None), FeedClock(START, 60.0), lambda *_: []))
    assert [a._journal._recorder._settings.retain_s for a in agents] == [216_000, 3600, 216_000]
