"""One way out with its receiver, as the tests of what all have in common see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from edge_agent.payloads.notices import GatewayPlace

if TYPE_CHECKING:
    from edge_agent.notifiers.notifier import Notifier

PLACE: Final = GatewayPlace("st-anna", "w3", "gw-1")
TIMEOUT_S: Final = 2.0
"""Time limit of one attempt; a receiver that is slow never answers within it."""


class Case(Protocol):
    """One way and its receiver."""

    confirms: bool
    """False where only the network confirms, so that a slow receiver is not noticed."""
    keeps_lines: bool
    """True where a text may have line breaks."""

    def way(self) -> Notifier:
        """Return a new notifier."""

    def next_text(self) -> str:
        """Return headline and sentence of the next notice, as the receiver reads them."""

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""

    def refuse(self, *, now: bool) -> None:
        """Refuse everything, or no longer."""

    def stall(self, *, now: bool) -> None:
        """Answer nothing, or go on."""

    def start(self) -> None:
        """Start the receiver."""

    def stop(self) -> None:
        """Stop the receiver."""
