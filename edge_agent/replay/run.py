"""A replay from its first message to its last, through a real agent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from edge_agent.config.gateway_file import AgentConfig
from edge_agent.gateway.agent import Agent
from edge_agent.lines.opening import Line
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import Instant
from edge_agent.replay.player import Feed, FeedClock, PlayedSpan, Player, ReplayError
from edge_agent.rulebook.rule_set import Rulebook

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


def replay(
    config: AgentConfig,
    book: Rulebook,
    feeds: Sequence[Feed],
    speed: float = math.inf,
    span: PlayedSpan | None = None,
) -> Replayed:
    """Play feeds into an agent and return the result.

    Parameters
    ----------
    config
        Configuration with the beds of the feeds; no port is opened. Use a separate journal.
    book
        The rules.
    feeds
        Feeds of the devices; they cannot be continued afterwards.
    speed
        Feed seconds per wall second; infinite for as fast as possible.
    span
        None: from the first message to the last.

    Raises
    ------
    ReplayError
        If no feed holds a message, or one goes back in time.
    """
    if span is None:
        start, feeds = _begun(feeds)
    else:
        start = span.start
    clock = FeedClock(start, speed)
    agent = Agent(config, book, clock, no_lines)
    return play(
        agent, Player(feeds, clock, agent.pipeline_thread), None if span is None else span.end
    )


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


def _begun(feeds: Sequence[Feed]) -> tuple[Instant, Sequence[Feed]]:
    """Return the moment of the first message, and the feeds from their first message on."""
    iterators = [iter(feed) for feed in feeds]
    firsts = [next(iterator, None) for iterator in iterators]
    moments = [first.at for first in firsts if first is not None]
    if not moments:
        raise ReplayError(f"{len(feeds)} feeds hold no message; want at least one")
    whole: list[Iterator[FromDevice]] = [
        chain((first,), rest)
        for first, rest in zip(firsts, iterators, strict=True)
        if first is not None
    ]
    return min(moments), whole
