"""A socket on this machine through which commands reach the running agent without a broker.

Each line is a request as JSON, answered by one line; see `payloads.control`. The file lies beside
the journal, or in memory where the disk does not accept it, and its rights are those of its owner
alone. A client that is slow, silent or sends too much loses its connection and delays nobody.
"""

from __future__ import annotations

import logging
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from edge_agent.gateway.control_listener import ControlListener
from edge_agent.payloads.control import MAX_REQUEST_BYTES, encode_refusal

_EFFECT_WAIT_S: Final = 5.0
"""Wall seconds after which a command is told that its effect was not seen: evaluating one takes
milliseconds, but a hundred may wait."""
_CALLERS_AT_MOST: Final = 16
"""Open connections; the one that has been silent for longest makes room."""
_SILENT_S: Final = 10.0
"""Wall seconds for a whole request, and for reading a reply; a program needs none of them."""
_LOOK_EVERY_S: Final = 1.0
"""Wall seconds between two looks at the path and at the times of the callers."""
_NO_DESCRIPTOR_S: Final = 0.2
"""Wall seconds of rest while the process has no descriptor left for a connection."""
_CHUNK: Final = 65_536
_LOG = logging.getLogger(__name__)

Reply = Callable[[bytes], None]


class Desk(Protocol):
    """The part of the agent that carries out requests."""

    def serve(self, line: bytes, reply: Reply) -> None:
        """Carry out one request without waiting; `reply` may be called later, on any thread."""

    def pass_time(self) -> None:
        """Do what is due by time; called about once a second."""


@dataclass(slots=True, eq=False)
class _Caller:
    """One connection."""

    socket: socket.socket
    until_s: float
    """Monotonic time at which its patience ends."""
    received: bytearray = field(default_factory=bytearray)
    to_send: memoryview = field(default_factory=lambda: memoryview(b""))
    asked: int = 0
    """Number of its request that is being carried out; 0 for none."""
    is_last: bool = False
    """True if it is closed after the reply."""


