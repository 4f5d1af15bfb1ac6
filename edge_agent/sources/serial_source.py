"""One thread that carries bytes between one serial port and one conversation.

The port may be a device path, `socket://host:port`, `rfc2217://host:port` or `loop://`. When it
vanishes the thread says so once, keeps trying to open it again, and says once that it is back.
"""

from __future__ import annotations

import logging
import termios
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import serial

from edge_agent.model.errors import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.model.clock import Clock, Instant

_LOG = logging.getLogger(__name__)

_TICK_S: Final = 0.25
"""Ward seconds without a byte after which the conversation is told that time has passed."""
_LEAST_WAIT_S: Final = 0.01  # wall: bounds the wake-ups of a clock that runs very fast
_WRITE_TIMEOUT_S: Final = 1.0  # wall: 11 kB at 115200 baud, far more than any request
_FIRST_RETRY_S: Final = 0.1  # wall
_LAST_RETRY_S: Final = 5.0  # wall
_MAX_CHUNK: Final = 65536
"""Bytes handed over at once at most; bounds a burst from a network port that never pauses."""


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How the line is set up."""

    baud: int
    byte_size: int
    parity: str
    """N, E or O."""
    stop_bits: int
    rts_cts: bool


class SerialSource:
    """Reads one port, and writes what the conversation answers.

    Parameters
    ----------
    port_url
        Device path or pyserial URL.
    settings
        How the line is set up; network ports ignore it.
    converse
        Takes the bytes that came and when, and returns the bytes to send; empty bytes mean that
        time has passed. Called on the source's own thread.
    on_link
        Told once per change: None when the port opened, else why it cannot be used.
    clock
        The ward's time.

    Raises
    ------
    LinkError
        If the URL or a setting is one that no port has; not retryable.
    """

    def __init__(
        self,
        port_url: str,
        settings: LineSettings,
        converse: Callable[[bytes, Instant], bytes],
        on_link: Callable[[LinkError | None], None],
        clock: Clock,
    ) -> None:
        self._url = port_url
        self._converse = converse
        self._on_link = on_link
        self._clock = clock
        self._stopping = threading.Event()
        self._link_is_up: bool | None = None  # None before the first attempt
        self._retry_s = _FIRST_RETRY_S
        self._thread = threading.Thread(target=self._run, name=f"port {port_url}", daemon=True)
        try:
            self._port = serial.serial_for_url(
                port_url,
                do_not_open=True,
                baudrate=settings.baud,
                bytesize=settings.byte_size,
                parity=settings.parity,
                stopbits=settings.stop_bits,
                rtscts=settings.rts_cts,
                timeout=max(_TICK_S / clock.factor, _LEAST_WAIT_S),
                write_timeout=_WRITE_TIMEOUT_S,
                exclusive=True,
            )
        except ValueError as error:
            raise LinkError(f"{port_url}: {error}", retryable=False) from error

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs; it ends by `stop` alone, or by a mistake in the program."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Open the port and begin to read; returns at once."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the thread end within one tick; returns at once, so that many ports end together."""
        self._stopping.set()

    def stop(self) -> None:
        """End the thread and close the port; returns when both are done."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._port.open()
                self._report(None)
                self._carry()
            except (OSError, termios.error) as error:
                self._report(LinkError(f"{self._url}: {error}", retryable=True))
            finally:
                self._port.close()
            self._stopping.wait(self._retry_s)
            self._retry_s = min(2 * self._retry_s, _LAST_RETRY_S)

    def _carry(self) -> None:
        while not self._stopping.is_set():
            data = self._read_what_is_there()
            if data:
                self._retry_s = _FIRST_RETRY_S
            answer = self._converse(data, self._clock.now())
            if answer:
                self._port.write(answer)

    def _read_what_is_there(self) -> bytes:
        """Return at once with whatever came; empty after a tick without a byte."""
        data: bytes = self._port.read(1)
        while data and len(data) < _MAX_CHUNK and (waiting := self._port.in_waiting):
            data += self._port.read(waiting)
        return data

    def _report(self, error: LinkError | None) -> None:
        link_is_up = error is None
        if link_is_up == self._link_is_up:
            return
        self._link_is_up = link_is_up
        if error is None:
            _LOG.info("%s opened", self._url)
        else:
            _LOG.warning("%s", error)
        self._on_link(error)
