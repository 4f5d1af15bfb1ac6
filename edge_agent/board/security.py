"""Protection of the board: headers, hosts, sizes and tokens, before any route sees a request."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_agent.board.gatekeeper import Visitor

_BODY_AT_MOST_BYTES: Final = 16 * 1024
"""Largest body of a POST: an answer with a long reason has one kilobyte."""
_BODY_WITHIN_S: Final = 10.0
SESSION_COOKIE: Final = "crswatch_session"
STATION_COOKIE: Final = "crswatch_station"
_CSRF_HEADER: Final = "X-CSRF-Token"
_POLICY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS: Final = "max-age=31536000"
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names by which a browser on the same machine reaches the board."""


class TooLargeError(Exception):
    """A body beyond the limit, or one that does not arrive as a whole and in time."""


class Protection:
    """Application that lets only plain requests to this board through, and hardens every answer.

    Parameters
    ----------
    hosts
        Names under which the board may be asked for, without port: another name in the Host header
        is a page elsewhere that has pointed its own name at us.
    is_tls
        True if the board speaks HTTPS.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, is_tls: bool) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._headers = _HEADERS | ({"Strict-Transport-Security": _HSTS} if is_tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def send_hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if _host_of(Headers(scope=scope)) not in self._hosts:
            await send_hardened({"type": "http.response.start", "status": 421, "headers": []})
            await send_hardened({"type": "http.response.body", "body": b"unknown host\n"})
            return
        await self._app(scope, receive, send_hardened)


def _host_of(headers: Headers) -> str:
    """Return the name in the Host header without its port, in lower case."""
    host = headers.get("host", "").lower()
    name, separator, port = host.rpartition(":")
    return name if separator and port.isdigit() else host


def has_token(request: Request, visitor: Visitor) -> bool:
    """Return True if a POST carries the token of its session."""
    given = request.headers.get(_CSRF_HEADER, "")
    return hmac.compare_digest(given.encode(), visitor.csrf.encode())


async def body_of(request: Request) -> bytes:
    """Return the body of a request.

    Raises
    ------
    TooLargeError
        If it is larger than a body of the board can be, or slower, or if the browser has gone.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > _BODY_AT_MOST_BYTES:
        raise TooLargeError
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            async for part in request.stream():
                parts.append(part)
                if sum(map(len, parts)) > _BODY_AT_MOST_BYTES:
                    raise TooLargeError
    except (TimeoutError, ClientDisconnect) as error:
        raise TooLargeError from error
    return b"".join(parts)
