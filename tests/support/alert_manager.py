"""An alert manager that speaks MLLP; it owes nothing to the sender's code."""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tests.support.brokers import WAIT_S, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

BEGIN, END = b"\x0b", b"\x1c\x0d"
SEQUENCES: Final = {"\\F\\": "|", "\\S\\": "^", "\\T\\": "&", "\\R\\": "~", "\\E\\": "\\"}


class Alert:
    """One message, as a person with a ruler reads it."""

    def __init__(self, message: bytes) -> None:
        assert message.endswith(b"\r")
        self.segments = [line.split("|") for line in message.decode()[:-1].split("\r")]

    def field(self, name: str, number: int) -> str:
        """Return a field of the first segment of that name; empty beyond its end."""
        row = next(fields for fields in self.segments if fields[0] == name)
        number -= name == "MSH"
        return row[number] if number < len(row) else ""

    @property
    def control_id(self) -> str:
        """MSH-10."""
        return self.field("MSH", 10)

    def row(self, code: str) -> str:
        """Return the value of the row with that number; empty where there is none."""
        rows = (row for row in self.segments if row[0] == "OBX" and row[3].split("^")[0] == code)
        return next((plain(row[5]) for row in rows), "")

    @property
    def is_beat(self) -> bool:
        """True for a heartbeat."""
        return any(row[0] == "OBX" and row[3].startswith("258047^") for row in self.segments)


def plain(text: str) -> str:
    """Return a text without escapes."""
    found, rest = "", text
    while rest:
        known = next((name for name in SEQUENCES if rest.startswith(name)), None)
        found += SEQUENCES[known] if known else rest[0]
        rest = rest[len(known) if known else 1 :]
    return found


def acknowledgement(alert: Alert, code: str = "AA", *, of: str = "", words: str = "") -> bytes:
    """Return the acknowledgement of a message, or of another one."""
    tail = f"|{words}" if words else ""
    text = f"MSH|^~\\&#|||||20191105183942||ACK^R40|A1|P|2.7\rMSA|{code}|{of or alert.control_id}"
    return BEGIN + f"{text}{tail}\r".encode() + END


def status(alert: Alert, word: str, person: str = "", *, head: str = "") -> bytes:
    """Return a report of status, as Draeger's sample writes it unless `head` says otherwise."""
    control_id = alert.control_id
    head = head or f"MSH|^~\\&#||MockAM|||20191105183942||ORA^R41^ORA_R41|{control_id}||2.7"
    number, alert_id = alert.field("OBR", 3).split("^")[:2]
    rows = [head, f"OBR|||{number}^{alert_id}", f"PRT|||{word}||{person}"]
    return BEGIN + "".join(f"{row}\r" for row in rows).encode() + END


class AlertManager:
    """A server on a loopback port that answers each alert as a test wants."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.port = free_port()
        self.alerts: queue.SimpleQueue[Alert] = queue.SimpleQueue()
        self.others: queue.SimpleQueue[Alert] = queue.SimpleQueue()
        """Acknowledgements of its own messages."""
        self.answer: Callable[[Alert], bytes | None] = acknowledgement
        """Makes the answer; None closes the connection."""
        self._tls = tls
        self._server: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Listen."""
        self._server = socket.create_server(("127.0.0.1", self.port))
        self._run(self._accept, self._server)

    def stop(self) -> None:
        """Listen no longer, and close every connection."""
        if self._server is None:
            return
        for sock in (self._server, *self._connections):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(WAIT_S)
        for sock in (self._server, *self._connections):
            sock.close()
        self._server, self._connections, self._threads = None, [], []

    def next(self, *, is_beat: bool = False) -> Alert:
        """Return the next alert, or heartbeat; drop the others before it."""
        while (alert := self.alerts.get(timeout=WAIT_S)).is_beat is not is_beat:
            pass
        return alert

    def say(self, message: bytes) -> None:
        """Send a message of its own over the newest connection."""
        self._connections[-1].sendall(message)

    def _run(self, target: Callable[[socket.socket], None], sock: socket.socket) -> None:
        thread = threading.Thread(target=target, args=(sock,))
        self._threads.append(thread)
        thread.start()

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            if self._tls is not None:
                plain = connection
                try:
                    connection = self._tls.wrap_socket(plain, server_side=True)
                except OSError:
                    plain.close()
                    continue
            self._connections.append(connection)
            self._run(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        rest = b""
        with suppress(OSError):
            while data := connection.recv(4096):
                rest += data
                while END in rest:
                    message, _, rest = rest.partition(END)
                    assert message[:1] == BEGIN
                    if not self._take(connection, Alert(message[1:])):
                        return
        connection.close()

    def _take(self, connection: socket.socket, alert: Alert) -> bool:
        if not alert.field("MSH", 9).startswith("ORU^R40"):
            self.others.put(alert)
            return True
        self.alerts.put(alert)
        answer = self.answer(alert)
        if answer is None:
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
            connection.close()
            return False
        connection.sendall(answer)
        return True
