"""Events of a driver's session: readings, alarms, identity, link and damage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Numeric


class LinkState(Enum):
    """Stage of the dialogue with a device, after OpenICE."""

    INITIAL = "initial"
    CONNECTING = "connecting"
    NEGOTIATING = "negotiating"
    CONNECTED = "connected"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A change of the dialogue's state."""

    state: LinkState
    reason: str
    at: Instant


@dataclass(frozen=True, slots=True)
class DeviceIdentified:
    """The device's identity; no patient data."""

    manufacturer: str
    model: str
    serial: str
    at: Instant
    origin: str = ""
    """As in `NumericsReceived`."""


@dataclass(frozen=True, slots=True)
class NumericsReceived:
    """One message of numerics, in the order in which the device sent them."""

    numerics: tuple[Numeric, ...]
    device_now: DeviceTime
    """Device's clocks at the moment of the message; they date the stamps in it."""
    at: Instant
    origin: str = ""
    """Origin among the devices on one line: the name of the bed it reports, else its own name;
    empty where the line has only one device."""


@dataclass(frozen=True, slots=True)
class DeviceAlarm:
    """One alarm of the monitor itself, as the monitor classifies it."""

    source_code: int
    """11073-10101 code of the alarm's source; 0 if the device does not send it."""
    event_code: int
    """11073-10101 event code (partition 3); 0 if the device sends only text."""
    priority: str
    """high, medium or low; empty if the device does not send it."""
    is_technical: bool | None
    """None if the device does not send it."""
    state: int
    """The device's raw state bits (silenced, latched, inhibited, ...)."""
    channel: str
    text: str
    """Text as the device shows it; depends on its language and is never interpreted."""
    is_usable: bool
    """False for alarms raised in test, demo or standby."""


@dataclass(frozen=True, slots=True)
class DeviceAlarmsChanged:
    """The monitor's own list of alarms after a change."""

    alarms: tuple[DeviceAlarm, ...]
    device_now: DeviceTime
    at: Instant
    origin: str = ""
    """As in `NumericsReceived`."""
    is_by_time: bool = False
    """True if alarms ended by time alone, without a message from the device."""


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """Limits between which the monitor itself gives no alarm."""

    code: int
    """11073-10101 code of the limited value."""
    unit: str
    """UCUM."""
    low: float | None
    """None where there is no lower limit."""
    high: float | None
    """None where there is no upper limit."""


@dataclass(frozen=True, slots=True)
class AlarmLimitsChanged:
    """The monitor's alarm limits after a change; for people, never evaluated."""

    limits: tuple[AlarmLimits, ...]
    at: Instant
    origin: str = ""
    """As in `NumericsReceived`."""


@dataclass(frozen=True, slots=True)
class FrameRejected:
    """Discarded bytes with the reason; no byte of the line is lost silently."""

    reason: str
    raw: bytes
    origin: str = ""
    """As in `NumericsReceived`; also empty where the sender is unknown."""


SessionEvent = (
    LinkChanged
    | DeviceIdentified
    | NumericsReceived
    | DeviceAlarmsChanged
    | AlarmLimitsChanged
    | FrameRejected
)


class Direction(Enum):
    """Direction of the data."""

    FROM_DEVICE = "rx"
    TO_DEVICE = "tx"
