"""Connections of browsers: one that does not send its request in time makes room for others."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S: Final = 10.0
"""Wall seconds for the head of a request, from the start of the connection or from the end of the
answer before; a browser sends it at once. Without a limit, whoever opens connections and sends
nothing keeps everybody else out."""


def impatient(head_within_s: float) -> type[H11Protocol]:
    """Return the protocol of connections that end unless a request comes in time."""

    class _Impatient(H11Protocol):
        def connection_made(  # type: ignore[override]  # as uvicorn narrows it
            self, transport: asyncio.Transport
        ) -> None:
            super().connection_made(transport)
            self._patience = self.loop.call_later(head_within_s, self._end_if_silent)

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
