"""Connections of browsers: how many there may be, and how long each may wait with its request."""

from __future__ import annotations

import asyncio
import resource
from dataclasses import dataclass
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S: Final = 10.0
"""Wall seconds for the head of a request, from the start of the connection or from the end of the
answer before; a browser sends it at once. Without a limit, whoever opens connections and sends
nothing keeps everybody else out."""

_MOST: Final = 1024
_MOST_WAITING: Final = 128


@dataclass(frozen=True, slots=True)
class Crowd:
    """Numbers of connections that leave descriptors to journal and lines."""

    most: int
    """Largest number of connections at once."""
    waiting: int
    """Connections that may wait to be accepted. So many are accepted in one go, and three times as
    many before the first of them is refused."""


def crowd_of(descriptors: int) -> Crowd:
    """Return the numbers for a process with so many descriptors, at most seven in eight of them."""
    if descriptors == resource.RLIM_INFINITY:
        return Crowd(_MOST, _MOST_WAITING)
    return Crowd(min(_MOST, descriptors // 2), min(_MOST_WAITING, descriptors // 8))


def impatient(head_within_s: float, most: int) -> type[H11Protocol]:
    """Return the protocol of connections that end unless a request comes in time.

    Parameters
    ----------
    head_within_s
        Wall seconds for the head of a request.
    most
        Number of connections above which a further one ends at once.
    """

    class _Impatient(H11Protocol):
        def connection_made(  # type: ignore[override]  # as uvicorn narrows it
            self, transport: asyncio.Transport
        ) -> None:
            super().connection_made(transport)
            self._patience = self.loop.call_later(head_within_s, self._end_if_silent)
            if len(self.connections) > most:
                transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            self._patience.cancel()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._patience.cancel()
            self._patience = self.loop.call_later(head_within_s, self._end_if_silent)
            super().on_response_complete()

        def _end_if_silent(self) -> None:
            cycle = getattr(self, "cycle", None)  # None before the first request
            if cycle is None or cycle.response_complete:
                self.transport.close()

    return _Impatient
