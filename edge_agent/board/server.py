"""The board's web server: a thread with an event loop, started and stopped like every part."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from edge_agent.board.app import board_app
from edge_agent.board.board import Board
from edge_agent.board.connections import HEAD_WITHIN_S, crowd_of, impatient
from edge_agent.board.security import LOOPBACK
from edge_agent.board.stream import SEND_WITHIN_S
from edge_agent.model.errors import LinkError

_STOP_WITHIN_S: Final = 1.0
"""Wall seconds that open streams have to end before they are cut."""
_START_WITHIN_S: Final = 10.0
_HEADERS_AT_MOST_BYTES: Final = 16 * 1024
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the board is to be found."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 for any free port."""
    names: Collection[str] = ()
    """Further names under which browsers ask for it."""
    certificate: Path | None = None
    """None without TLS."""
    key: Path | None = None
    proxies: Collection[str] = ()
    """Addresses of proxies whose word about the browser's address is believed."""


class BoardServer:
    """Serves a board in a thread of its own; a part of the agent.

    Parameters
    ----------
    head_within_s
        Wall seconds for the head of a request.
    """

    name: Final = "board"

    def __init__(
        self, board: Board, address: Address, *, head_within_s: float = HEAD_WITHIN_S
    ) -> None:
        self._board = board
        self._address = address
        self._head_within_s = head_within_s
        self._thread = threading.Thread()
        self._server: uvicorn.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_up = threading.Event()
        self.port = address.port
        """Port that it listens on."""

    @property
    def url(self) -> str:
        """Address for a browser on this machine."""
        scheme = "http" if self._address.certificate is None else "https"
        return f"{scheme}://{self._address.host}:{self.port}/"

    def start(self) -> None:
        """Listen, or listen again after the thread died.

        Raises
        ------
        LinkError
            If the address cannot be used.
        """
        listener = self._listener()
        self.port = listener.getsockname()[1]
        self._is_up.clear()
        self._thread = threading.Thread(
            target=self._run, args=(listener,), name=self.name, daemon=True
        )
        self._thread.start()
        self._is_up.wait(_START_WITHIN_S)
        _LOG.info("board at %s", self.url)

    def is_alive(self) -> bool:
        """Return True if the thread runs."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End every stream and stop."""
        if self._loop is not None and self._thread.is_alive():
            with suppress(RuntimeError):  # the loop has just ended
                self._loop.call_soon_threadsafe(self._end)
            self._thread.join()

    def _end(self) -> None:
        self._board.hub.close()
        if self._server is not None:
            self._server.should_exit = True

    def _listener(self) -> socket.socket:
        address = self._address
        try:
            listener = socket.create_server((address.host, self.port), family=_family(address.host))
        except OSError as error:
            where = f"{address.host}:{self.port}"
            raise LinkError(f"board: {where} cannot be used: {error}", retryable=True) from error
        # A peer that stops reading is forgotten by the kernel, too; connections inherit this.
        limit_ms = round(SEND_WITHIN_S * 1000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, limit_ms)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener

    def _run(self, listener: socket.socket) -> None:
        address = self._address
        is_tls = address.certificate is not None
        hosts = {*LOOPBACK, address.host, *address.names}
        crowd = crowd_of(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        config = uvicorn.Config(
            board_app(self._board, hosts, is_tls=is_tls),
            http=impatient(self._head_within_s, crowd.most),
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=bool(address.proxies),
            forwarded_allow_ips=list(address.proxies),
            limit_concurrency=crowd.most,
            backlog=crowd.waiting,
            h11_max_incomplete_event_size=_HEADERS_AT_MOST_BYTES,
            timeout_graceful_shutdown=round(_STOP_WITHIN_S),
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
        )
        with listener:
            asyncio.run(self._serve(uvicorn.Server(config), listener))

    async def _serve(self, server: uvicorn.Server, listener: socket.socket) -> None:
        self._loop, self._server = asyncio.get_running_loop(), server
        distribution = asyncio.create_task(self._board.hub.run())
        distribution.add_done_callback(lambda _task: self._end())
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        self._loop.call_soon(self._is_up.set)
        try:
            await serving
        finally:
            distribution.cancel()
            with suppress(asyncio.CancelledError):
                await distribution


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
