"""A listening address for devices, with one accepting thread and one thread per connection.

The name is that of the framing that most devices use (HL7 MLLP, release 1); the conversation
interprets the bytes.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

from edge_agent.model.clock import Clock, Instant
from edge_agent.model.durations import LINE_TICK_S
from edge_agent.model.errors import LinkError

_LOG = logging.getLogger(__name__)

MAX_CONNECTIONS: Final = 64
"""Two connections for each of 32 beds; bounds threads and memory. Useless connections make room
first."""
_LEAST_WAIT_S: Final = 0.01  # wall: bounds the wake-ups of a clock that runs very fast
_IDLE_S: Final = 600.0
"""Ward seconds after which a silent connection is closed; the device can connect again."""
_SEND_TIMEOUT_S: Final = 5.0  # wall: a peer that reads no answer for this long is dead
_CHUNK: Final = 65536
_FIRST_RETRY_S: Final = 0.1  # wall
_LAST_RETRY_S: Final = 5.0  # wall
_ACCEPT_WAIT_S: Final = 0.25  # wall


class Conversation(Protocol):
    """The dialogue on one connection; only its own thread uses it, except for `is_of_use`."""

    @property
    def is_of_use(self) -> bool:
        """True where a wanted device has sent; others are closed to make room."""

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Return the bytes to send in answer to `data`; empty `data` means that time has passed."""

    def ended(self, reason: str, at: Instant) -> None:
        """Note that the connection is closed."""


@dataclass(slots=True)
class _OpenConnection:
    """One connection and its thread."""

    socket: socket.socket
    conversation: Conversation
    thread: threading.Thread
    has_made_room: bool = False

    def make_room(self) -> None:
        """Close the connection at once."""
        self.has_made_room = True
        # A connection that is closed already has no directions to shut down.
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


def _do_nothing() -> None:
    pass


class MllpSource:
    """Listens at one address and runs a conversation for each connection.

    Parameters
    ----------
    address
        mllp://HOST:PORT; port 0 selects a free port.
    open_conversation
        Called for each connection with a short name of its peer.
    on_listening
        Called on the source's thread at each change: with None when it listens, else the reason.
    on_turned_away
        Called on the source's thread for each connection that found no room.

    Raises
    ------
    LinkError
        If the address is malformed; not retryable.
    """

    def __init__(
        self,
        address: str,
        open_conversation: Callable[[str], Conversation],
        on_listening: Callable[[LinkError | None], None],
        clock: Clock,
        on_turned_away: Callable[[], None] = _do_nothing,
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
        self._on_turned_away = on_turned_away
        self._clock = clock
        self._stopping = threading.Event()
        self._reported: str | None = "not asked yet"  # last reported; None: it listens
        self._connections: list[_OpenConnection] = []  # the oldest first
        self._turned_away = 0  # since there last was room
        self._thread = threading.Thread(target=self._run, name=address, daemon=True)
        self.turns = 0
        """Number of attempts to listen or accept; it stands while something holds the thread."""
        self.bound_port = 0
        """Port on which the source listens; 0 while it does not listen."""

    @property
    def is_alive(self) -> bool:
        """True while the source's thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to listen; return at once."""
        self._thread.start()

    def stop(self) -> None:
        """Close every connection; return when their threads have ended."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stopping.is_set():
            self.turns += 1
            try:
                with socket.create_server((self._host, self._port or 0)) as server:
                    self.bound_port = server.getsockname()[1]
                    self._report(None)
                    self._accept(server)
            except OSError as error:
                self._report(LinkError(f"{self._address}: {error}", retryable=True))
                self._stopping.wait(retry_s)
                retry_s = min(2 * retry_s, _LAST_RETRY_S)
            finally:
                self.bound_port = 0
        for connection in self._connections:
            connection.thread.join()

    def _accept(self, server: socket.socket) -> None:
        server.settimeout(_ACCEPT_WAIT_S)
        while not self._stopping.is_set():
            self.turns += 1
            try:
                device, peer = server.accept()
            except TimeoutError:
                continue
            self._connections = [c for c in self._connections if c.thread.is_alive()]
            if not self._has_room():
                self._turn_away(device)
                continue
            if self._turned_away:
                _LOG.info(
                    "%s accepts connections again; refused %d", self._address, self._turned_away
                )
                self._turned_away = 0
            self._begin(device, f"{peer[0]}:{peer[1]}")

    def _has_room(self) -> bool:
        """Make room if necessary; return whether there is room."""
        staying = [c for c in self._connections if not c.has_made_room]
        if len(staying) < MAX_CONNECTIONS:
            return len(self._connections) < 2 * MAX_CONNECTIONS
        useless = next((c for c in staying if not c.conversation.is_of_use), None)
        if useless is None or len(self._connections) >= 2 * MAX_CONNECTIONS:
            return False
        useless.make_room()
        return True

    def _turn_away(self, device: socket.socket) -> None:
        device.close()
        self._turned_away += 1
        if self._turned_away == 1:
            _LOG.warning("%s refuses connections: %d connected", self._address, MAX_CONNECTIONS)
        self._on_turned_away()

    def _begin(self, device: socket.socket, name: str) -> None:
        def carry() -> None:
            self._carry(connection, name)

        thread = threading.Thread(target=carry, name=f"{self._address} {name}", daemon=True)
        connection = _OpenConnection(device, self._open_conversation(name), thread)
        self._connections.append(connection)
        thread.start()

    def _carry(self, connection: _OpenConnection, name: str) -> None:
        _LOG.debug("%s: %s connected", self._address, name)
        reason = "its conversation failed"
        try:
            with connection.socket:
                reason = self._talk(connection)
        except OSError as error:
            reason = str(error)
        finally:
            if connection.has_made_room:
                reason = (
                    f"closed to make room among {MAX_CONNECTIONS}: no device of a bed sent over it"
                )
            _LOG.debug("%s: %s is gone: %s", self._address, name, reason)
            connection.conversation.ended(reason, self._clock.now())

    def _talk(self, connection: _OpenConnection) -> str:
        """Carry the conversation until it ends; return the reason for its end."""
        wait_s = max(LINE_TICK_S / self._clock.factor, _LEAST_WAIT_S)
        received_at = self._clock.now()
        while not self._stopping.is_set():
            now = self._clock.now()
            connection.socket.settimeout(wait_s)
            try:
                data = connection.socket.recv(_CHUNK)
            except TimeoutError:
                data = b""  # silence until `now`: bytes may have arrived since the waiting ended
            else:
                if not data:
                    return "the device closed the connection"
                now = received_at = self._clock.now()
            if now.seconds_since(received_at) > _IDLE_S:
                return f"no data for {_IDLE_S:g} s"
            answer = connection.conversation.converse(data, now)
            if answer:
                connection.socket.settimeout(_SEND_TIMEOUT_S)
                connection.socket.sendall(answer)
        return "the gateway is stopping"

    def _report(self, error: LinkError | None) -> None:
        words = None if error is None else str(error)
        if words == self._reported:
            return
        self._reported = words
        if error is None:
            _LOG.info("%s listens at port %d", self._address, self.bound_port)
        else:
            _LOG.warning("%s", error)
        self._on_listening(error)
