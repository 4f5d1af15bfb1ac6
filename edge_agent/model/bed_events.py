"""What happened at a bed besides readings and alerts; kept and told, never judged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from edge_agent.model.clock import Instant

if TYPE_CHECKING:
    from edge_agent.model.patient import PatientEntry
    from edge_agent.model.session_events import (
        AlarmLimitsChanged,
        DeviceAlarmsChanged,
        DeviceIdentified,
        LinkChanged,
    )


class BedState(StrEnum):
    """What can be the matter with the watching of a bed, besides missing readings."""

    LINK_LOST = "link_lost"
    """There is no link to a monitor of the bed."""
    MONITOR_CHANGED = "monitor_changed"
    """Another monitor than the known one answers, and nobody has confirmed that it belongs here."""
    PATIENT_NOT_ASSIGNED = "patient_not_assigned"
    """There are readings, the last patient has left, and nobody has said who is there now."""
    MONITOR_ALARM = "monitor_alarm"
    """A monitor of the bed gives a red alarm of its own about the patient."""
    MONITOR_FAULT = "monitor_fault"
    """A monitor of the bed gives a red technical alarm of its own."""
    AGENT_FAILED = "agent_failed"
    """A part of the gateway's program failed and was started again, or set something aside."""
    CLOCK_STEPPED = "clock_stepped"
    """The clock of the gateway or of a monitor of the bed was set."""


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """A device and the bed it stands at."""

    bed_id: str
    """Empty for an address that the devices of many beds connect to."""
    device_id: str
    """The bed's name, where it has one device."""


@dataclass(frozen=True, slots=True)
class MonitorIdentity:
    """Who a monitor is; what it does not say is empty."""

    manufacturer: str
    model: str
    serial: str

    def contradicts(self, other: MonitorIdentity) -> bool:
        """Whether both say something about the same point, and not the same."""
        mine = (self.manufacturer, self.model, self.serial)
        theirs = (other.manufacturer, other.model, other.serial)
        return any(a and b and a != b for a, b in zip(mine, theirs, strict=True))

    def completed_by(self, other: MonitorIdentity) -> MonitorIdentity:
        """Return this identity with what it does not say taken from one it does not contradict."""
        return MonitorIdentity(
            self.manufacturer or other.manufacturer,
            self.model or other.model,
            self.serial or other.serial,
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.manufacturer, self.model, self.serial))) or "unnamed"


@dataclass(frozen=True, slots=True)
class MonitorAccepted:
    """A bed's monitor is known from now on: the first one, or one that a person confirmed."""

    identity: MonitorIdentity
    by: str
    """Who confirmed it; empty for the first monitor of a bed."""
    at: Instant


@dataclass(frozen=True, slots=True)
class ClockCompared:
    """How a monitor's wall clock stands to the gateway's."""

    offset_s: float
    """Monitor minus gateway; positive where the monitor is ahead."""
    drift_s_per_day: float | None
    """How fast the offset grows; None while it has been watched for less than an hour."""
    is_step: bool
    """Whether the clock jumped since it was compared last."""
    at: Instant


@dataclass(frozen=True, slots=True)
class CommandRejected:
    """Somebody's command was not carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class ContextEntered:
    """Somebody entered something of a patient."""

    entry: PatientEntry


@dataclass(frozen=True, slots=True)
class JudgingFailed:
    """A message or a step of a bed made the judging raise, and was set aside."""

    what: str
    """What was set aside, in words without any of its values."""
    error: str
    """The kind of mistake."""
    times: int
    """How often since the start, this one included."""


@dataclass(frozen=True, slots=True)
class ReadingsLost:
    """Messages with readings that the disk did not take in time."""

    messages: int
    since_utc_ns: int
    until_utc_ns: int
    """The newest of them."""


@dataclass(frozen=True, slots=True)
class BedEvent:
    """Something a bed's device, line or people did."""

    bed_id: str
    device_id: str
    """Which of the bed's devices it is about; the bed's name where there is one."""
    event: (
        LinkChanged
        | DeviceIdentified
        | DeviceAlarmsChanged
        | AlarmLimitsChanged
        | MonitorAccepted
        | ClockCompared
        | CommandRejected
        | ContextEntered
        | JudgingFailed
        | ReadingsLost
    )
    at: Instant
