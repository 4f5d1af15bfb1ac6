"""A replay from its first message to its last, through a real agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.gateway.agent import Agent
from edge_agent.lines.opening import Line
from edge_agent.model.alerts import Alert
from edge_agent.model.clock import Instant
from edge_agent.replay.player import Player

DRAIN_S: Final = 30.0
"""Wall seconds; a sink that is not reachable keeps its entries in the journal."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """Result of a replay."""

    alerts: tuple[Alert, ...]
    """Every change of a signalled alert, in order."""
    readings_stored: int
    """Number of messages with numerics that were journalled."""
    is_whole: bool
    """True if it was played to the end and everything was evaluated."""
    is_delivered: bool
    """True if every sink accepted everything."""


def play(agent: Agent, player: Player, until: Instant | None) -> Replayed:
    """Run an agent while its player plays; Ctrl-C ends both early and in order."""
    agent.start()
    try:
        try:
            is_whole = player.run(until)
        except KeyboardInterrupt:
            is_whole = False
        is_delivered = agent.drain(DRAIN_S)
        alerts = tuple(agent.alerts_reported_since_start())
    finally:
        agent.stop()
    is_evaluated = agent.pipeline_thread.failures.total == 0
    return Replayed(alerts, agent.readings_stored, is_whole and is_evaluated, is_delivered)


def no_lines(*_wiring: object) -> list[Line]:
    """Return an empty list: the agent has no lines of its own."""
    return []
