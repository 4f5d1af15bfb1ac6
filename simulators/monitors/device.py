"""Interface of a simulated monitor: bytes and moments in, bytes and their true values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge_agent.model.clock import Instant
from simulators.patients.vitals import TrueVitals

View = Callable[[float], TrueVitals]
"""Returns the patient's signs at a patient time in seconds, which counts from the power-on."""

Witness = Callable[["Sent"], None]
"""Called with every message with vital signs, at the moment it is put on the line."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One message with vital signs as it left the monitor, and its true values."""

    wire: bytes
    """The whole message, including line ends or flags."""
    at: Instant
    values: Mapping[str, float | None]
    """Values that a reader must find: canonical kind, or kind@site, to the value in the kind's
    canonical unit at the wire's resolution. None where the monitor vouches for no value (missing,
    doubtful, in demo), so that a reader must accept none as valid."""


@dataclass(frozen=True, slots=True)
class PowerOn:
    """Power-on of a monitor, with its patient."""

    view: View
    at: Instant
    """Moment of the power-on; also patient second 0."""
    witness: Witness | None = None
    """Called with every message with vital signs; None for no call."""

    def patient_s(self, at: Instant) -> float:
        """Return the patient time of a moment, seconds."""
        return at.seconds_since(self.at)

    def vitals_at(self, at: Instant) -> TrueVitals:
        """Return the patient's signs at a moment."""
        return self.view(self.patient_s(at))


class MonitorDevice(Protocol):
    """One monitor at the device's end of a line; pure."""

    def receive(self, data: bytes, at: Instant) -> None:
        """Read bytes from the host; discard damaged ones silently."""

    def tick(self, at: Instant) -> None:
        """Do everything that is due by `at`."""

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the host."""
