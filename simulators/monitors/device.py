"""What every simulated monitor is: bytes and moments in, bytes and the truth about them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_agent.model.clock import Instant
    from simulators.vitals import TrueVitals

    View = Callable[[float], TrueVitals]
    """The patient's signs at a patient time in seconds."""

    Witness = Callable[["Sent"], None]
    """Told of every message with vital signs, the moment it is handed to the line."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message with vital signs as it left the monitor, and what is true of it."""

    wire: bytes
    """The whole message, line ends or flags included."""
    at: Instant
    values: Mapping[str, float | None]
    """What a reader must find: canonical kind, or kind@site, to the value in the kind's canonical
    unit at the wire's resolution. None: the monitor vouches for no value of it here (missing,
    doubtful, in demo), so a reader must take none for good."""


class MonitorDevice(Protocol):
    """One monitor at the device's end of a line; pure."""

    def receive(self, data: bytes, at: Instant) -> None:
        """Take bytes from the host; damaged ones are dropped without a word."""

    def tick(self, at: Instant) -> None:
        """Do what is due by now."""

    def bytes_to_send(self) -> bytes:
        """Return and forget what is due to the host."""
