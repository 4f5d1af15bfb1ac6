"""All ways out: notices to the way that they name, and a watch over the health of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Final

from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.model.oversight import WayHealth
from edge_agent.notifiers.notifier import WayEvents
from edge_agent.notifiers.worker import WayWorker

_WATCH_S: Final = 1.0
"""Wall seconds between two looks at the ways."""


class Ways:
    """The ways of one gateway, with a thread that reports each change of their health.

    That thread depends on no way: one that hangs is reported as failing, too.

    Parameters
    ----------
    watchdogs
        Names of the ways that get no heartbeat but the auditor's.
    on_health
        Called on the watching thread at each change of a way's state; must not wait.
    watch_s
        Wall seconds between two looks.
    """

    name = "ways"

    def __init__(
        self,
        workers: Sequence[WayWorker],
        watchdogs: Collection[str],
        events: WayEvents,
        on_health: Callable[[WayHealth], None],
        watch_s: float = _WATCH_S,
    ) -> None:
        self._workers = {worker.way: worker for worker in workers}
        self._watchdogs = watchdogs
        self._events = events
        self._on_health = on_health
        self._watch_s = watch_s
        self._is_stopping = threading.Event()
        self._states: dict[str, bool | None] = dict.fromkeys(self._workers)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start every thread that does not run."""
        for worker in self._workers.values():
            if not worker.is_alive():
                worker.start()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._watch, name=self.name, daemon=True)
            self._thread.start()

    def is_alive(self) -> bool:
        """Return True if every thread runs."""
        is_watched = self._thread is not None and self._thread.is_alive()
        return is_watched and all(worker.is_alive() for worker in self._workers.values())

    def stop(self) -> None:
        """Stop every way, all at the same time; what is not delivered is recorded."""
        self._is_stopping.set()
        for worker in self._workers.values():
            worker.begin_stop()
        for worker in self._workers.values():
            worker.stop()
        if self._thread is not None:
            self._thread.join()

    def send(self, notice: Notice) -> None:
        """Hand a notice to its way; never waits."""
        worker = self._workers.get(notice.way)
        if worker is not None:
            worker.offer(notice)
            return
        detail = f"no way out is named {notice.way!r}"
        self._events.on_receipt(
            Receipt(
                notice.notice_id,
                notice.bed_id,
                notice.way,
                ReceiptFact.FAILED,
                self._events.now(),
                detail=detail,
            )
        )

    def beat_watchdogs(self) -> None:
        """Send the auditor's heartbeat to every watchdog."""
        for name in self._watchdogs:
            self._workers[name].beat_soon()

    def health(self) -> list[WayHealth]:
        """Return the health of every way."""
        return [worker.health() for worker in self._workers.values()]

    def _watch(self) -> None:
        while not self._is_stopping.wait(self._watch_s):
            for health in self.health():
                if health.is_working is not self._states[health.name]:
                    self._states[health.name] = health.is_working
                    self._on_health(health)
