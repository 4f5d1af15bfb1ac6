"""What goes to the broker for each journalled entry and at each connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge_agent.event_payloads import (
    AssessmentEvent,
    GatewayIdentity,
    LinkEvent,
    decode_event,
    event_message,
    gateway_message,
    status_message,
)
from edge_agent.journal.entries import Entry, Lane
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.errors import DeliveryError
from edge_agent.payloads import (
    CONTENT_TYPE,
    decode_alert,
    decode_readings,
    encode_alert,
    vitals_message,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_agent.topics import Topics

HISTORICAL_AFTER_S: Final = 60.0
"""design start value, unvalidated: older readings are marked as backlog on the wire."""
VITALS_EXPIRY_S: Final = 3600
"""A consumer that was away for longer reads the store."""
STATUS_EXPIRY_S: Final = 60
"""Six reports: an older one is not what is so now; design start value, unvalidated."""
RESOLVED_EXPIRY_S: Final = 86_400
"""A resolved alert leaves the broker after a day."""

# paho leaves the constructor without types.
_new_properties: Final[Callable[[int], Properties]] = Properties


@dataclass(frozen=True, slots=True)
class Message:
    """One publication."""

    topic: str
    payload: bytes
    is_retained: bool = False
    expiry_s: int | None = None
    """None keeps it for ever."""

    def properties(self) -> Properties:
        """Return its MQTT 5 properties."""
        properties = _new_properties(PacketTypes.PUBLISH)
        properties.ContentType = CONTENT_TYPE
        if self.expiry_s is not None:
            properties.MessageExpiryInterval = self.expiry_s
        return properties


class MessageBook:
    """Turns entries into messages and remembers the state of each bed."""

    def __init__(
        self, topics: Topics, identity: GatewayIdentity, now_ns: Callable[[], int]
    ) -> None:
        self._topics = topics
        self._identity = identity
        self._now_ns = now_ns
        # Swapped as a whole by the delivering thread, read by paho's.
        self._links_of_bed: Mapping[str, Mapping[str, LinkEvent]] = {}
        self._assessments: Mapping[str, AssessmentEvent] = {}

    def of_entry(self, entry: Entry) -> list[Message]:
        """Return what to publish for one entry.

        Raises
        ------
        DeliveryError
            If its body or its bed cannot be published, ever.
        """
        try:
            if entry.lane is Lane.READINGS:
                return [self._vitals(entry)]
            if entry.lane is Lane.ALERTS:
                alert = decode_alert(entry.body)
                if not alert.is_signalled:
                    return []
                history = Message(self._topics.events(alert.bed_id), entry.body)
                return [self.of_alert(alert), history]
            return self._event(entry)
        except (msgspec.MsgspecError, ValueError) as error:
            raise DeliveryError(f"entry {entry.seq}: {error}", retryable=False) from error

    def _vitals(self, entry: Entry) -> Message:
        is_historical = (self._now_ns() - entry.at_ns) / 1e9 > HISTORICAL_AFTER_S
        payload = vitals_message(
            decode_readings(entry.body),
            self._identity.gateway_id,
            entry.seq,
            historical=is_historical,
        )
        return Message(self._topics.vitals(entry.bed_id), payload, expiry_s=VITALS_EXPIRY_S)

    def of_alert(self, alert: Alert) -> Message:
        """Return the present state of an alert, for the broker to hold."""
        expiry_s = RESOLVED_EXPIRY_S if alert.state is AlertState.RESOLVED else None
        topic = self._topics.alert(alert.bed_id, alert.rule_id)
        return Message(topic, encode_alert(alert), is_retained=True, expiry_s=expiry_s)

    def _event(self, entry: Entry) -> list[Message]:
        event = decode_event(entry.body)
        if isinstance(event, AssessmentEvent):
            self._assessments = {**self._assessments, entry.bed_id: event}
            return [self._status(entry.bed_id)]
        payload = event_message(event, self._identity.gateway_id, entry.seq)
        messages = [Message(self._topics.events(entry.bed_id), payload)]
        if isinstance(event, LinkEvent):
            known = self._links_of_bed.get(entry.bed_id, {})
            links = {**known, event.device_id: event}
            self._links_of_bed = {**self._links_of_bed, entry.bed_id: links}
            messages.append(self._status(entry.bed_id))
        return messages

    def _status(self, bed_id: str) -> Message:
        links = tuple(self._links_of_bed.get(bed_id, {}).values())
        assessment = self._assessments.get(bed_id)
        return Message(
            self._topics.status(bed_id),
            status_message(bed_id, links, assessment),
            is_retained=True,
            expiry_s=None if assessment is None else STATUS_EXPIRY_S,
        )

    def of_gateway(self, state: str) -> Message:
        """Return birth, last will or goodbye."""
        return Message(
            self._topics.gateway(), gateway_message(self._identity, state), is_retained=True
        )

    def of_beds(self) -> list[Message]:
        """Return the present state of every bed, for the broker to hold."""
        return [self._status(bed_id) for bed_id in {**self._links_of_bed, **self._assessments}]
