"""Start the parts in order, watch them, restart what died, stop them in reverse.

A death is reported to `Supervisor`'s `on_death`, on the thread that watches.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def _tell_nobody(_part: str) -> None:
    pass


class Supervisor:
    """Keeps the parts of one agent running.

    Parameters
    ----------
    parts
        In the order in which they start; each may rely on those before it.
    on_death
        Called with the name of each part that died, before it is started again.
    """

    def __init__(
        self, parts: Sequence[Part], on_death: Callable[[str], None] = _tell_nobody
    ) -> None:
        self._parts = tuple(parts)
        self._on_death = on_death
        self._down: set[str] = set()
        """Parts that died and could not be started again yet."""
        self._failed: set[str] = set()
        """What has failed once."""
        self.restarts = 0
        """How often a part had to be started again."""
        self.newest_death = ""
        """The part that died last; empty where none did."""

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
        """Start again whatever died; call it about once a second.

        A part that cannot be started is tried again at the next call; the others are watched on.
        """
        for part in self._parts:
            if not part.is_alive():
                self._start_again(part)

    def _start_again(self, part: Part) -> None:
        if part.name not in self._down:
            _LOG.error("%s died and is started again", part.name)
            self.newest_death = part.name
            self.guard("to report a death", partial(self._on_death, part.name))
        try:
            part.start()
        except Exception as error:  # noqa: BLE001 - a part that stays down must not end the others
            if part.name not in self._down:
                _LOG.error("%s cannot be started again yet: %s", part.name, error)
            self._down.add(part.name)
        else:
            self._down.discard(part.name)
            self.restarts += 1

    def guard(self, what: str, act: Callable[[], None]) -> None:
        """Do something of which no mistake may end the watching; each is logged once."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the watching is worth more than a report
            if what not in self._failed:
                _LOG.error("failed %s", what, exc_info=error)
            self._failed.add(what)

    def stop(self) -> None:
        """Stop every part, last started first."""
        for part in reversed(self._parts):
            self.guard(f"to stop {part.name}", part.stop)
