"""Address at which an alert manager connects to report status, as some do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edge_agent.drivers.hl7_oru import er7
from edge_agent.drivers.hl7_oru.er7 import Er7Message, MalformedTextError
from edge_agent.drivers.hl7_oru.frames import MllpScanner, content
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import FrameRejected
from edge_agent.sources.mllp_source import MllpSource

_QUIET_S: Final = 5.0
"""Seconds of silence after which half a message is discarded."""


class StatusListener:
    """Listens for reports of status, where an address is configured.

    Parameters
    ----------
    address
        mllp://HOST:PORT; empty for none.
    on_message
        Receives each message; returns the bytes to answer, or none.
    """

    def __init__(
        self, address: str, on_message: Callable[[Er7Message], bytes], clock: Clock
    ) -> None:
        self._on_message = on_message
        self._source = (
            MllpSource(address, self._converse, _ignore_change, clock) if address else None
        )
        self._is_started = False

    @property
    def bound_port(self) -> int:
        """Port at which it listens; 0 while it does not."""
        return 0 if self._source is None else self._source.bound_port

    def start(self) -> None:
        """Listen, unless it does already."""
        if self._source is not None and not self._is_started:
            self._is_started = True
            self._source.start()

    def stop(self) -> None:
        """Close every connection."""
        if self._source is not None:
            self._source.stop()

    def _converse(self, _peer: str) -> _Conversation:
        return _Conversation(self._on_message)


def _ignore_change(_error: LinkError | None) -> None:
    """Do nothing: the source itself logs that it cannot listen."""


class _Conversation:
    """One connection of the alert manager."""

    def __init__(self, on_message: Callable[[Er7Message], bytes]) -> None:
        self._on_message = on_message
        self._scanner = MllpScanner()
        self._heard_at: Instant | None = None  # None before the first byte
        self.is_of_use = False

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Return the answers to the messages that `data` completes."""
        if data:
            self._heard_at = at
            pieces = self._scanner.feed(data)
        elif self._heard_at is not None and at.seconds_since(self._heard_at) >= _QUIET_S:
            self._heard_at = None
            pieces = self._scanner.quiet()
        else:
            return b""
        return b"".join(self._answer(piece) for piece in pieces)

    def ended(self, _reason: str, _at: Instant) -> None:
        """Do nothing: the alert manager may connect again."""

    def _answer(self, piece: bytes | FrameRejected) -> bytes:
        if isinstance(piece, FrameRejected):
            return b""
        try:
            message = er7.parse(content(piece).body)
        except MalformedTextError:
            return b""
        self.is_of_use = True
        return self._on_message(message)
