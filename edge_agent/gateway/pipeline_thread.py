"""The thread that owns the pipeline: messages in, outcomes out.

A message on which the pipeline raises an error is discarded and never tried again:
`PipelineThread.failures` counts it, and an `EvaluationFailed` event of the bed is journalled like
every outcome.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from edge_agent.gateway.failures import Failures
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.bed_events import BedEvent, BedState, FromDevice
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.duty import WardPlan
from edge_agent.model.patient import BedEntry
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline

QUEUE_MESSAGES: Final = 4096
"""Longest queue: two minutes of 32 beds; when it is full, the ports wait and their lines buffer."""
CHECK_EVERY_S: Final = 1.0
"""Ward seconds between two checks of the clock."""
_LEAST_WAIT_S: Final = 0.005  # wall: limits the wake-ups with a very fast clock
_CHECK_ALIVE_S: Final = 0.5  # wall: time until a waiting caller notices that the thread died
_FAILURES_AT_MOST: Final = 64
"""Most failures waiting to be reported; each part can fail once between two checks."""
_STOP: Final = None

FEED_AXIS: Final = "feed"
"""Axis of a clock that stands until it is advanced: time passes there by messages only."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Message that everything up to this moment has been put."""

    at: Instant


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's command whose sender waits for its outcomes."""

    command: Answer | AlertTest | BedEntry
    reply: Callable[[Sequence[Outcome]], None]
    """Receives the outcomes after they were handed on; must be quick."""


_Dated = FromDevice | TimePassed
_Command = Answer | AlertTest | BedEntry | BedEvent | WardPlan
PipelineMessage = FromDevice | _Command | Asked | TimePassed


@dataclass(frozen=True, slots=True)
class PipelineCallbacks:
    """Functions that the pipeline thread calls; an error in one is counted."""

    restore: Callable[[], Sequence[Outcome]]
    """Called once, before the first message; messages wait meanwhile."""
    store_outcome: Callable[[Outcome], None]
    """Receives one outcome; must be quick."""
    update: Callable[[], None]
    """Called after the outcomes of each message or tick."""
    finish: Callable[[], None]
    """Called after the last message."""


