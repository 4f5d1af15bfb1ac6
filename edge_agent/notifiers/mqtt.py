"""Way out to an MQTT 5 broker: handsets and paging servers subscribe to the notices, and reply."""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.clients.mqtt_client import SturdyClient, paho_log
from edge_agent.clients.mqtt_login import log_in
from edge_agent.clients.mqtt_words import QOS_NOTE, connect_words, no_broker_words, refusal_words
from edge_agent.model.calls import Notice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.notifiers.notifier import WayEvents
from edge_agent.notifiers.replies import Replies
from edge_agent.notifiers.worker import LOST_S
from edge_agent.payloads.common import CONTENT_TYPE
from edge_agent.payloads.notices import (
    GatewayPlace,
    beat_message,
    notice_message,
    parse_reply,
)
from edge_agent.payloads.topics import Topics, bed_of

_NO_SUBSCRIBERS: Final = 0x10
"""Reason code of MQTT 5 table 2-6: nobody subscribes to the topic."""
_NOTICE_EXPIRY_S: Final = 3600
"""Lifetime of a notice for a subscriber that is away with a session of its own, seconds."""
_RECONNECT_FIRST_S: Final = 1
_RECONNECT_LONGEST_S: Final = 8
_STOP_WAIT_S: Final = 1.0

_LOG = logging.getLogger(__name__)
_PAHO_LOG: Final = paho_log(__name__)

# The constructor of paho has no types.
_new_properties: Final[Callable[[int], Properties]] = Properties


