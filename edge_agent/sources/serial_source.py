"""One thread that carries bytes between one serial port and one conversation.

The port may be a device path, `usb:VENDOR:PRODUCT[:SERIAL]`, `usb-path:BUS-PORT`,
`socket://host:port`, `rfc2217://host:port` or `loop://`; names are looked up at each opening. When
the port vanishes, the thread reports it once, retries the opening, and reports the return once.
"""

from __future__ import annotations

import logging
import select
import socket
import termios
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import serial

from edge_agent.drivers.base import SerialSettings
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.durations import LINE_TICK_S
from edge_agent.model.errors import LinkError
from edge_agent.sources.port_names import check_address, device_of, is_usb_address, serial_ports
from edge_agent.sources.port_words import port_words

_LOG = logging.getLogger(__name__)

_LEAST_WAIT_S: Final = 0.01  # wall: bounds the wake-ups of a clock that runs very fast
_WRITE_TIMEOUT_S: Final = 1.0  # wall: 11 kB at 115200 baud, far more than any request
_FIRST_RETRY_S: Final = 0.1  # wall
_LAST_RETRY_S: Final = 5.0  # wall
_MAX_CHUNK: Final = 65536
"""Largest number of bytes passed on at once; bounds a burst from a network port that never
pauses."""
_DRAIN_STEPS: Final = 50
_DRAIN_STEP_S: Final = 0.01  # wall: in all 0.5 s, 480 bytes at 9600 baud, more than any farewell
_KEEPALIVE: Final = {
    socket.TCP_KEEPIDLE: 10,  # s without a byte before the system probes the peer
    socket.TCP_KEEPINTVL: 5,  # s
    socket.TCP_KEEPCNT: 3,
    socket.TCP_USER_TIMEOUT: 25_000,  # ms that sent data may stay unconfirmed
}
_MOST_BYTES_PER_S: Final = 500_000
"""Largest number of bytes passed on per ward second: more than any serial line carries (4 Mbaud),
so that a network port that never pauses does not take the processor from the other beds."""
_STOP_S: Final = 10.0
"""Wall seconds to wait for the thread's end; a port that does not open or close in this time is
left to the system."""


