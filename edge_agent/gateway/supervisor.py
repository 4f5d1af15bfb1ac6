"""Supervisor of the agent's parts: starts them in order, restarts dead ones, stops them in reverse.

It reports a death to `on_death`, on the supervising thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

_LOG = logging.getLogger(__name__)


class Part(Protocol):
    """Component with a thread of its own."""

    @property
    def name(self) -> str:
        """Name in logs."""

    def start(self) -> None:
        """Start, or restart after its thread died."""

    def stop(self) -> None:
        """Stop; return when the thread has ended. Stopping twice is allowed."""

    def is_alive(self) -> bool:
        """Return True if its thread runs."""


def _ignore_failure(_part: str) -> None:
    pass


class Supervisor:
    """Keeps the parts of one agent running.

    Parameters
    ----------
    parts
        Parts in the order of their start; each may depend on those before it.
    on_death
        Function called with the name of each part that died, before its restart.
    """

    def __init__(
        self, parts: Sequence[Part], on_death: Callable[[str], None] = _ignore_failure
    ) -> None:
        self._parts = tuple(parts)
        self._on_death = on_death
        self._down: set[str] = set()
        """Parts that died and could not be restarted yet."""
        self._failed: set[str] = set()
        """Actions that have failed before."""
        self.restarts = 0
        """Number of times that a part had to be restarted."""
        self.newest_death = ""
        """Part that died last; empty if none did."""

    def start(self) -> None:
        """Start every part that does not run; if one cannot start, stop the others and raise."""
        for i, part in enumerate(self._parts):
            try:
                if not part.is_alive():
                    part.start()
            except Exception:
                for started in reversed(self._parts[:i]):
                    started.stop()
                raise

    def supervise(self) -> None:
        """Restart every part that died; call it about once a second.

        If a part cannot be started, the next call tries again; the other parts are still
        supervised.
        """
        for part in self._parts:
            if not part.is_alive():
                self._restart(part)

    def _restart(self, part: Part) -> None:
        """Restart a part; report its death once."""
        if part.name not in self._down:
            _LOG.error("%s died and is restarted", part.name)
            self.newest_death = part.name
            self.guard("to report a death", partial(self._on_death, part.name))
        try:
            part.start()
        except Exception as error:  # noqa: BLE001 - a part that stays down must not end the others
            if part.name not in self._down:
                _LOG.error("%s cannot be restarted yet: %s", part.name, error)
            self._down.add(part.name)
        else:
            self._down.discard(part.name)
            self.restarts += 1

    def guard(self, what: str, act: Callable[[], None]) -> None:
        """Run an action whose errors must not end the supervision; log each once."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - monitoring is worth more than a report
            if what not in self._failed:
                _LOG.error("failed %s", what, exc_info=error)
            self._failed.add(what)

    def stop(self) -> None:
        """Stop every part, last started first."""
        for part in reversed(self._parts):
            self.guard(f"to stop {part.name}", part.stop)
