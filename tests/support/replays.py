"""Feeds played into an agent of their own, for a result that tests compare."""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from edge_agent.gateway.agent import Agent
from edge_agent.replay.player import FeedClock, Player, ReplayError
from edge_agent.replay.run import no_lines, play

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from edge_agent.config.gateway_file import AgentConfig
    from edge_agent.model.bed_events import FromDevice
    from edge_agent.model.clock import Instant
    from edge_agent.replay.player import Feed, PlayedSpan
    from edge_agent.replay.run import Replayed
    from edge_agent.rulebook.rule_set import Rulebook


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