class SerialSource:
    """Reads one port and writes the answers of its conversation.

    Parameters
    ----------
    port_url
        Device path, USB address or pyserial URL.
    settings
        Settings of the line; network ports ignore them.
    converse
        Receives the bytes and their time, and returns the bytes to send; empty bytes mean that
        time has passed. Called on the source's own thread.
    on_link
        Called at each change: with None when the port opened, else why it cannot be used.

    Raises
    ------
    LinkError
        If no port can have this URL or setting; not retryable.
    """

    def __init__(
        self,
        port_url: str,
        settings: SerialSettings,
        converse: Callable[[bytes, Instant], bytes],
        on_link: Callable[[LinkError | None], None],
        clock: Clock,
    ) -> None:
        self._url = port_url
        self._settings = settings
        self._converse = converse
        self._on_link = on_link
        self._clock = clock
        self.turns = 0
        """Number of attempts to open, read or write; it stands while the port holds the thread."""
        self._stopping = threading.Event()
        self._link_is_up: bool | None = None  # None before the first attempt
        self._reported = ""  # last reported reason why the port cannot be used
        self._retry_s = _FIRST_RETRY_S
        self._thread = threading.Thread(target=self._run, name=f"port {port_url}", daemon=True)
        check_address(port_url)
        # pyserial accepts no time-out for rfc2217 and waits at most 5 s for the peer.
        write_timeout_s = None if port_url.startswith("rfc2217://") else _WRITE_TIMEOUT_S
        try:
            self._port = serial.serial_for_url(
                port_url,
                do_not_open=True,
                baudrate=settings.baud,
                bytesize=settings.byte_size,
                parity=settings.parity,
                stopbits=settings.stop_bits,
                rtscts=settings.rts_cts,
                timeout=max(LINE_TICK_S / clock.factor, _LEAST_WAIT_S),
                write_timeout=write_timeout_s,
                exclusive=True,
            )
        except ValueError as error:
            raise LinkError(f"{port_url}: {error}", retryable=False) from error
        self._is_device = isinstance(self._port, serial.Serial)
        self._can_be_awaited = self._is_device or port_url.startswith("socket://")

    @property
    def is_alive(self) -> bool:
        """True while the thread runs; only `stop` or a programming mistake ends it."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Open the port and begin to read; return at once."""
        self._thread.start()

    def begin_stop(self) -> None:
        """Ask the thread to end within one tick; return at once, so many ports end together."""
        self._stopping.set()

    def stop(self, wait_s: float = _STOP_S) -> None:
        """End the thread and close the port; return when both are done, or after `wait_s`."""
        self.begin_stop()
        if self._thread.ident is None:
            return
        self._thread.join(wait_s)
        if self._thread.is_alive():
            _LOG.warning(
                "%s did not close within %g s and is left to the system", self._url, wait_s
            )

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.turns += 1
            try:
                self._open()
                self._report(None)
                self._carry()
            except LinkError as error:
                self._report(error)
            except (OSError, termios.error) as error:
                self._report(LinkError(self._in_words(error), retryable=True))
            finally:
                self._close()
            self._stopping.wait(self._retry_s)
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)

    def _open(self) -> None:
        if is_usb_address(self._url):
            self._port.port = device_of(self._url, serial_ports())
        if self._is_device:
            # A pseudo-terminal has no line settings, and Linux refuses other frames for it.
            is_pseudo = Path(self._port.port or "").resolve().is_relative_to("/dev/pts")
            self._port.bytesize = 8 if is_pseudo else self._settings.byte_size
            self._port.parity = "N" if is_pseudo else self._settings.parity
        try:
            self._port.open()
        except ValueError as error:  # a terminal server that refuses a setting
            raise LinkError(f"{self._url}: {error}", retryable=True) from error
        _notice_dead_peer(self._port)

    def _carry(self) -> None:
        while not self._stopping.is_set():
            self.turns += 1
            begun = self._clock.now()
            data = self._read_available()
            if data:
                self._retry_s = _FIRST_RETRY_S
            # An empty read proves silence up to its begin: bytes may have arrived since its end.
            answer = self._converse(data, self._clock.now() if data else begun)
            if answer:
                self._write(answer)
            if len(data) == _MAX_CHUNK:
                self._stopping.wait(_MAX_CHUNK / _MOST_BYTES_PER_S / self._clock.factor)

    def _write(self, data: bytes) -> None:
        """Write all; where the line accepts no bytes, wait without using the processor."""
        if self._can_be_awaited:
            _, ready, _ = select.select((), (self._port,), (), _WRITE_TIMEOUT_S)
            if not ready:
                raise serial.SerialTimeoutException
        self._port.write(data)

    def _close(self) -> None:
        """Close the port, even where the line is blocked.

        Linux waits half a minute on closing for bytes that the device does not accept, so the
        source discards them after a moment.
        """
        if self._is_device and self._port.is_open:
            with suppress(OSError, termios.error):
                for _ in range(_DRAIN_STEPS):
                    if not self._port.out_waiting:
                        break
                    threading.Event().wait(_DRAIN_STEP_S)
                else:
                    self._port.reset_output_buffer()
        connection = _connection(self._port)
        self._port.close()
        if connection is not None:
            connection.close()  # pyserial leaves a connection open that the peer has reset

    def _read_available(self) -> bytes:
        """Return the available bytes at once; no bytes after a tick of silence."""
        data: bytes = self._port.read(1)
        if data and self._url.startswith("socket://"):
            return data + _received(_connection(self._port), _MAX_CHUNK - len(data))
        while data and len(data) < _MAX_CHUNK and (waiting := self._port.in_waiting):
            data += self._port.read(min(waiting, _MAX_CHUNK - len(data)))
        return data

    def _in_words(self, error: Exception) -> str:
        """Return a reason on which a person on the ward can act."""
        if isinstance(error, serial.SerialTimeoutException):
            limit_s = f"{_WRITE_TIMEOUT_S:g} s"
            return f"{self._url} accepts no bytes for {limit_s}; does the device hold CTS?"
        device = str(self._port.port or "") if self._is_device else ""
        return port_words(self._url, device, error)

    def _report(self, error: LinkError | None) -> None:
        words = "" if error is None else str(error)
        if error is None:
            _LOG.info("%s opened", self._url)
        elif words != self._reported:
            _LOG.warning("%s", words)
        self._reported = words
        link_is_up = error is None
        if link_is_up != self._link_is_up:
            self._link_is_up = link_is_up
            self._on_link(error)


def _received(connection: socket.socket | None, count: int) -> bytes:
    """Return the available bytes of a connection; pyserial would read them one by one."""
    try:
        return b"" if connection is None else connection.recv(count, socket.MSG_DONTWAIT)
    except OSError:  # no byte is there, or the next read gives the reason
        return b""


def _connection(port: serial.SerialBase) -> socket.socket | None:
    """Return the connection of a network port; None for others and for a closed one."""
    connection = getattr(port, "_socket", None)  # pyserial has no public access to it
    return connection if isinstance(connection, socket.socket) else None


def _notice_dead_peer(port: serial.SerialBase) -> None:
    """Let the system probe a silent terminal server.

    A server that lost its power does not close its connections, and a line that only listens would
    wait for it forever.
    """
    connection = _connection(port)
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
