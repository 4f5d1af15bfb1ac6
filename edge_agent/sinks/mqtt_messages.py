"""Messages to the broker for each journalled entry and at each connection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.clock import Instant
from edge_agent.payloads.alerts import alert_message, alert_owner, decode_alert
from edge_agent.payloads.checkpoints import CheckpointEvent
from edge_agent.payloads.common import UNREADABLE
from edge_agent.payloads.events import (
    AssessmentEvent,
    LinkEvent,
    decode_event,
    encode_event,
    event_message,
)
from edge_agent.payloads.readings import decode_readings, vitals_message
from edge_agent.payloads.status import GatewayIdentity, boot_of, gateway_message, status_message
from edge_agent.payloads.topics import Topics, bed_of, rule_of
from edge_agent.sinks.mqtt_calls import CallStates
from edge_agent.sinks.mqtt_publication import Publication

_HISTORICAL_AFTER_S: Final = 60.0
"""Age of readings marked as backlog on the wire, seconds; design start value, unvalidated."""
_VITALS_EXPIRY_S: Final = 3600
"""Lifetime of readings on the broker, seconds; a consumer away for longer reads the store."""
_STATUS_EXPIRY_S: Final = 60
"""Lifetime of a bed's status, seconds (six reports), after which it is not current; design start
value, unvalidated."""
_RESOLVED_EXPIRY_S: Final = 3600
"""Lifetime of a resolved alert on the broker, seconds; design start value, unvalidated."""


class MessageBook:
    """Converter of entries to messages; remembers the state of each bed.

    Parameters
    ----------
    now_ns
        Clock, UTC nanoseconds.
    known_alerts
        Returns the newest state of every reported alert.
    bed_ids
        Beds of this gateway; the alerts of others only belong to the history. None: every bed.
    """

    def __init__(
        self,
        topics: Topics,
        identity: GatewayIdentity,
        now_ns: Callable[[], int],
        known_alerts: Callable[[], Iterable[Alert]],
        bed_ids: Collection[str] | None = None,
    ) -> None:
        self._topics = topics
        self._identity = identity
        self._now_ns = now_ns
        self._known_alerts = known_alerts
        self._bed_ids = bed_ids
        self._calls = CallStates(topics, identity.gateway_id)
        # Replaced as a whole by the delivering thread, read by paho's.
        self._links_of_bed: Mapping[str, Mapping[str, LinkEvent]] = {}
        self._assessments: Mapping[str, AssessmentEvent] = {}
        self._held: Mapping[str, Alert] = {}
        """Alert published last on each alert topic."""

    def of_entry(self, entry: JournalEntry) -> list[Publication]:
        """Return the messages to publish for one entry.

        Raises
        ------
        ValueError
            If its body or its bed can never be published.
        """
        try:
            if entry.lane is Lane.READINGS:
                return [self._vitals(entry)]
            if entry.lane is Lane.ALERTS:
                return self._alert(entry)
            if entry.lane is Lane.CALLS:
                return self._calls.of_entry(entry, is_ours=self.is_ours(entry.bed_id))
            return self._event(entry)
        except UNREADABLE as error:
            raise ValueError(f"entry {entry.seq} cannot be read: {error}") from error

    def of_refusal(self, bed_id: str, reason: str) -> Publication:
        """Return the answer to a command that was refused before it was evaluated."""
        at = Instant(0, self._now_ns())
        body = encode_event(BedEvent(bed_id, bed_id, CommandRejected(reason), at))
        payload = event_message(decode_event(body), self._identity.gateway_id, 0)
        return Publication(self._topics.events(bed_id), payload)

    def _alert(self, entry: JournalEntry) -> list[Publication]:
        alert = decode_alert(entry.body)
        if not alert.is_signalled:
            return []
        state = self.of_alert(alert)
        history = Publication(self._topics.events(alert.bed_id), state.payload, brief=state.brief)
        if not self.is_ours(alert.bed_id):
            return [history]
        newest = self._newest(alert.bed_id, alert.rule_id)
        held = self._held.get(state.topic)
        if held is not None and newest is not None and _is_same(held, newest):
            # The broker holds the present state: an earlier one only belongs to the history.
            return [history] if not _is_same(alert, newest) else [state, history]
        self._held = {**self._held, state.topic: alert}
        return [state, history]

    def _newest(self, bed_id: str, rule_id: str) -> Alert | None:
        if not self.is_ours(bed_id):
            return None
        known = self._known_alerts()
        return next((a for a in known if (a.bed_id, a.rule_id) == (bed_id, rule_id)), None)

    def _may_be_ours(self, topic: str, alert_id: str) -> bool:
        """Return True where an alert without a gateway's name is of our bed, or one we know."""
        is_known = any(alert.alert_id == alert_id for alert in self._known_alerts())
        return is_known or (self._bed_ids is not None and bed_of(topic) in self._bed_ids)

    def is_ours(self, bed_id: str) -> bool:
        """Return True for a bed of this gateway; a ward may have several gateways."""
        return self._bed_ids is None or bed_id in self._bed_ids

    def _vitals(self, entry: JournalEntry) -> Publication:
        is_historical = (self._now_ns() - entry.at_ns) / 1e9 > _HISTORICAL_AFTER_S
        payload = vitals_message(
            decode_readings(entry.body),
            self._identity.gateway_id,
            entry.seq,
            historical=is_historical,
        )
        return Publication(self._topics.vitals(entry.bed_id), payload, expiry_s=_VITALS_EXPIRY_S)

    def of_alert(self, alert: Alert) -> Publication:
        """Return the present state of an alert, for the broker to hold."""
        brief = replace(alert, evidence=(), explanation="", missing=(), facts=None)
        gateway_id = self._identity.gateway_id
        return Publication(
            self._topics.alert(alert.bed_id, alert.rule_id),
            alert_message(alert, gateway_id),
            is_retained=True,
            expiry_s=self._expiry_s(alert),
            brief=alert_message(brief, gateway_id),
        )

    def _expiry_s(self, alert: Alert) -> int | None:
        if alert.state is not AlertState.RESOLVED:
            return None
        age_s = (self._now_ns() - alert.changed_at.utc_ns) / 1e9
        return max(1, min(_RESOLVED_EXPIRY_S, round(_RESOLVED_EXPIRY_S - age_s)))

    def of_alerts(self) -> list[Publication]:
        """Return every alert that the broker must hold, the urgent first."""
        known = [
            alert
            for alert in self._known_alerts()
            if self.is_ours(alert.bed_id) and not self._is_long_over(alert)
        ]
        known.sort(key=lambda alert: (not alert.is_open, -alert.priority))
        messages = [self.of_alert(alert) for alert in known]
        topics = [message.topic for message in messages]
        self._held = dict(zip(topics, known, strict=True))
        return messages

    def _is_long_over(self, alert: Alert) -> bool:
        return (
            alert.state is AlertState.RESOLVED
            and (self._now_ns() - alert.changed_at.utc_ns) / 1e9 >= _RESOLVED_EXPIRY_S
        )

    def outdated(self) -> list[str]:
        """Return the topics of alerts that ended so long ago that the broker must drop them."""
        return [topic for topic, alert in self._held.items() if self._is_long_over(alert)]

    def clearing(self, topic: str) -> Publication | None:
        """Return the message that removes an alert from the broker; None where it must stay."""
        bed_id, rule_id = bed_of(topic), rule_of(topic)
        newest = self._newest(bed_id, rule_id)
        if newest is not None and not self._is_long_over(newest):
            return None
        self._held = {held: alert for held, alert in self._held.items() if held != topic}
        return Publication(topic, b"", is_retained=True)

    def is_unknown_alert(self, topic: str, payload: bytes) -> bool:
        """Return True where a held alert is this gateway's but unknown to it.

        Parameters
        ----------
        payload
            Payload as held; one without a gateway was published by an older version.
        """
        owner = alert_owner(payload)
        is_ours = owner is not None and (
            owner.gateway_id == self._identity.gateway_id
            or (not owner.gateway_id and self._may_be_ours(topic, owner.alert_id))
        )
        return is_ours and self.clearing(topic) is not None

    def _event(self, entry: JournalEntry) -> list[Publication]:
        event = decode_event(entry.body)
        if isinstance(event, AssessmentEvent):
            self._assessments = {**self._assessments, entry.bed_id: event}
            return [self._status(entry.bed_id)]
        payload = event_message(event, self._identity.gateway_id, entry.seq)
        if isinstance(event, CheckpointEvent):
            return [Publication(self._topics.audit(), payload, is_retained=True)]
        messages = [Publication(self._topics.events(entry.bed_id), payload)]
        if isinstance(event, LinkEvent):
            known = self._links_of_bed.get(entry.bed_id, {})
            links = {**known, event.device_id: event}
            self._links_of_bed = {**self._links_of_bed, entry.bed_id: links}
            messages.append(self._status(entry.bed_id))
        return messages

    def _status(self, bed_id: str) -> Publication:
        links = tuple(self._links_of_bed.get(bed_id, {}).values())
        assessment = self._assessments.get(bed_id)
        return Publication(
            self._topics.status(bed_id),
            status_message(bed_id, links, assessment),
            is_retained=True,
            expiry_s=None if assessment is None else _STATUS_EXPIRY_S,
        )

    def of_gateway(self, state: str) -> Publication:
        """Return the birth, last will or goodbye message."""
        beds = None if self._bed_ids is None else sorted(self._bed_ids)
        payload = gateway_message(self._identity, state, beds)
        return Publication(self._topics.gateway(), payload, is_retained=True)

    def is_namesake(self, payload: bytes) -> bool:
        """Return True where a message on our own topic comes from another run than this one."""
        boot_id = boot_of(payload)
        return boot_id is not None and boot_id != self._identity.boot_id

    def of_beds(self) -> list[Publication]:
        """Return the present state of every bed, for the broker to hold."""
        statuses = [self._status(bed) for bed in {**self._links_of_bed, **self._assessments}]
        return [*self._calls.held(), *statuses]


def _is_same(one: Alert, other: Alert) -> bool:
    return (one.alert_id, one.n) == (other.alert_id, other.n)