@dataclass(frozen=True, slots=True)
class MqttWayConfig:
    """Address of the broker, and our credentials."""

    name: str
    host: str
    port: int
    place: GatewayPlace
    client_id: str
    username: str = ""
    """User name; empty where the broker wants none."""
    password_file: Path | None = None
    """File with the password on its first line."""
    tls_ca: Path | None = None
    """Certificate authority of the broker; None for a line without TLS."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    keepalive_s: int = 5
    timeout_s: float = 5.0
    """Longest time for one message and its confirmation."""


class MqttWay:
    """A broker; a notice is delivered when the broker has it and somebody subscribes to it."""

    def __init__(self, config: MqttWayConfig, events: WayEvents) -> None:
        self._config = config
        self.name = config.name
        place = config.place
        self._topics = Topics(place.site, place.ward, place.gateway_id)
        self._replies = Replies(config.name, events)
        self._address = f"{config.host}:{config.port}"
        self._fault = "not connected yet"
        self._is_ready = threading.Event()
        self._is_closed = threading.Event()
        self._is_dialled = False
        self._acks: queue.SimpleQueue[tuple[int, ReasonCode] | None] = queue.SimpleQueue()
        self._client = SturdyClient(
            CallbackAPIVersion.VERSION2, config.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        # A mistake in a callback is logged and must not end the network's thread.
        self._client.suppress_exceptions = True
        self._client.enable_logger(_PAHO_LOG)
        self._client.reconnect_delay_set(_RECONNECT_FIRST_S, _RECONNECT_LONGEST_S)
        self._client.on_unreadable_packet = self._on_unreadable_packet
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def notify(self, notice: Notice) -> None:
        """Publish a notice on the topic of its bed.

        Raises
        ------
        DeliveryError
            If the broker does not have it, or nobody subscribes to it.
        """
        self._replies.expect(notice)
        properties = _properties(_NOTICE_EXPIRY_S)
        properties.ResponseTopic = self._topics.replies(notice.bed_id)
        properties.CorrelationData = notice.notice_id.encode()
        topic = self._topics.notices(notice.bed_id)
        reason = self._publish(topic, notice_message(notice, self._config.place), properties)
        if reason.value == _NO_SUBSCRIBERS:
            words = f"{self._address} has it, but nobody subscribes to {topic}"
            raise DeliveryError(words, retryable=True)

    def beat(self, at: Instant) -> None:
        """Publish the heartbeat, which the broker holds until the next one is overdue.

        Raises
        ------
        DeliveryError
            If the broker does not have it.
        """
        body = beat_message(self.name, self._config.place, at, LOST_S)
        topic = self._topics.way(self.name)
        self._publish(topic, body, _properties(round(LOST_S)), is_retained=True)

    def close(self) -> None:
        """Disconnect for good; on any thread."""
        self._is_closed.set()
        self._is_ready.clear()
        self._acks.put(None)
        self._client.disconnect()
        if self._is_dialled:
            self._client.join(_STOP_WAIT_S)

    def _publish(
        self, topic: str, payload: bytes, properties: Properties, *, is_retained: bool = False
    ) -> ReasonCode:
        """Publish, and return the broker's answer."""
        deadline_s = time.monotonic() + self._config.timeout_s
        self._await_connection(deadline_s)
        sent = self._client.publish(topic, payload, 1, is_retained, properties)
        reason = self._await_ack(sent.mid, deadline_s)
        if reason.is_failure:
            words = f"{self._address} refuses a message on {topic}: {reason}"
            raise DeliveryError(words, retryable=True)
        return reason

    def _await_connection(self, deadline_s: float) -> None:
        if self._is_closed.is_set():
            raise DeliveryError("closed", retryable=True)
        if not self._is_dialled:
            self._dial()
        if not self._is_ready.wait(max(0.0, deadline_s - time.monotonic())):
            raise DeliveryError(self._fault or "not connected", retryable=True)

    def _dial(self) -> None:
        """Begin to connect, now and after every loss."""
        config = self._config
        try:
            log_in(self._client, config)
        except ConfigError as error:
            raise DeliveryError(str(error), retryable=True) from error
        self._is_dialled = True
        self._client.connect_async(config.host, config.port, config.keepalive_s, clean_start=True)
        self._client.loop_start()

    def _await_ack(self, mid: int, deadline_s: float) -> ReasonCode:
        """Return the answer to a message; drop a connection that gives none."""
        while True:
            try:
                ack = self._acks.get(timeout=max(0.0, deadline_s - time.monotonic()))
            except queue.Empty as error:
                self._fault = f"{self._address}: no PUBACK in {self._config.timeout_s:g} s"
                self._cut()
                raise DeliveryError(self._fault, retryable=True) from error
            if ack is None:
                raise DeliveryError(self._fault or "closed", retryable=True)
            if ack[0] == mid:
                return ack[1]

    def _cut(self) -> None:
        self._is_ready.clear()
        self._client.cut()

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: object,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._fault = refusal_words(self._address, reason)
            return
        client.drop_out_messages()  # whatever was not confirmed is sent again by its caller
        if getattr(properties, "MaximumQoS", 1) < 1:
            self._fault = f"{self._address}: {QOS_NOTE}"
            return
        client.subscribe(self._topics.replies(), 1)
        self._fault = ""
        self._drain_acks()
        self._is_ready.set()

    def _drain_acks(self) -> None:
        """Discard answers of the connection before."""
        try:
            while True:
                self._acks.get_nowait()
        except queue.Empty:
            return

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        # paho calls this while it handles the exception, but does not pass it on.
        is_tls = self._config.tls_ca is not None
        self._fault = connect_words(self._address, sys.exception(), is_tls=is_tls)

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        was_ready = self._is_ready.is_set()
        self._is_ready.clear()
        if was_ready:
            self._fault = f"{self._address}: connection lost: {reason}"
        elif "refused the connection" not in self._fault and "PUBACK" not in self._fault:
            self._fault = self._stranger(reason)
        self._acks.put(None)

    def _on_unreadable_packet(self, error: Exception) -> bool:
        """Connect again after an unreadable packet; return False when stopping."""
        self._fault = self._stranger(error)
        self._cut()
        self._acks.put(None)
        if self._is_closed.wait(_RECONNECT_FIRST_S):
            return False
        config = self._config
        self._client.connect_async(config.host, config.port, config.keepalive_s, clean_start=True)
        return True

    def _stranger(self, reason: object) -> str:
        """Return why the other side is no MQTT 5 broker."""
        received, sent_bytes = self._client.pop_received()
        return no_broker_words(self._address, received, sent_bytes, reason)

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _more: object
    ) -> None:
        self._acks.put((mid, reason))

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _more: object,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            topic = self._topics.replies()
            _LOG.warning("way %s: no reply can arrive: %s: %s", self.name, topic, reasons[0])

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.retain:
            return  # a reply of some other time
        try:
            reply = parse_reply(bytes(message.payload))
        except ValueError as error:
            _LOG.warning("way %s: a reply is ignored: %s", self.name, error)
            return
        notice = self._replies.find(reply.notice_id)
        if notice is None or notice.bed_id != bed_of(message.topic):
            refusal = "it names no notice of this bed"
        else:
            refusal = self._replies.note(notice, reply.fact, reply.by, reply.reason)
        if refusal:
            _LOG.warning("way %s: a reply is not accepted: %s", self.name, refusal)


def _properties(expiry_s: int) -> Properties:
    properties = _new_properties(PacketTypes.PUBLISH)
    properties.ContentType = CONTENT_TYPE
    properties.MessageExpiryInterval = expiry_s
    return properties
