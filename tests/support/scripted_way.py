"""A notifier that does as a test says, for tests of what drives notifiers."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from edge_agent.model.errors import DeliveryError
from tests.support.brokers import WAIT_S

if TYPE_CHECKING:
    from edge_agent.model.calls import Notice
    from edge_agent.model.clock import Instant


class ScriptedWay:
    """Delivers, fails or hangs as told; hands over what it was given."""

    def __init__(self, name: str = "pager") -> None:
        self.name = name
        self.given: queue.SimpleQueue[str] = queue.SimpleQueue()
        """Names of the notices in the order of the attempts, and a beat for each heartbeat."""
        self.faults: dict[str, Exception] = {}
        """Error that an attempt raises, by notice or beat."""
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.is_deaf = False
        """True for a notifier that does not end when it is closed."""
        self.is_closed = False

    def notify(self, notice: Notice) -> None:
        """Do as told with a notice."""
        self._do(notice.notice_id)

    def beat(self, _at: Instant) -> None:
        """Do as told with a heartbeat."""
        self._do("beat")

    def close(self) -> None:
        """End what is under way."""
        self.is_closed = True
        if not self.is_deaf:
            self.may_go_on.set()

    def _do(self, name: str) -> None:
        self.given.put(name)
        assert self.may_go_on.wait(WAIT_S)
        if self.is_closed:
            raise DeliveryError("closed", retryable=True)
        if name in self.faults:
            raise self.faults[name]

    def next(self, *, but: str = "") -> str:
        """Return the next attempt; drop those named `but`."""
        while (name := self.given.get(timeout=WAIT_S)) == but:
            pass
        return name