class ControlSocket:
    """Accepts requests on one thread; a part that can be restarted.

    Parameters
    ----------
    paths
        Path beside the journal, and path in memory.
    desk
        Carries out the requests.
    """

    name: Final = "control socket"

    def __init__(
        self, paths: Sequence[Path], desk: Desk, *, effect_wait_s: float = _EFFECT_WAIT_S
    ) -> None:
        self._paths = paths
        self._desk = desk
        self._effect_wait_s = effect_wait_s
        self._replies: queue.SimpleQueue[tuple[_Caller, int, bytes]] = queue.SimpleQueue()
        self._callers: set[_Caller] = set()
        self._asked = 0
        self._fault = ""
        self._due_s = 0.0
        self._thread = threading.Thread()
        self._is_over = threading.Event()

    def start(self) -> None:
        """Start, or restart after the thread died; return at once."""
        self._is_over.clear()
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.settimeout(0)
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and remove the file."""
        if self._thread.is_alive():
            self._is_over.set()
            self._wake()
            self._thread.join()

    def is_alive(self) -> bool:
        """Return True if the thread runs."""
        return self._thread.is_alive()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it will wake; closed: it has ended
            self._wake_write.send(b"x")

    def _run(self) -> None:
        try:
            while not self._is_over.is_set():
                listener = self._listen()
                if listener is None:
                    self._is_over.wait(_LOOK_EVERY_S)
                    continue
                try:
                    self._serve(listener)
                finally:
                    listener.close()
        finally:
            self._wake_read.close()
            self._wake_write.close()

    def _listen(self) -> ControlListener | None:
        """Return a listener at the first path that accepts one; report a fault once."""
        faults = []
        for path in self._paths:
            try:
                listener = ControlListener(path)
            except OSError as error:
                faults.append(f"{path}: {error.strerror or error}")
                continue
            if self._fault:
                _LOG.info("commands are accepted at %s", path)
            self._fault = ""
            return listener
        words = "; ".join(faults)
        if words != self._fault:
            _LOG.warning("commands on this machine are not accepted: %s", words)
        self._fault = words
        return None

    def _serve(self, listener: ControlListener) -> None:
        """Serve callers until the end, or until the listener's file is gone."""
        with selectors.DefaultSelector() as selector:
            selector.register(listener.socket, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            try:
                while listener.is_there() and not self._is_over.is_set():
                    self._look(selector, listener.socket)
            finally:
                for caller in self._callers:
                    caller.socket.close()
                self._callers.clear()

    def _look(self, selector: selectors.BaseSelector, listener: socket.socket) -> None:
        soonest_s = min((caller.until_s for caller in self._callers), default=float("inf"))
        wait_s = min(_LOOK_EVERY_S, max(0.0, soonest_s - time.monotonic()))
        for key, _ in selector.select(wait_s):
            if key.fileobj is listener:
                self._accept(selector, listener)
            elif key.fileobj is self._wake_read:
                with suppress(BlockingIOError):
                    self._wake_read.recv(_CHUNK)
            elif key.data in self._callers:
                self._advance(selector, key.data)
        while True:
            try:
                caller, number, line = self._replies.get_nowait()
            except queue.Empty:
                break
            if caller in self._callers and caller.asked == number:
                self._send(selector, caller, line)
        self._pass_time(selector)

    def _accept(self, selector: selectors.BaseSelector, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return  # it went away
        except OSError:
            self._is_over.wait(_NO_DESCRIPTOR_S)
            return
        connection.settimeout(0)
        if len(self._callers) >= _CALLERS_AT_MOST:
            idle = [caller for caller in self._callers if not caller.asked and not caller.to_send]
            if not idle:
                connection.close()
                return
            self._drop(selector, min(idle, key=lambda caller: caller.until_s))
        caller = _Caller(connection, time.monotonic() + _SILENT_S)
        self._callers.add(caller)
        selector.register(connection, selectors.EVENT_READ, caller)

    def _advance(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        """Read from a caller, or write to it, as much as is possible at once."""
        try:
            if caller.to_send:
                caller.to_send = caller.to_send[caller.socket.send(caller.to_send) :]
                if not caller.to_send:
                    self._sent(selector, caller)
                return
            data = caller.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            self._drop(selector, caller)
            return
        if not data:
            self._drop(selector, caller)
            return
        caller.received += data
        self._take(selector, caller)

    def _take(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        """Carry out the next whole request of a caller."""
        end = caller.received.find(b"\n")
        if max(end, len(caller.received) if end < 0 else 0) > MAX_REQUEST_BYTES:
            caller.is_last = True
            words = f"request is too long; at most {MAX_REQUEST_BYTES} bytes allowed"
            self._send(selector, caller, encode_refusal(words))
            return
        if end < 0:
            return
        line = bytes(caller.received[:end])
        del caller.received[: end + 1]
        self._asked += 1
        caller.asked = self._asked
        caller.until_s = time.monotonic() + self._effect_wait_s
        selector.unregister(caller.socket)
        self._desk.serve(line, partial(self._reply, caller, caller.asked))

    def _reply(self, caller: _Caller, number: int, line: bytes) -> None:
        """Hand a reply to the socket's thread; on any thread, without waiting."""
        self._replies.put((caller, number, line))
        self._wake()

    def _send(self, selector: selectors.BaseSelector, caller: _Caller, line: bytes) -> None:
        if caller.asked:
            selector.register(caller.socket, selectors.EVENT_WRITE, caller)
        else:
            selector.modify(caller.socket, selectors.EVENT_WRITE, caller)
        caller.asked = 0
        caller.to_send = memoryview(line)
        caller.until_s = time.monotonic() + _SILENT_S
        self._advance(selector, caller)

    def _sent(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        """Go on with what a caller sent after the request that was answered."""
        if caller.is_last:
            self._drop(selector, caller)
            return
        caller.until_s = time.monotonic() + _SILENT_S
        selector.modify(caller.socket, selectors.EVENT_READ, caller)
        self._take(selector, caller)

    def _pass_time(self, selector: selectors.BaseSelector) -> None:
        """Let the desk know of the time, and end the patience with callers."""
        now_s = time.monotonic()
        if now_s >= self._due_s:
            self._due_s = now_s + _LOOK_EVERY_S
            self._desk.pass_time()
        for caller in [caller for caller in self._callers if caller.until_s <= now_s]:
            if caller.asked:
                words = (
                    f"no effect was seen in {self._effect_wait_s:g} s; "
                    "look at `crswatch alerts` before you try again"
                )
                self._send(selector, caller, encode_refusal(words, is_late=True))
            else:
                self._drop(selector, caller)

    def _drop(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        with suppress(KeyError):
            selector.unregister(caller.socket)
        caller.socket.close()
        self._callers.discard(caller)