class PipelineThread:
    """Runs the pipeline; a part that can be restarted with the state it has.

    Parameters
    ----------
    pipeline
        The pipeline, owned by this thread from `start` on.
    clock
        The ward's time; on the axis of a feed it ticks by `TimePassed` and device messages.
    """

    name: Final = "evaluation"

    def __init__(self, pipeline: Pipeline, clock: Clock, callbacks: PipelineCallbacks) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._callbacks = callbacks
        self._is_restored = False
        self._ticked_at = clock.now()
        self.failures = Failures()
        """Failures since the start; written by this thread."""
        has_feed_clock = clock.axis == FEED_AXIS
        self._wait_s = None if has_feed_clock else max(CHECK_EVERY_S / clock.factor, _LEAST_WAIT_S)
        """Longest wait for a message before the clock is checked; None waits forever."""
        self.turns = 0
        """Turns of the loop since the start; 0 until the memory of earlier runs is restored."""
        self._unreported: deque[tuple[BedState, str, str]] = deque(maxlen=_FAILURES_AT_MOST)
        """Failures to report, each with its state, words and bed; an empty bed means all beds."""
        self._asked_for: list[Outcome] | None = None
        """Outcomes of the command whose sender waits for them; None between such commands."""
        self._messages: queue.Queue[PipelineMessage | None] = queue.Queue(QUEUE_MESSAGES)
        self._thread = threading.Thread()

    def put(self, message: PipelineMessage) -> None:
        """Queue a message for evaluation; block while the queue is full."""
        self._messages.put(message)

    def report_failure(self, words: str, bed_id: str = "") -> None:
        """Raise an alert that a part of the program failed, at one bed or all; never block."""
        self._unreported.append((BedState.AGENT_FAILED, words, bed_id))

    def report_calls(self, words: str, bed_id: str = "") -> None:
        """Raise an alert that an alert may reach nobody, at one bed or all; never block."""
        self._unreported.append((BedState.ESCALATION_FAILED, words, bed_id))

    def report_way(self, words: str, bed_id: str) -> None:
        """Raise an alert at a bed that one way out does not work; never block."""
        self._unreported.append((BedState.WAY_LOST, words, bed_id))

    def offer(self, message: PipelineMessage, share: float = 1.0) -> bool:
        """Queue a message unless too many wait; return True if it was accepted.

        Parameters
        ----------
        share
            Share of the queue that it may fill, in (0, 1].
        """
        if self._messages.qsize() >= share * QUEUE_MESSAGES:
            return False
        try:
            self._messages.put_nowait(message)
        except queue.Full:
            return False
        return True

    def wait_until_idle(self) -> bool:
        """Return True when all messages so far were evaluated, False if the thread has died."""
        with self._messages.all_tasks_done:
            while self._messages.unfinished_tasks:
                if not (self._messages.all_tasks_done.wait(_CHECK_ALIVE_S) or self.is_alive()):
                    return False
        return True

    def start(self) -> None:
        """Start, or restart after the thread died."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Evaluate the waiting messages, then stop."""
        if self._thread.is_alive():
            self._messages.put(_STOP)
            self._thread.join()

    def is_alive(self) -> bool:
        """Return True if the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        """Evaluate messages until `stop`; check the clock when none arrives."""
        if not self._is_restored:
            self._is_restored = True
            self._attempt("", "the state in the journal", self._callbacks.restore)
        self._ticked_at = self._clock.now()
        while True:
            now = self._clock.now()
            self._report_failures(now)
            self.turns += 1
            try:
                message = self._messages.get(timeout=self._wait_s)
            except queue.Empty:
                self._tick_if_due(now)
                continue
            try:
                if message is None:
                    self._guard("", "the snapshots for a restart", self._callbacks.finish)
                    self._report_failures(now)  # no message follows to do so
                    return
                self._evaluate(message)
                # While messages wait, the time is that of this message.
                self._tick_if_due(message.at if isinstance(message, _Dated) else now)
            finally:
                self._messages.task_done()

    def _tick_if_due(self, now: Instant) -> None:
        if now.seconds_since(self._ticked_at) < CHECK_EVERY_S:
            return
        self._ticked_at = now
        for bed_id in self._pipeline.bed_ids:
            self._catch_up(bed_id, now, by_clock=True)
        self._attempt("", "the passing of time", lambda: self._pipeline.tick(now))
        self._guard("", "the status of the beds", self._callbacks.update)

    def _evaluate(self, message: PipelineMessage) -> None:
        """Evaluate one message, after the steps that ended before it."""
        match message:
            case FromDevice():
                self._receive(message)
            case Answer() | AlertTest() | BedEntry():
                self._carry_out(message)
            case BedEvent():
                self._attempt(message.bed_id, "an event", lambda: [message])
            case Asked():
                self._evaluate_asked(message)
            case WardPlan():
                self._attempt("", "the ward file", partial(self._pipeline.follow, message))
            case TimePassed():
                pass
        self._guard("", "the status of the beds", self._callbacks.update)

    def _carry_out(self, command: Answer | AlertTest | BedEntry) -> None:
        """Carry out a person's command now."""
        bed_id, now = command.bed_id, self._clock.now()
        self._catch_up(bed_id, now)
        match command:
            case Answer():
                self._attempt(bed_id, "an answer", partial(self._pipeline.answer, command, now))
            case AlertTest():
                self._attempt(bed_id, "a test", partial(self._pipeline.test_alert, command, now))
            case BedEntry():
                enter = partial(self._pipeline.enter, command.entry, bed_id, now)
                self._attempt(bed_id, "an entry", enter)

    def _evaluate_asked(self, message: Asked) -> None:
        """Evaluate a command, and hand its outcomes to its sender."""
        outcomes: list[Outcome] = []
        self._asked_for = outcomes
        self._evaluate(message.command)
        self._asked_for = None
        self._guard("", "a reply", partial(message.reply, outcomes))

    def _receive(self, message: FromDevice) -> None:
        """Evaluate a device's events one by one, so that a failing one costs no other."""
        place, at = message.place, message.at
        self._catch_up(place.bed_id, at)
        for event in message.events:
            receive = partial(self._pipeline.receive, place, (event,), at)
            self._attempt(place.bed_id, type(event).__name__, receive)

    def _catch_up(self, bed_id: str, at: Instant, *, by_clock: bool = False) -> None:
        step = partial(self._pipeline.catch_up, bed_id, at, by_clock=by_clock)
        self._attempt(bed_id, "a step", step)

    def _attempt(self, bed_id: str, what: str, call: Callable[[], Sequence[Outcome]]) -> None:
        """Hand on the outcomes of a call, or those from before it raised an error."""
        try:
            outcomes = call()
        except Exception as error:  # noqa: BLE001 - one bed's mistake must not end the monitoring
            failed = self.failures.note(bed_id, what, error, self._clock.now())
            outcomes = [*self._pipeline.outcomes_so_far, *failed]
            self.report_failure(f"{what} could not be evaluated ({type(error).__name__})", bed_id)
        self._hand_on(bed_id, outcomes)

    def _hand_on(self, bed_id: str, outcomes: Sequence[Outcome]) -> None:
        if self._asked_for is not None:
            self._asked_for += outcomes
        for outcome in outcomes:
            store = partial(self._callbacks.store_outcome, outcome)
            self._guard(bed_id, type(outcome).__name__, store)

    def _report_failures(self, now: Instant) -> None:
        while self._unreported:
            self._report_failure(*self._unreported.popleft(), now)

    def _report_failure(self, state: BedState, words: str, bed_id: str, now: Instant) -> None:
        """Raise an alert of a failure; if that fails, too, count it and report it no further."""
        beds = [bed for bed in self._pipeline.bed_ids if bed_id in {"", bed}]
        for bed in beds:
            try:
                outcomes_so_far = self._pipeline.note_event(bed, state, words, now)
            except Exception as error:  # noqa: BLE001 - the other beds get the alert
                self.failures.note(bed, "an alert of a failure", error, now)
                outcomes_so_far = self._pipeline.outcomes_so_far
            self._hand_on(bed, outcomes_so_far)

    def _guard(self, bed_id: str, what: str, act: Callable[[], None]) -> None:
        """Run an action; count and journal an error."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - one bed's mistake must not end the monitoring
            self.report_failure(
                f"{what} could not be stored or reported ({type(error).__name__})", bed_id
            )
            for failed in self.failures.note(bed_id, what, error, self._clock.now()):
                with suppress(Exception):  # the error itself is counted and logged already
                    self._callbacks.store_outcome(failed)
