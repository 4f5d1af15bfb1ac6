"""What a driver is: a session that turns bytes into events, and the facts about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.model.clock import Instant
    from edge_agent.model.measurements import DeviceTime, Numeric, VitalKind
    from edge_agent.model.session_events import SessionEvent


class Session(Protocol):
    """One dialogue with one device; device bytes never raise and never vanish."""

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; after `silence_s` settle a half-received frame."""

    def bytes_to_send(self) -> bytes:
        """Return and forget what is due to the device; always empty when listening only."""

    def release(self) -> None:
        """End the dialogue in order: the farewell is to be sent at once; open none any more."""


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How the line is set up."""

    baud: int
    byte_size: int
    parity: str
    """N, E or O."""
    stop_bits: int
    rts_cts: bool


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """The facts about a driver, as the registry lists them."""

    name: str
    title: str
    """Devices it speaks to, for people."""
    serial: SerialSettings
    silence_s: float
    """Quiet time after which a half-received frame is settled."""
    produces: tuple[VitalKind, ...]
    open_session: Callable[[str, bool], Session]
    """Takes the device id and whether to listen only."""
    csv_header: tuple[str, ...]
    csv_row: Callable[[Numeric, DeviceTime], tuple[str, ...]]
    """One numeric as `crswatch decode` prints it; takes the clocks of its message, too."""
    source: str
    """Document and revision the driver was written from."""
