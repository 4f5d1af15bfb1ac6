"""What a driver is: a session that turns bytes into events, and the facts about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
class SessionOptions:
    """What a session has to know about its place and its device."""

    device_id: str
    """Name of the device in every numeric."""
    listen_only: bool = False
    """Whether to decode what passes without ever sending."""
    profile: str = ""
    """Name of one of the driver's profiles; empty: its default."""
    profile_text: str = ""
    """TOML text of a profile that the driver does not ship; empty: it ships the profile."""
    zone: tzinfo = UTC
    """Zone of the device's wall clock where the device sends none."""


def numeric_csv_row(numeric: Numeric, device_now: DeviceTime) -> tuple[str, ...]:
    """Return one numeric as text, with NaN for missing; see `NUMERIC_CSV_HEADER`."""
    wall_ns = numeric.measured_at.wall_ns
    elapsed_ns = device_now.elapsed_ns
    return (
        "" if wall_ns is None else f"{wall_ns / 1e9:.3f}",
        "" if elapsed_ns is None else f"{elapsed_ns / 1e9:.3f}",
        numeric.channel,
        str(numeric.code),
        numeric.label,
        "NaN" if numeric.value is None else str(numeric.value),
        numeric.unit,
        f"{numeric.state:X}",
        numeric.validity.value,
    )


NUMERIC_CSV_HEADER: Final = (
    "measured_wall_s",
    "message_elapsed_s",
    "channel",
    "code",
    "label",
    "value",
    "unit",
    "state",
    "validity",
)
"""Columns of `numeric_csv_row`: device times in seconds (wall since 1970), state hexadecimal."""


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
    open_session: Callable[[SessionOptions], Session]
    """Raises ConfigError where the options name or hold a profile that is wrong."""
    source: str
    """Document and revision the driver was written from."""
    other_bauds: tuple[int, ...] = ()
    """Speeds besides `serial.baud` that devices of this kind are set to, likeliest first."""
    profiles: Mapping[str, str] = field(default_factory=dict)
    """Name and one line about each profile the driver ships; empty where it has none."""
    takes_connections: bool = False
    """Whether monitors may connect to it over TCP instead, many of them and from many beds."""
    csv_header: tuple[str, ...] = NUMERIC_CSV_HEADER
    csv_row: Callable[[Numeric, DeviceTime], tuple[str, ...]] = numeric_csv_row
    """One numeric as `crswatch decode` prints it; takes the clocks of its message, too."""
