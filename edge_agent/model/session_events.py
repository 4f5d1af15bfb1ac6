"""What a driver's session reports: readings, alarms, identity, link and damage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from edge_agent.model.measurements import DeviceTime, Numeric


class LinkState(Enum):
    """How far the dialogue with a device has come, after OpenICE."""

    INITIAL = "initial"
    CONNECTING = "connecting"
    NEGOTIATING = "negotiating"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The dialogue entered another state."""

    state: LinkState
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True)
class DeviceIdentified:
    """The device said what it is; no patient data."""

    manufacturer: str
    model: str
    serial: str
    at: Instant


@dataclass(frozen=True, slots=True)
class NumericsReceived:
    """One message of numerics, in the order in which the device sent them."""

    numerics: tuple[Numeric, ...]
    device_now: DeviceTime
    """The device's clocks at the moment of the message; dates the stamps inside it."""
    at: Instant


@dataclass(frozen=True, slots=True)
class DeviceAlarm:
    """One alarm of the monitor itself, as the monitor classifies it."""

    source_code: int
    """11073-10101 code of what alarms."""
    event_code: int
    """11073-10101 event code with the partition bit masked off."""
    priority: str
    """high, medium or low."""
    is_technical: bool
    state: int
    """The device's raw state bits (silenced, latched, inhibited, ...)."""
    channel: str
    text: str
    """As the device shows it; language dependent, never inferred from."""
    is_usable: bool
    """False for alarms raised in test, demo or standby."""


@dataclass(frozen=True, slots=True)
class DeviceAlarmsChanged:
    """The monitor's own list of alarms is now this one."""

    alarms: tuple[DeviceAlarm, ...]
    device_now: DeviceTime
    at: Instant


@dataclass(frozen=True, slots=True)
class FrameRejected:
    """Bytes given up on, with the reason; nothing from the line vanishes."""

    reason: str
    raw: bytes


SessionEvent = (
    LinkChanged | DeviceIdentified | NumericsReceived | DeviceAlarmsChanged | FrameRejected
)
