"""Events of a bed and the state of gateway and links as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec

from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.payloads import NOTE, SCHEMA, encode_json, rfc3339


class LinkEvent(msgspec.Struct, frozen=True, tag_field="event", tag="link"):
    """The dialogue with a device of a bed entered another state."""

    bed_id: str
    device_id: str
    state: LinkState
    reason: str
    at: str


class DeviceEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device"):
    """A device said what it is."""

    bed_id: str
    device_id: str
    manufacturer: str
    model: str
    serial: str
    at: str


class DeviceAlarmsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device_alarms"):
    """The monitor's own list of alarms is now this one."""

    bed_id: str
    device_id: str
    alarms: tuple[DeviceAlarm, ...]
    at: str


class AlarmLimitsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="alarm_limits"):
    """The monitor's alarm limits are now these."""

    bed_id: str
    device_id: str
    limits: tuple[AlarmLimits, ...]
    at: str


class RejectedCommandEvent(msgspec.Struct, frozen=True, tag_field="event", tag="command_rejected"):
    """Somebody asked for what could not be done."""

    bed_id: str
    reason: str
    at: str


EventRecord = LinkEvent | DeviceEvent | DeviceAlarmsEvent | AlarmLimitsEvent | RejectedCommandEvent
_event_decoder: Final[msgspec.json.Decoder[EventRecord]] = msgspec.json.Decoder(EventRecord)


def encode_event(
    bed_id: str,
    device_id: str,
    event: LinkChanged | DeviceIdentified | DeviceAlarmsChanged | AlarmLimitsChanged,
) -> bytes:
    """Return the journal's record of what a device's session reported."""
    at = rfc3339(event.at.utc_ns)
    if isinstance(event, LinkChanged):
        return encode_json(LinkEvent(bed_id, device_id, event.state, event.reason, at))
    if isinstance(event, DeviceAlarmsChanged):
        return encode_json(DeviceAlarmsEvent(bed_id, device_id, event.alarms, at))
    if isinstance(event, AlarmLimitsChanged):
        return encode_json(AlarmLimitsEvent(bed_id, device_id, event.limits, at))
    made_by, model, serial = event.manufacturer, event.model, event.serial
    return encode_json(DeviceEvent(bed_id, device_id, made_by, model, serial, at))


def encode_rejection(bed_id: str, reason: str, at: Instant) -> bytes:
    """Return the journal's record of a command that was not obeyed."""
    return encode_json(RejectedCommandEvent(bed_id, reason, rfc3339(at.utc_ns)))


def decode_event(body: bytes) -> EventRecord:
    """Return the event in a journalled body.

    Raises
    ------
    msgspec.MsgspecError
        If the body is not such a record.
    """
    return _event_decoder.decode(body)


def event_message(event: EventRecord, gateway_id: str, seq: int) -> bytes:
    """Return an event as subscribers see it; (gateway_id, seq) tells repeats."""
    origin = {"schema": SCHEMA, "gateway_id": gateway_id, "seq": seq}
    return encode_json(origin | msgspec.to_builtins(event))


def status_message(bed_id: str, links: Sequence[LinkEvent]) -> bytes:
    """Return the present state of every link of a bed."""
    devices = [
        {"device_id": link.device_id, "state": link.state, "reason": link.reason, "since": link.at}
        for link in links
    ]
    return encode_json({"schema": SCHEMA, "bed_id": bed_id, "links": devices})


@dataclass(frozen=True, slots=True)
class GatewayIdentity:
    """What a gateway says about itself at birth."""

    gateway_id: str
    version: str
    boot_id: str
    config_hash: str


def gateway_message(identity: GatewayIdentity, state: str) -> bytes:
    """Return birth (`online`), last will (`lost`) or a clean goodbye (`stopped`)."""
    return encode_json({"schema": SCHEMA, "state": state, "note": NOTE} | asdict(identity))
