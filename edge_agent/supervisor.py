"""Start the parts in order, watch them, restart what died, stop them in reverse."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOG = logging.getLogger(__name__)


class Part(Protocol):
    """Something with a thread of its own."""

    @property
    def name(self) -> str:
        """Return what it is called in logs."""

    def start(self) -> None:
        """Begin, or begin again after its thread died."""

    def stop(self) -> None:
        """End; returns when the thread has ended. Stopping twice is fine."""

    def is_alive(self) -> bool:
        """Return whether its thread runs."""


class Supervisor:
    """Keeps the parts of one agent running.

    Parameters
    ----------
    parts
        In the order in which they start; each may rely on those before it.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = tuple(parts)
        self.restarts = 0
        """How often a part had to be started again."""

    def start(self) -> None:
        """Start every part that is not running; where one cannot start, stop the others, raise."""
        for i, part in enumerate(self._parts):
            try:
                if not part.is_alive():
                    part.start()
            except Exception:
                for started in reversed(self._parts[:i]):
                    started.stop()
                raise

    def watch(self) -> None:
        """Start again whatever died; call it about once a second."""
        for part in self._parts:
            if not part.is_alive():
                _LOG.error("%s died and is started again", part.name)
                self.restarts += 1
                part.start()

    def stop(self) -> None:
        """Stop every part, last started first."""
        for part in reversed(self._parts):
            part.stop()
