"""A pipeline thread whose journal and sinks are lists."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from edge_agent.gateway.pipeline_thread import PipelineCallbacks, PipelineThread
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.clock import Instant, ScaledClock
from tests.support.pipelines import BED, START, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.ward.beds import Outcome


WAIT_S = 20.0


class Ward:
    """A clock that the test moves, and what the pipeline thread passed on."""

    def __init__(self) -> None:
        self.at = START
        self.outcomes: list[Outcome] = []
        self.has_news = threading.Condition()
        self.mistakes = 0
        self.looks = 0
        self.looks_fail = False
        self.is_finished = False

    def read(self) -> Instant:
        """Return where the ward stand."""
        return self.at

    def take(self, outcome: Outcome) -> None:
        """Keep what follows; fail while a mistake is to be made."""
        if self.mistakes:
            self.mistakes -= 1
            raise RuntimeError("a mistake of ours")
        with self.has_news:
            self.outcomes.append(outcome)
            self.has_news.notify_all()

    def look(self) -> None:
        """Count a look, or fail as told."""
        self.looks += 1
        if self.looks_fail:
            raise ValueError("a mistake in a report")

    def finish(self) -> None:
        """Note that the last message was judged."""
        self.is_finished = True

    def events(self) -> list[BedEvent]:
        """Return the events that were handed on."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, BedEvent)]

    def calls(self, restore: Callable[[], Sequence[Outcome]]) -> PipelineCallbacks:
        """Return the callbacks of the thread."""
        return PipelineCallbacks(restore, self.take, self.look, self.finish)

    def wait_for(self, count: int) -> None:
        """Wait until so many outcomes were handed on."""
        with self.has_news:
            assert self.has_news.wait_for(lambda: len(self.outcomes) >= count, WAIT_S)


def thread_of(ward: Ward, restored: Sequence[Outcome] = ()) -> PipelineThread:
    clock = ScaledClock(ward.read, START, 1000.0)
    return PipelineThread(pipeline(since=START), clock, ward.calls(lambda: restored))


def rejected(reason: str) -> BedEvent:
    return BedEvent(BED, BED, CommandRejected(reason), START)
