"""Server-sent events of one stream as an HTTP response.

Nobody waits for a client: a send that takes too long ends the stream, and what changes meanwhile
is kept as one mark per bed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.types import Receive, Scope, Send

from edge_agent.board.hub import Hub

SEND_WITHIN_S: Final = 10.0
"""Longest time for one send, wall seconds; a client that takes longer is cut off."""
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
]
_LOG = logging.getLogger(__name__)


class EventStream:
    """Response that sends the events of a ward until client, session or server end it.

    Parameters
    ----------
    after
        Number of the last event that the page has; None for a page that has nothing.
    is_allowed
        Function that returns True while the session may see the ward; asked before every beat.
    """

    def __init__(self, hub: Hub, after: int | None, is_allowed: Callable[[], bool]) -> None:
        self._hub = hub
        self._after = after
        self._is_allowed = is_allowed

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events."""
        stream = self._hub.join(self._after)
        if stream is None:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        watch = asyncio.create_task(_until_gone(receive, stream.close))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            while await stream.is_live():
                if stream.beats and not self._is_allowed():
                    break
                part = {"type": "http.response.body", "body": stream.take(), "more_body": True}
                async with asyncio.timeout(SEND_WITHIN_S):
                    await send(part)
            async with asyncio.timeout(SEND_WITHIN_S):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            _LOG.warning("board: a screen takes longer than %g s and is cut off", SEND_WITHIN_S)
        finally:
            self._hub.leave(stream)
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch


async def _until_gone(receive: Receive, close: Callable[[], None]) -> None:
    """Close the stream once its client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    close()
