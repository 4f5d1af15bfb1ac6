"""A connection to an MLLP peer: messages with their acknowledgements, and messages of its own."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from edge_agent.clients.stream import (
    ServerAddress,
    cut,
    is_readable,
    open_stream,
    read_now,
    stream_words,
)
from edge_agent.drivers.hl7_oru import er7
from edge_agent.drivers.hl7_oru.er7 import Er7Message, MalformedTextError
from edge_agent.drivers.hl7_oru.frames import MllpScanner, content, framed
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.model.session_events import FrameRejected

_CHUNK: Final = 65536
_LOOK_S: Final = 1.0
"""Seconds between two looks at a connection on which nothing arrives."""
_GOODBYE_S: Final = 0.5
"""Longest wait for the last message before the connection is closed."""
_MOST_DONE: Final = 100
"""Messages whose second acknowledgement is recognised."""
_GOOD: Final = {"AA", "CA"}
_ERRORS: Final = {"AE", "CE"}
"""The content is wrong: the same message would be refused again (HL7 Version 2.6, 2.9.2)."""
_REJECTS: Final = {"AR", "CR"}
"""Refused for other reasons, which may pass."""


@dataclass(slots=True)
class _Connection:
    """One connection, from its start to its end."""

    stream: socket.socket
    answers: queue.SimpleQueue[Er7Message | str] = field(default_factory=queue.SimpleQueue)
    """Messages that may be answers; a text is the reason why none can come any more."""
    half_bytes: int = 0
    """Bytes of a message whose end has not come yet."""
    guard: threading.Lock = field(default_factory=threading.Lock)
    """Held while the stream is used: two threads may not use TLS at the same time."""
    reader: threading.Thread | None = None
    done: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_DONE))
    """Control ids of messages that were acknowledged."""


class MllpPeer:
    """The peer: one thread sends, and each connection has a thread that reads.

    Parameters
    ----------
    tls
        Returns the TLS settings for a new connection; None for a line without TLS.
    is_status
        Returns True if a message is a report of status, which may be an answer, too.
    on_message
        Receives every message of the peer's own; returns the bytes to answer, or none.
    """

    def __init__(
        self,
        address: ServerAddress,
        timeout_s: float,
        tls: Callable[[], ssl.SSLContext | None],
        is_status: Callable[[Er7Message], bool],
        on_message: Callable[[Er7Message], bytes],
    ) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._tls = tls
        self._is_status = is_status
        self._on_message = on_message
        self._connection: _Connection | None = None  # None while there is none
        self._is_closed = threading.Event()
        self._awaited = ""
        """Control id of the message whose answer is awaited; empty while there is none."""

    def exchange(self, message: bytes, control_id: str) -> Er7Message:
        """Send a message and return its acknowledgement.

        Raises
        ------
        DeliveryError
            If none comes in time, or it refuses the message or is for another one; not retryable
            if the peer finds the message wrong.
        """
        deadline_s = time.monotonic() + self._timeout_s
        connection = self._connected()
        self._awaited = control_id
        try:
            self._send(connection, framed(message))
            answer = self._answer(connection, deadline_s)
        finally:
            self._awaited = ""
        return self._checked(connection, answer, control_id)

    def say_goodbye(self, message: bytes) -> None:
        """Send a last message without waiting for its answer, if there is a connection."""
        connection = self._connection
        if connection is None or not connection.guard.acquire(timeout=_GOODBYE_S):
            return
        try:
            connection.stream.settimeout(_GOODBYE_S)
            connection.stream.sendall(framed(message))
        except OSError:
            return  # the peer notices that the heartbeat is missing
        finally:
            connection.guard.release()

    def close(self) -> None:
        """Close the connection for good; on any thread."""
        self._is_closed.set()
        connection = self._connection
        if connection is not None:
            cut(connection.stream)
            connection.answers.put("closed")
            if connection.reader is not None:
                connection.reader.join(_GOODBYE_S)

    def _connected(self) -> _Connection:
        if self._is_closed.is_set():
            raise DeliveryError("closed", retryable=True)
        if self._connection is not None:
            return self._connection
        try:
            stream = open_stream(self._address, self._timeout_s, self._tls())
        except ConfigError as error:
            raise DeliveryError(str(error), retryable=True) from error
        except (OSError, ValueError) as error:
            raise DeliveryError(stream_words(self._address, error), retryable=True) from error
        self._connection = connection = _Connection(stream)
        connection.reader = threading.Thread(
            target=self._read, args=(connection,), name=f"mllp {self._address}", daemon=True
        )
        connection.reader.start()
        return connection

    def _send(self, connection: _Connection, data: bytes) -> None:
        try:
            with connection.guard:
                connection.stream.settimeout(self._timeout_s)
                connection.stream.sendall(data)
        except OSError as error:
            self._drop(connection)
            raise DeliveryError(stream_words(self._address, error), retryable=True) from error

    def _answer(self, connection: _Connection, deadline_s: float) -> Er7Message:
        try:
            answer = connection.answers.get(timeout=max(0.0, deadline_s - time.monotonic()))
        except queue.Empty as error:
            half = connection.half_bytes
            words = f"no acknowledgement in {self._timeout_s:g} s"
            if half:
                words += f", only {half} bytes of a message without its end"
            self._drop(connection)
            raise DeliveryError(f"{self._address}: {words}", retryable=True) from error
        if isinstance(answer, str):
            self._drop(connection)
            raise DeliveryError(f"{self._address}: {answer}", retryable=True)
        return answer

    def _checked(self, connection: _Connection, answer: Er7Message, control_id: str) -> Er7Message:
        """Return an answer that accepts the message with this control id."""
        row = next((segment for segment in answer.segments if segment.name == "MSA"), None)
        if row is None:  # only a report of status about this very message comes here without one
            return answer
        code, answered = row.text(1).strip().upper(), row.text(2).strip()
        if answered != control_id:
            self._drop(connection)  # whatever else it confirms is not ours either
            words = f"it acknowledged message {answered!r}, not {control_id!r}"
            raise DeliveryError(f"{self._address}: {words}", retryable=True)
        if code in _GOOD:
            connection.done.append(control_id)
            return answer
        if code not in _ERRORS | _REJECTS:
            words = f"its acknowledgement says {code!r}; want AA or CA"
            raise DeliveryError(f"{self._address}: {words}", retryable=True)
        words = f"it refused the message ({code})"
        reason = _reason(answer, row.text(3))
        words += f": {reason}" if reason else ""
        raise DeliveryError(f"{self._address}: {words}", retryable=code in _REJECTS)

    def _read(self, connection: _Connection) -> None:
        """Read what the peer sends until the connection ends; on a thread of its own."""
        scanner = MllpScanner()
        end = "the peer closed the connection before it answered"
        try:
            while data := self._received(connection):
                for piece in scanner.feed(data):
                    self._process(connection, piece)
                connection.half_bytes = len(scanner)
        except OSError as error:
            end = stream_words(self._address, error).partition(": ")[2]
        if connection.half_bytes:
            end += f", after {connection.half_bytes} bytes of a message without its end"
        if self._connection is connection:
            self._connection = None
        connection.answers.put(end)
        connection.stream.close()

    def _received(self, connection: _Connection) -> bytes:
        """Return what the peer sends next; no bytes once it has closed the connection."""
        while True:
            is_readable(connection.stream, _LOOK_S)
            with connection.guard:
                data = read_now(connection.stream, _CHUNK)
            if data is not None:
                return data

    def _process(self, connection: _Connection, piece: bytes | FrameRejected) -> None:
        if isinstance(piece, FrameRejected):
            connection.answers.put(f"it sent no HL7 message: {piece.reason}")
            return
        try:
            message = er7.parse(content(piece).body)
        except MalformedTextError as error:
            connection.answers.put(f"it sent no HL7 message: {error}")
            return
        if self._is_answer(connection, message):
            connection.answers.put(message)
            return
        reply = self._on_message(message)
        if reply:
            with suppress(DeliveryError):  # the connection has ended, and whoever waits is told
                self._send(connection, reply)

    def _is_answer(self, connection: _Connection, message: Er7Message) -> bool:
        """Return True if a message is meant as an acknowledgement of what is awaited.

        A report of status may answer an earlier message, and a message may be acknowledged twice
        (received, then processed); any other with MSA is an acknowledgement, and wrong if it is not
        for ours.
        """
        awaited = self._awaited
        row = next((segment for segment in message.segments if segment.name == "MSA"), None)
        if self._is_status(message):
            answered = message.header.text(10) if row is None else row.text(2).strip()
            return bool(awaited) and answered == awaited
        return bool(awaited) and row is not None and row.text(2).strip() not in connection.done

    def _drop(self, connection: _Connection) -> None:
        if self._connection is connection:
            self._connection = None
        cut(connection.stream)


def _reason(answer: Er7Message, text: str) -> str:
    """Return the peer's reason: MSA-3, or what ERR says in words."""
    rows = [segment for segment in answer.segments if segment.name == "ERR"]
    texts = [text.strip()]
    for row in rows:
        texts += [row.text(8).strip(), row.text(7).strip(), row.component(3, 2), row.text(1)]
    return next((one for one in texts if one), "")
