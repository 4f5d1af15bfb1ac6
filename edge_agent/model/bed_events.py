"""Events at a bed other than readings and alerts; journalled and published, never evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.clock import Instant
from edge_agent.model.patient import PatientEntry
from edge_agent.model.session_events import (
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    SessionEvent,
)


class BedState(StrEnum):
    """Monitoring states of a bed: everything that can be wrong with it besides missing readings."""

    LINK_LOST = "link_lost"
    """No monitor of the bed is connected."""
    MONITOR_CHANGED = "monitor_changed"
    """A monitor other than the known one answers, and nobody has confirmed that it belongs here."""
    PATIENT_NOT_ASSIGNED = "patient_not_assigned"
    """There are readings, but the last patient has left and nobody has entered who is there now."""
    MONITOR_ALARM = "monitor_alarm"
    """A monitor of the bed has a red alarm of its own about the patient."""
    MONITOR_FAULT = "monitor_fault"
    """A monitor of the bed has a red technical alarm of its own."""
    AGENT_FAILED = "agent_failed"
    """A part of the gateway's program failed and was restarted, or discarded a message."""
    ESCALATION_FAILED = "escalation_failed"
    """An alert of the bed may not reach a person."""
    WAY_LOST = "way_lost"
    """One of the ways out to people does not work."""
    CLOCK_STEPPED = "clock_stepped"
    """Somebody set the clock of the gateway or of a monitor of the bed."""
    TEST_ALERT = "test_alert"
    """Somebody tests the whole chain of an alert at the bed."""


@dataclass(frozen=True, slots=True)
class DevicePlace:
    """A device and its bed."""

    bed_id: str
    """Empty for an address to which the devices of many beds connect."""
    device_id: str
    """Name of the device; the bed's name if it has only one device."""


@dataclass(frozen=True, slots=True)
class MonitorIdentity:
    """Manufacturer, model and serial number of a monitor; empty where it does not send them."""

    manufacturer: str
    model: str
    serial: str

    def contradicts(self, other: MonitorIdentity) -> bool:
        """Return True if both know one of the fields and it differs."""
        mine = (self.manufacturer, self.model, self.serial)
        theirs = (other.manufacturer, other.model, other.serial)
        return any(a and b and a != b for a, b in zip(mine, theirs, strict=True))

    def completed_by(self, other: MonitorIdentity) -> MonitorIdentity:
        """Return this identity with its empty fields filled from one it does not contradict."""
        return MonitorIdentity(
            self.manufacturer or other.manufacturer,
            self.model or other.model,
            self.serial or other.serial,
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.manufacturer, self.model, self.serial))) or "unnamed"


@dataclass(frozen=True, slots=True)
class MonitorAccepted:
    """From now on the bed's known monitor: its first one, or one that a person confirmed."""

    identity: MonitorIdentity
    by: str
    """Person who confirmed it; empty for the first monitor of a bed."""
    at: Instant


@dataclass(frozen=True, slots=True)
class ClockCompared:
    """Comparison of a monitor's wall clock with the gateway's."""

    offset_s: float
    """Seconds, monitor minus gateway; positive where the monitor is ahead."""
    drift_s_per_day: float | None
    """Growth of the offset; None until the clock has been observed for an hour."""
    is_step: bool
    """True if the clock jumped since the last comparison."""
    at: Instant


@dataclass(frozen=True, slots=True)
class CommandRejected:
    """Refusal of a person's command, or of a part of it."""

    reason: str
    alert_ids: tuple[str, ...] = ()
    """Alerts that a refused answer leaves as they are; empty for other commands."""
    answer_id: str = ""
    """Sender's id of a refused answer; empty without one."""


@dataclass(frozen=True, slots=True)
class ContextEntered:
    """An entry about a patient."""

    entry: PatientEntry


@dataclass(frozen=True, slots=True)
class EvaluationFailed:
    """Failure to evaluate a message or a step of a bed, which was then discarded."""

    what: str
    """Name of the discarded part, without any of its values."""
    error: str
    """Type of the exception."""
    times: int
    """Number of failures since the start, this one included."""


@dataclass(frozen=True, slots=True)
class PersonUnreachable:
    """A person on duty for the bed to whom no way out works."""

    person_id: str
    ways: tuple[str, ...]
    shift: str


@dataclass(frozen=True, slots=True)
class ReadingsLost:
    """Messages with readings that the disk did not store in time."""

    messages: int
    since_utc_ns: int
    until_utc_ns: int
    """Time of the newest lost message."""


@dataclass(frozen=True, slots=True)
class BedEvent:
    """An event of a bed's device, line or people."""

    bed_id: str
    device_id: str
    """Device of the event; the bed's name if it has only one device."""
    event: (
        LinkChanged
        | DeviceIdentified
        | DeviceAlarmsChanged
        | AlarmLimitsChanged
        | MonitorAccepted
        | ClockCompared
        | CommandRejected
        | ContextEntered
        | EvaluationFailed
        | PersonUnreachable
        | ReadingsLost
    )
    at: Instant


@dataclass(frozen=True, slots=True)
class FromDevice:
    """Events of one device's session at one moment."""

    place: DevicePlace
    events: tuple[SessionEvent, ...]
    at: Instant
