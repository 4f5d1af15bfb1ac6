"""The one thread that owns the pipeline: messages in, outcomes handed on."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.bed_line import FromDevice
from edge_agent.model.alerts import Acknowledgement
from edge_agent.model.bed_events import BedEvent
from edge_agent.model.patient import BedEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.model.clock import Clock, Instant
    from edge_agent.pipeline import Outcome, Pipeline

QUEUE_MESSAGES: Final = 4096
"""Two minutes of 32 beds; beyond it the ports wait, and their lines buffer."""
TICK_S: Final = 1.0
"""Ward seconds between two looks at the clock."""
_LEAST_WAIT_S: Final = 0.005  # wall: bounds the wake-ups of a clock that runs very fast
_LOOK_S: Final = 0.5  # wall: how soon a thread that died is noticed by who waits for it
_STOP: Final = None

FEED_AXIS: Final = "feed"
"""Axis of a clock that stands until it is advanced: there, time passes by messages alone."""


@dataclass(frozen=True, slots=True)
class TimePassed:
    """Everything up to this moment has been put."""

    at: Instant


_Dated = FromDevice | TimePassed
Message = FromDevice | Acknowledgement | BedEntry | BedEvent | TimePassed


class Judge:
    """Runs the pipeline; a part that can be started again on the state it has.

    Parameters
    ----------
    pipeline
        Owned by this thread from `start` on.
    clock
        The ward's time; on the axis of a feed it ticks by `TimePassed` and what devices said.
    restore
        Called once on this thread, before the first message; messages wait meanwhile.
    hand_on
        Takes what follows, on this thread; must be quick.
    finish
        Called on this thread after the last message.
    """

    name: Final = "judge"

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        restore: Callable[[], Sequence[Outcome]],
        hand_on: Callable[[Sequence[Outcome]], None],
        finish: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._restore = restore
        self._is_restored = False
        self._ticked_at = clock.now()
        self._hand_on = hand_on
        self._finish = finish
        is_told = clock.axis == FEED_AXIS
        self._wait_s = None if is_told else max(TICK_S / clock.factor, _LEAST_WAIT_S)
        """How long no message may come before the clock is looked at; None: for ever."""
        self._messages: queue.Queue[Message | None] = queue.Queue(QUEUE_MESSAGES)
        self._thread = threading.Thread()

    def put(self, message: Message) -> None:
        """Have a message judged; waits while thousands wait already."""
        self._messages.put(message)

    def wait_until_idle(self) -> bool:
        """Return True when everything put so far was judged, False where the thread has died."""
        with self._messages.all_tasks_done:
            while self._messages.unfinished_tasks:
                if not (self._messages.all_tasks_done.wait(_LOOK_S) or self.is_alive()):
                    return False
        return True

    def start(self) -> None:
        """Begin, or begin again where the thread died."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Judge what waits, then end."""
        if self._thread.is_alive():
            self._messages.put(_STOP)
            self._thread.join()

    def is_alive(self) -> bool:
        """Return whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        if not self._is_restored:
            self._is_restored = True
            self._hand_on(self._restore())
        self._ticked_at = self._clock.now()
        while True:
            now = self._clock.now()
            try:
                message = self._messages.get(timeout=self._wait_s)
            except queue.Empty:
                self._tick_if_due(now)
                continue
            try:
                if message is None:
                    self._finish()
                    return
                self._hand_on(self._judge(message))
                # With messages waiting, time has come only as far as this one.
                self._tick_if_due(message.at if isinstance(message, _Dated) else now)
            finally:
                self._messages.task_done()

    def _tick_if_due(self, now: Instant) -> None:
        if now.seconds_since(self._ticked_at) >= TICK_S:
            self._ticked_at = now
            self._hand_on(self._pipeline.tick(now))

    def _judge(self, message: Message) -> Sequence[Outcome]:
        match message:
            case FromDevice():
                return self._pipeline.receive(message.place, message.events, message.at)
            case Acknowledgement():
                return self._pipeline.acknowledge(message, self._clock.now())
            case BedEntry():
                return self._pipeline.enter(message.entry, message.bed_id, self._clock.now())
            case BedEvent():
                return [message]
            case TimePassed():
                return ()
