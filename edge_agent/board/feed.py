"""Bodies on their way to the board: put by any thread without waiting, read by the board's own.

Alerts and everything else that a nurse must see at once are kept apart from vital signs, so that
they never wait behind them. Of each subject only the newest state is kept: neither part can grow
beyond its bound, and no newest state of an alert is ever dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_MOST_VITALS: Final = 8192
"""Messages with vital signs that wait at most: four minutes of 32 beds."""
_MOST_FACTS: Final = 4096
"""Entries that wait at most; a bed's status says anew what follows from them."""


class BodyKind(StrEnum):
    """Subjects of bodies."""

    VITALS = "vitals"
    STATUS = "status"
    """Links and assessment of a bed."""
    ALERTS = "alerts"
    """Subject: the rule."""
    CONTEXT = "context"
    """An entry about a patient."""
    CALLS = "calls"
    """The call for a bed's problem, with the people called so far."""
    GATEWAY = "gateway"
    """Birth, end or loss of a gateway, with its beds."""
    AUDITOR = "auditor"
    """An `AuditorPulse`."""
    WAYS = "ways"
    """A `WayHealth`. Subject: its name."""


_FACTS: Final = frozenset({BodyKind.CONTEXT})
"""Kinds of which no body replaces another."""


@dataclass(frozen=True, slots=True)
class FeedBody:
    """One body as MQTT carries it, with its place."""

    kind: BodyKind
    gateway_id: str
    bed_id: str
    """Empty for what is about the gateway."""
    payload: bytes
    """JSON; empty where the state was removed."""
    subject: str = ""
    """Part of the bed or gateway that it is about; the next body about it replaces it."""


class BoardFeed:
    """Places where bodies wait for the board.

    Every operation on them is a single step of the interpreter, so no thread waits for another.
    """

    def __init__(self) -> None:
        self._urgent: dict[tuple[BodyKind, str, str, str], FeedBody] = {}
        self._facts: deque[FeedBody] = deque(maxlen=_MOST_FACTS)
        self._vitals: deque[FeedBody] = deque(maxlen=_MOST_VITALS)
        self._wake: Callable[[], None] = _nobody_listens

    def listen(self, wake: Callable[[], None]) -> None:
        """Set the function that tells the board of urgent bodies; it must not block."""
        self._wake = wake

    def put(self, body: FeedBody) -> None:
        """Leave a body for the board; called from any thread, never blocks."""
        if body.kind is BodyKind.VITALS:
            self._vitals.append(body)
            return
        if body.kind in _FACTS:
            self._facts.append(body)
        else:
            key = (body.kind, body.gateway_id, body.bed_id, body.subject)
            self._urgent[key] = body
        self._wake()

    def urgent(self) -> list[FeedBody]:
        """Return everything but vital signs: facts, then states in about the order of arrival."""
        found: list[FeedBody] = []
        while self._facts:
            found.append(self._facts.popleft())
        facts, found = found, []
        while self._urgent:
            _key, body = self._urgent.popitem()
            found.append(body)
        return [*facts, *reversed(found)]

    def vitals(self) -> list[FeedBody]:
        """Return the vital signs, oldest first."""
        found = []
        while self._vitals:
            found.append(self._vitals.popleft())
        return found


def _nobody_listens() -> None:
    pass
