"""The one thread that owns the pipeline: messages in, outcomes handed on."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Final

from edge_agent.bed_line import FromDevice
from edge_agent.model.alerts import Acknowledgement
from edge_agent.model.bed_events import BedEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.model.clock import Clock
    from edge_agent.pipeline import Outcome, Pipeline

QUEUE_MESSAGES: Final = 4096
"""Two minutes of 32 beds; beyond it the ports wait, and their lines buffer."""
TICK_S: Final = 1.0
"""Ward seconds between two looks at the clock."""
_LEAST_WAIT_S: Final = 0.005  # wall: bounds the wake-ups of a clock that runs very fast
_STOP: Final = None

Message = FromDevice | Acknowledgement | BedEvent


class Judge:
    """Runs the pipeline; a part that can be started again on the state it has.

    Parameters
    ----------
    pipeline
        Owned by this thread from `start` on.
    clock
        The ward's time.
    restore
        Called once on this thread, before the first message; messages wait meanwhile.
    hand_on
        Takes what follows, on this thread; must be quick.
    """

    name: Final = "judge"

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        restore: Callable[[], Sequence[Outcome]],
        hand_on: Callable[[Sequence[Outcome]], None],
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._restore = restore
        self._is_restored = False
        self._hand_on = hand_on
        self._messages: queue.Queue[Message | None] = queue.Queue(QUEUE_MESSAGES)
        self._thread = threading.Thread()

    def put(self, message: Message) -> None:
        """Have a message judged; waits while thousands wait already."""
        self._messages.put(message)

    def wait_until_idle(self) -> None:
        """Return when everything put so far has been judged and handed on."""
        self._messages.join()

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
        wait_s = max(TICK_S / self._clock.factor, _LEAST_WAIT_S)
        ticked_at = self._clock.now()
        while True:
            # With messages waiting, time has come only as far as the oldest of them.
            now = self._clock.now()
            try:
                message = self._messages.get(timeout=wait_s)
            except queue.Empty:
                pass
            else:
                try:
                    if message is None:
                        return
                    self._hand_on(self._judge(message))
                finally:
                    self._messages.task_done()
                if isinstance(message, FromDevice):
                    now = min(now, message.at)
            if now.seconds_since(ticked_at) >= TICK_S:
                ticked_at = now
                self._hand_on(self._pipeline.tick(now))

    def _judge(self, message: Message) -> Sequence[Outcome]:
        match message:
            case FromDevice():
                return self._pipeline.receive(message.place, message.events, message.at)
            case Acknowledgement():
                return self._pipeline.acknowledge(message, self._clock.now())
            case BedEvent():
                return [message]
