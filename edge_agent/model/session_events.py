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
    origin: str = ""
    """As in `NumericsReceived`."""


@dataclass(frozen=True, slots=True)
class NumericsReceived:
    """One message of numerics, in the order in which the device sent them."""

    numerics: tuple[Numeric, ...]
    device_now: DeviceTime
    """The device's clocks at the moment of the message; dates the stamps inside it."""
    at: Instant
    origin: str = ""
    """Which of the devices behind one line spoke: the place it says it stands at, else its name;
    empty where a line is one device's."""


@dataclass(frozen=True, slots=True)
class DeviceAlarm:
    """One alarm of the monitor itself, as the monitor classifies it."""

    source_code: int
    """11073-10101 code of what alarms; 0 where the device does not say."""
    event_code: int
    """11073-10101 event code (partition 3); 0 where the device sends text alone."""
    priority: str
    """high, medium or low; empty where the device does not say."""
    is_technical: bool | None
    """None where the device does not say."""
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
    origin: str = ""
    """As in `NumericsReceived`."""


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """Between which values the monitor itself stays quiet."""

    code: int
    """11073-10101 code of what is limited."""
    unit: str
    """UCUM."""
    low: float | None
    """None where there is no lower limit."""
    high: float | None
    """None where there is no upper limit."""


@dataclass(frozen=True, slots=True)
class AlarmLimitsChanged:
    """The monitor's alarm limits are now these; context for people, never judged."""

    limits: tuple[AlarmLimits, ...]
    at: Instant
    origin: str = ""
    """As in `NumericsReceived`."""


@dataclass(frozen=True, slots=True)
class FrameRejected:
    """Bytes given up on, with the reason; nothing from the line vanishes."""

    reason: str
    raw: bytes
    origin: str = ""
    """As in `NumericsReceived`; empty also where nobody can be said to have sent them."""


SessionEvent = (
    LinkChanged
    | DeviceIdentified
    | NumericsReceived
    | DeviceAlarmsChanged
    | AlarmLimitsChanged
    | FrameRejected
)
