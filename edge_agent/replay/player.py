"""Replay of recordings into a real agent, on the time of the recording.

The speed changes no result: messages are evaluated at their own times, and time passes second by
second of the feed, also without messages.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, Protocol

from edge_agent.gateway.pipeline_thread import CHECK_EVERY_S, FEED_AXIS, PipelineMessage, TimePassed
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import CrswatchError

Feed = Iterable[FromDevice]
"""Events of devices, in order of time."""


class ReplayError(CrswatchError):
    """A feed that cannot be played."""


class FeedClock:
    """Clock that stands at the moment up to which a feed was evaluated, until it is advanced.

    Its monotonic time is the UTC of the feed, so that replays of one feed are equal on any machine.

    Parameters
    ----------
    speed
        Feed seconds per wall second, > 0; infinite for as fast as possible.
    """

    axis: Final = FEED_AXIS

    def __init__(self, start: Instant, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"speed is {speed}; want > 0")
        self._now = start
        self._speed = speed

    @property
    def factor(self) -> float:
        """Feed seconds per wall second."""
        return self._speed

    def now(self) -> Instant:
        """Return the moment at which it stands."""
        return self._now

    def advance(self, at: Instant) -> None:
        """Move the clock to a later moment."""
        self._now = at


@dataclass(frozen=True, slots=True)
class PlayedSpan:
    """Part of the feeds that is played."""

    start: Instant
    """Start of monitoring; nothing before it is known."""
    end: Instant
    """End of the agent's run, even if the feeds end earlier."""


class Evaluator(Protocol):
    """Consumer of the messages; see `evaluator.PipelineThread`."""

    def put(self, message: PipelineMessage) -> None:
        """Accept a message; may block."""

    def wait_until_idle(self) -> bool:
        """Return True when all messages were evaluated, False if the consumer has died."""


class Player:
    """Plays feeds side by side, at a set speed, and never ahead of the evaluation.

    Parameters
    ----------
    feeds
        Feeds, each in order of time; at the same moment the earlier feed comes first.
    clock
        Clock that stands at the start of the feeds; the player advances it.
    on_progress
        Function called after each step with the moment reached.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        clock: FeedClock,
        evaluator: Evaluator,
        on_progress: Callable[[Instant], None] | None = None,
    ) -> None:
        self._feeds = feeds
        self._clock = clock
        self._evaluator = evaluator
        self._on_progress = on_progress
        self._start = clock.now()
        self._step_end = _step_end(self._start)
        self._begun_s = 0.0  # wall; when `run` began
        self._stopped = threading.Event()

    def run(self, until: Instant | None = None) -> bool:
        """Play up to a moment, or to the end; return True if it was reached.

        Raises
        ------
        ReplayError
            If a feed goes back in time or begins before the clock, or the evaluator has died.
        """
        self._begun_s = time.monotonic()
        newest = self._start
        for message in heapq.merge(*self._feeds, key=attrgetter("at")):
            if until is not None and message.at > until:
                break
            if message.at < newest:
                raise ReplayError(_goes_back(message, newest))
            newest = message.at
            if not (self._end_steps_before(newest) and self._reach(newest)):
                return False
            self._evaluator.put(message)
        if until is None:
            return self._end_steps_before(newest) and self._end_step(self._step_end)
        return self._end_steps_before(until) and self._end_step(until)

    def stop(self) -> None:
        """Stop `run` soon; may be called from another thread."""
        self._stopped.set()

    def _end_steps_before(self, at: Instant) -> bool:
        """End the steps that lie completely before `at`; return True to go on."""
        while self._step_end < at:
            if not self._end_step(self._step_end):
                return False
            self._step_end = self._step_end.plus(CHECK_EVERY_S)
        return True

    def _end_step(self, at: Instant) -> bool:
        """Wait until everything up to `at` was evaluated; return True to go on."""
        is_in_time = self._reach(at)
        if is_in_time:
            self._evaluator.put(TimePassed(at))
        if not self._evaluator.wait_until_idle():
            raise ReplayError("the thread that evaluates readings has died; the log says why")
        if is_in_time:
            self._clock.advance(at)
            if self._on_progress is not None:
                self._on_progress(at)
        return is_in_time

    def _reach(self, at: Instant) -> bool:
        """Wait until `at` is due; return True if it was reached, False after `stop`."""
        due_s = self._begun_s + at.seconds_since(self._start) / self._clock.factor
        left_s = due_s - time.monotonic()
        if left_s > 0:
            self._stopped.wait(left_s)
        return not self._stopped.is_set()


def _step_end(start: Instant) -> Instant:
    """Return the first moment after `start` on the grid of whole steps."""
    step_ns = round(CHECK_EVERY_S * 1e9)
    to_go_ns = step_ns - start.monotonic_ns % step_ns
    return Instant(start.monotonic_ns + to_go_ns, start.utc_ns + to_go_ns)


def _goes_back(message: FromDevice, newest: Instant) -> str:
    back_s = newest.seconds_since(message.at)
    return (
        f"feed of {message.place.device_id}: a message is {back_s:.3f} s older than what was "
        f"played before it, at UTC {newest.utc_ns / 1e9:.3f} s; want messages in order of time"
    )
