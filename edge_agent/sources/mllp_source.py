"""An address that devices connect to: one thread accepts, one carries each connection.

The name is that of the framing most of them use (HL7 MLLP, release 1); what the bytes mean is the
conversation's business.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

from edge_agent.model.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.model.clock import Clock, Instant

_LOG = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 64
"""Two for each of 32 beds; bounds threads and memory."""
_TICK_S: Final = 0.25
"""Ward seconds without a byte after which a conversation is told that time has passed."""
_LEAST_WAIT_S: Final = 0.01  # wall: bounds the wake-ups of a clock that runs very fast
_IDLE_S: Final = 600.0
"""Ward seconds after which a connection that says nothing makes room; a device connects again."""
_SEND_TIMEOUT_S: Final = 5.0  # wall: a peer that reads no answers for so long is not there
_CHUNK: Final = 65536
_FIRST_RETRY_S: Final = 0.1  # wall
_LAST_RETRY_S: Final = 5.0  # wall
_ACCEPT_WAIT_S: Final = 0.25  # wall


class Conversation(Protocol):
    """What is said on one connection; used by that connection's thread alone."""

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Take what came (empty: time has passed) and return what to send."""

    def ended(self, reason: str, at: Instant) -> None:
        """Take note that the connection is gone."""


class MllpSource:
    """Listens at one address and carries what its connections say.

    Parameters
    ----------
    address
        mllp://HOST:PORT; port 0 takes a free one.
    open_conversation
        Called for each connection with a short name of its peer.
    on_listening
        Told once per change, on the source's thread: None while it listens, else why it cannot.
    clock
        The ward's time.

    Raises
    ------
    LinkError
        If the address is not one; not retryable.
    """

    def __init__(
        self,
        address: str,
        open_conversation: Callable[[str], Conversation],
        on_listening: Callable[[LinkError | None], None],
        clock: Clock,
    ) -> None:
        parts = urlsplit(address)
        try:
            self._host, self._port = parts.hostname or "", parts.port
        except ValueError as error:
            raise LinkError(f"{address}: {error}", retryable=False) from error
        if parts.scheme != "mllp" or not self._host or self._port is None:
            raise LinkError(f"{address!r}; want mllp://HOST:PORT", retryable=False)
        self._address = address
        self._open_conversation = open_conversation
        self._on_listening = on_listening
        self._clock = clock
        self._stopping = threading.Event()
        self._told: str | None = "not asked yet"  # what was told last; None: that it listens
        self._connections: set[threading.Thread] = set()
        self._thread = threading.Thread(target=self._run, name=address, daemon=True)
        self.bound_port = 0
        """The port it listens at; 0 while it does not."""

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection; returns when their threads have ended."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stopping.is_set():
            try:
                with socket.create_server((self._host, self._port or 0)) as server:
                    self.bound_port = server.getsockname()[1]
                    self._tell(None)
                    self._accept(server)
            except OSError as error:
                self._tell(LinkError(f"{self._address}: {error}", retryable=True))
                self._stopping.wait(retry_s)
                retry_s = min(2 * retry_s, _LAST_RETRY_S)
            finally:
                self.bound_port = 0
        for thread in self._connections:
            thread.join()

    def _accept(self, server: socket.socket) -> None:
        server.settimeout(_ACCEPT_WAIT_S)
        while not self._stopping.is_set():
            self._connections = {thread for thread in self._connections if thread.is_alive()}
            try:
                connection, peer = server.accept()
            except TimeoutError:
                continue
            if len(self._connections) >= MAX_CONNECTIONS:
                _LOG.warning(
                    "%s turned %s away: %d connected", self._address, peer, MAX_CONNECTIONS
                )
                connection.close()
                continue
            name = f"{peer[0]}:{peer[1]}"
            thread = threading.Thread(
                target=self._carry, args=(connection, name), name=f"{self._address} {name}"
            )
            thread.daemon = True
            self._connections.add(thread)
            thread.start()

    def _carry(self, connection: socket.socket, name: str) -> None:
        conversation = self._open_conversation(name)
        _LOG.info("%s: %s connected", self._address, name)
        reason = "its conversation failed"
        try:
            with connection:
                reason = self._talk(connection, conversation)
        except OSError as error:
            reason = str(error)
        finally:
            _LOG.info("%s: %s is gone: %s", self._address, name, reason)
            conversation.ended(reason, self._clock.now())

    def _talk(self, connection: socket.socket, conversation: Conversation) -> str:
        """Return why it ended."""
        wait_s = max(_TICK_S / self._clock.factor, _LEAST_WAIT_S)
        heard_at = self._clock.now()
        while not self._stopping.is_set():
            connection.settimeout(wait_s)
            try:
                data = connection.recv(_CHUNK)
            except TimeoutError:
                data = b""
            else:
                if not data:
                    return "the device closed the connection"
                heard_at = self._clock.now()
            now = self._clock.now()
            if now.seconds_since(heard_at) > _IDLE_S:
                return f"nothing came for {_IDLE_S:g} s"
            answer = conversation.converse(data, now)
            if answer:
                connection.settimeout(_SEND_TIMEOUT_S)
                connection.sendall(answer)
        return "the gateway stops"

    def _tell(self, error: LinkError | None) -> None:
        words = None if error is None else str(error)
        if words == self._told:
            return
        self._told = words
        if error is None:
            _LOG.info("%s listens at port %d", self._address, self.bound_port)
        else:
            _LOG.warning("%s", error)
        self._on_listening(error)
