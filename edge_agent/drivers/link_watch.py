"""Link state of a device that sends unasked: connected while messages arrive."""

from __future__ import annotations

from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkChanged, LinkState


class LinkWatch:
    """Reports the first message of a device, and its silence; sends nothing.

    Parameters
    ----------
    lost_after_s
        Seconds without a sound message after which the device is lost.
    """

    def __init__(self, lost_after_s: float) -> None:
        self._lost_after_s = lost_after_s
        self._received_at: Instant | None = None  # None while the device is not connected

    @property
    def is_connected(self) -> bool:
        """True from the first sound message to the loss of the device."""
        return self._received_at is not None

    def heard(self, at: Instant) -> list[LinkChanged]:
        """Note a sound message; return the change of state where it is the first."""
        is_first, self._received_at = self._received_at is None, at
        return [LinkChanged(LinkState.CONNECTED, "the device talks", at)] if is_first else []

    def tick(self, at: Instant) -> list[LinkChanged]:
        """Return the change of state where the device has just become silent for too long."""
        if self._received_at is None or at.seconds_since(self._received_at) < self._lost_after_s:
            return []
        self._received_at = None
        reason = f"no sound message for {self._lost_after_s:g} s"
        return [LinkChanged(LinkState.LOST, reason, at)]

    def bytes_to_send(self) -> bytes:
        """Return no bytes: the device sends unasked."""
        return b""

    def release(self) -> None:
        """Do nothing: there is no farewell message."""
