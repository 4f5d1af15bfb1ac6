"""Interface of a driver: a session that turns bytes into events, and the facts about the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, tzinfo
from typing import Final, Protocol

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Numeric, VitalKind
from edge_agent.model.session_events import SessionEvent


class Session(Protocol):
    """A dialogue with one device. No device bytes make it raise, and none vanish."""

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return the events that `data`, received at `at`, completes."""

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Run polls and time-outs; settle a half-received frame after `silence_s`."""

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the device; always empty when listening only."""

    def release(self) -> None:
        """Close the dialogue cleanly: queue the farewell message and open no new dialogue."""


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """Settings of a serial line."""

    baud: int
    byte_size: int
    parity: str
    """N, E or O."""
    stop_bits: int
    rts_cts: bool

    def overridden_by(self, ours: object) -> SerialSettings:
        """Return the settings, replaced by the attributes of `ours` that are not None."""
        wanted = {each.name: getattr(ours, each.name) for each in fields(self)}
        return replace(self, **{key: value for key, value in wanted.items() if value is not None})


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Facts that a session needs about its site and its device."""

    device_id: str
    """Name of the device in every numeric."""
    listen_only: bool = False
    """True to decode the traffic without ever sending."""
    profile: str = ""
    """Name of one of the driver's profiles; empty for the driver's default."""
    profile_text: str = ""
    """TOML text of a profile that the driver does not ship; empty for a shipped profile."""
    zone: tzinfo = UTC
    """Time zone of the device's wall clock where the device sends none."""


def numeric_csv_row(numeric: Numeric, device_now: DeviceTime) -> tuple[str, ...]:
    """Return one numeric as text, NaN where the value is missing; see `NUMERIC_CSV_HEADER`."""
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
"""Columns of `numeric_csv_row`: device times in seconds (wall since 1970), state in hexadecimal."""


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """Facts about a driver, as the registry lists them."""

    name: str
    title: str
    """Human-readable names of the devices it reads."""
    serial: SerialSettings
    silence_s: float
    """Seconds of silence after which a half-received frame is settled."""
    produces: tuple[VitalKind, ...]
    open_session: Callable[[SessionOptions], Session]
    """Opens a session; raises ConfigError where the options name or hold a wrong profile."""
    source: str
    """Document and revision that the driver follows."""
    other_bauds: tuple[int, ...] = ()
    """Baud rates besides `serial.baud` that such devices are set to, the most likely first."""
    profiles: Mapping[str, str] = field(default_factory=dict)
    """One line about each shipped profile, by its name; empty where the driver ships none."""
    open_connections: Callable[[SessionOptions], Callable[[], Session]] | None = None
    """Prepares an address to which monitors of many beds connect over TCP; returns the opener of
    each connection's session. The connections share their alarms: each list of alarms is the whole
    list of its origin. None where the driver accepts no connections."""
    csv_header: tuple[str, ...] = NUMERIC_CSV_HEADER
    csv_row: Callable[[Numeric, DeviceTime], tuple[str, ...]] = numeric_csv_row
    """Formats one numeric for `crswatch decode`; the second argument is the clocks of its
    message."""

    @property
    def takes_connections(self) -> bool:
        """True where monitors of many beds may also connect to the driver over TCP."""
        return self.open_connections is not None
