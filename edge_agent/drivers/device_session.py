"""Session of most drivers: an intake of the device's bytes, and the host's side of the dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol

from edge_agent.drivers.framing import Intake, Piece
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import SessionEvent


class HostSide(Protocol):
    """The host's side of a dialogue; `LinkWatch` for a device that sends unasked."""

    def tick(self, at: Instant) -> Sequence[SessionEvent]:
        """Run polls and time-outs; return the changes of the link."""

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the device; always empty when listening only."""

    def release(self) -> None:
        """Queue the farewell message, if there is one, and open no new dialogue."""


class DeviceSession(Generic[Piece]):
    """A `Session`: its intake reads what the device sends, its host answers.

    Parameters
    ----------
    intake
        Reads the device's pieces; it tells the host about sound ones.
    host
        Watches the link and decides on the bytes to send.
    """

    def __init__(self, intake: Intake[Piece], host: HostSide) -> None:
        self._intake = intake
        self._host = host

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""
        return [*self._intake.receive(data, at), *self._host.tick(at)]

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Settle a half-received piece after a silence; run the host's polls and time-outs."""
        return [*self._intake.tick(at), *self._host.tick(at)]

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the device; always empty when listening only."""
        return self._host.bytes_to_send()

    def release(self) -> None:
        """Close the dialogue cleanly."""
        self._host.release()
