"""The thread between the agent and the service manager: ready, status, watchdog, stopping.

It has a thread of its own, so that neither a disk nor a part that is slow to restart holds up what
it says.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from edge_agent.gateway.pulse import Pulse
from edge_agent.ops.service_manager import ServiceManager
from edge_agent.ops.vigil import Look, Vigil

_LOOK_EVERY_S: Final = 1.0
"""Wall seconds between two looks, a quarter of the watchdog's limit at most."""
_START_WITHIN_S: Final = 90.0
"""Wall seconds without progress after which a start has failed: the disk holds one up for half a
minute at most, and a message that is read back takes milliseconds."""
_STATUS_EVERY_S: Final = 5.0
_STANDS_S: Final = 10.0
"""Wall seconds without progress from which it is reported: a reader waits for 5 s for its port."""
_STOP_WITHIN_S: Final = 2.0
_LOG = logging.getLogger(__name__)


class ServiceWatch:
    """Tells the service manager how the agent is; a part that runs as long as the agent.

    Parameters
    ----------
    pulse
        Returns the progress of what watches the patients, without waiting.
    status
        Returns the state of the ward in one line, without waiting.
    """

    name: Final = "service watch"

    def __init__(
        self, manager: ServiceManager, pulse: Callable[[], Pulse], status: Callable[[], str]
    ) -> None:
        self._manager = manager
        self._pulse = pulse
        self._status = status
        self._every_s = min(_LOOK_EVERY_S, manager.limit_s / 4 or _LOOK_EVERY_S)
        self._vigil = Vigil()
        self._is_ready = False
        self._is_standing = False
        self._moved_s = self._due_s = 0.0
        self._said = ""
        self._is_over = threading.Event()
        self._thread = threading.Thread()

    def start(self) -> None:
        """Begin to look; do nothing without a service manager."""
        if self._manager.is_there:
            self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Tell that the agent stops, and look no longer."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_WITHIN_S)
        self._manager.tell_stopping()

    def is_alive(self) -> bool:
        """Return True while it looks, and where there is nobody to tell."""
        return not self._manager.is_there or self._thread.is_alive()

    def _run(self) -> None:
        self._manager.ask_for_time(_START_WITHIN_S)
        self._say("starting: earlier readings and alerts are restored")
        while not self._is_over.wait(self._every_s):
            self._tell(self._vigil.look(self._pulse()))

    def _tell(self, look: Look) -> None:
        if look.is_ready and not self._is_ready:
            self._is_ready = True
            self._manager.tell_ready()
        if look.has_moved and self._is_ready:
            self._manager.tell_alive()
        elif look.has_moved:
            self._manager.ask_for_time(_START_WITHIN_S)
        if self._is_ready:
            self._report(look)

    def _report(self, look: Look) -> None:
        now_s = time.monotonic()
        if look.has_moved:
            self._moved_s = now_s
        is_standing = now_s - self._moved_s >= _STANDS_S
        if is_standing != self._is_standing:
            self._is_standing = is_standing
            self._due_s = now_s
            if is_standing:
                _LOG.error("%s: the watchdog is not fed", look.standstill)
            else:
                _LOG.warning("the watchdog is fed again")
        if now_s >= self._due_s:
            self._due_s = now_s + _STATUS_EVERY_S
            self._say(look.standstill if is_standing else self._status())

    def _say(self, words: str) -> None:
        if words != self._said:
            self._said = words
            self._manager.tell_status(words)
