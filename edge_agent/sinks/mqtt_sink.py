"""Publishes alerts, events and vitals to the ward's broker; takes people's commands."""

from __future__ import annotations

import logging
import queue
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge_agent.context_payloads import parse_entry
from edge_agent.model.errors import DeliveryError
from edge_agent.payloads import parse_acknowledgement
from edge_agent.sinks.mqtt_login import log_in
from edge_agent.sinks.mqtt_messages import Message, MessageBook
from edge_agent.topics import Topics, bed_of, is_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from edge_agent.event_payloads import GatewayIdentity
    from edge_agent.journal.entries import Entry
    from edge_agent.model.alerts import Acknowledgement, Alert
    from edge_agent.model.patient import BedEntry

WINDOW: Final = 20
"""Messages without PUBACK; more makes paho slower, not faster, and brokers default to 20."""
ACK_TIMEOUT_S: Final = 10.0
"""Twice the keepalive: a silent broker is found out by then."""
RECONNECT_FIRST_S: Final = 1
RECONNECT_LONGEST_S: Final = 8
_HOPELESS: Final = frozenset({0x90, 0x95, 0x99})
"""MQTT 5 table 2-6: topic name invalid, packet too large, payload format invalid."""

_OVERHEAD_BYTES: Final = 64
"""Fixed header, packet id and the few properties used here."""
_LARGEST_PACKET_BYTES: Final = 268_435_455
"""MQTT 5 section 1.5.5: what the length field can say."""

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """Where the broker is and who we are to it."""

    host: str
    port: int
    site: str
    ward: str
    gateway_id: str
    client_id: str
    username: str = ""
    """Empty where the broker asks for none."""
    password_file: Path | None = None
    """Holds the password on its first line."""
    tls_ca: Path | None = None
    """Certificate authority of the broker; None for a line without TLS."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    keepalive_s: int = 5


@dataclass(frozen=True, slots=True)
class MqttCallbacks:
    """What the sink asks and tells; called on paho's thread, so each must be quick."""

    retained_alerts: Callable[[], Iterable[Alert]]
    """Every alert whose present state the broker is to hold."""
    on_acknowledge: Callable[[str, Acknowledgement], None]
    on_rejected: Callable[[str, str], None]
    now_ns: Callable[[], int]
    """UTC."""
    on_entry: Callable[[BedEntry], None]


@dataclass(frozen=True, slots=True)
class _Link:
    """One connection from CONNACK to its end."""

    acks: queue.SimpleQueue[tuple[int, ReasonCode] | None]
    """Answers to publishes; None is the end."""
    window: int
    max_packet_bytes: int
    network_thread: threading.Thread


class MqttSink:
    """The ward's broker as a sink: MQTT 5, QoS 1, nothing queued in the client while offline."""

    name = "mqtt"

    def __init__(
        self, config: MqttConfig, identity: GatewayIdentity, callbacks: MqttCallbacks
    ) -> None:
        self._config = config
        self._topics = Topics(config.site, config.ward, config.gateway_id)
        self._book = MessageBook(self._topics, identity, callbacks.now_ns)
        self._callbacks = callbacks
        self._link: _Link | None = None
        self._fault = "mqtt: not connected yet"
        self._unasked_mids: set[int] = set()
        self._client = self._build_client()

    def start(self) -> None:
        """Begin to connect, now and after every loss."""
        self._client.connect_async(
            self._config.host, self._config.port, self._config.keepalive_s, clean_start=True
        )
        self._client.loop_start()

    def close(self) -> None:
        """Say goodbye, so that the last will is not sent, and disconnect."""
        if self._link is not None:
            try:
                self._publish_all([self._book.of_gateway("stopped")])
            except DeliveryError as error:
                _LOG.warning("mqtt goodbye: %s", error)
        self._client.disconnect()
        self._client.loop_stop()

    def health(self) -> str:
        """Return why nothing is published; empty while connected and permitted."""
        return self._fault or ("" if self._link else "mqtt: not connected")

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Publish entries of one lane; return when the broker has taken all of them.

        Raises
        ------
        DeliveryError
            When it has not; retryable unless the broker can never take it.
        """
        self._publish_all(m for entry in entries for m in self._book.of_entry(entry))

    def _publish_all(self, messages: Iterable[Message]) -> None:
        link = self._living_link()
        waiting: set[int] = set()
        for message in messages:
            while len(waiting) >= link.window:
                self._take_ack(link, waiting)
            waiting.add(self._publish(link, message))
        while waiting:
            self._take_ack(link, waiting)
        self._fault = ""

    def _living_link(self) -> _Link:
        link = self._link
        if link is None:
            raise DeliveryError(self.health(), retryable=True)
        if not link.network_thread.is_alive():
            # paho goes on saying that it is connected.
            fault = "mqtt: the network thread had died"
            self._lose_link(fault)
            self._client = self._build_client()
            self.start()  # which may connect at once, and then nothing is the matter any more
            raise DeliveryError(fault, retryable=True)
        return link

    def _publish(self, link: _Link, message: Message) -> int:
        size = len(message.payload) + len(message.topic.encode()) + _OVERHEAD_BYTES
        if size > link.max_packet_bytes:
            text = f"{message.topic}: {size} bytes; the broker takes {link.max_packet_bytes}"
            raise DeliveryError(text, retryable=False)
        if self._link is not link:
            raise DeliveryError(self.health(), retryable=True)
        return self._send(message)

    def _send(self, message: Message) -> int:
        return self._client.publish(
            message.topic, message.payload, 1, message.is_retained, message.properties()
        ).mid

    def _take_ack(self, link: _Link, waiting: set[int]) -> None:
        try:
            answer = link.acks.get(timeout=ACK_TIMEOUT_S)
        except queue.Empty as error:
            self._fault = f"mqtt: no PUBACK in {ACK_TIMEOUT_S} s"
            raise DeliveryError(self._fault, retryable=True) from error
        if answer is None:
            raise DeliveryError(self.health(), retryable=True)
        mid, reason = answer
        if mid not in waiting:
            return
        waiting.discard(mid)
        if reason.is_failure:
            self._fault = f"mqtt: the broker refused a message: {reason}"
            raise DeliveryError(self._fault, retryable=reason.value not in _HOPELESS)

    def _build_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, self._config.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        # A mistake in a callback is logged and must not end paho's thread.
        client.suppress_exceptions = True
        client.enable_logger(_LOG)
        client.max_inflight_messages = WINDOW
        client.reconnect_delay_set(RECONNECT_FIRST_S, RECONNECT_LONGEST_S)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        will = self._book.of_gateway("lost")
        client.will_set(will.topic, will.payload, 1, retain=True)
        log_in(client, self._config)
        return client

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._fault = f"mqtt: the broker refused the connection: {reason}"
            _LOG.warning("%s", self._fault)
            return
        sock = client.socket()
        if isinstance(sock, socket.socket):
            # An alert leaves at once, not with the next segment.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.drop_out_messages()  # The journal brings again what had no PUBACK.
        client.subscribe([(self._topics.acknowledgements(), 1), (self._topics.contexts(), 1)])
        held = [self._book.of_alert(alert) for alert in self._callbacks.retained_alerts()]
        births = [self._book.of_gateway("online"), *self._book.of_beds(), *held]
        self._unasked_mids = {self._send(message) for message in births}
        self._fault = ""
        # Set last: whatever is delivered from now on is newer than what was just republished.
        self._link = _Link(
            queue.SimpleQueue(),
            min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW)),
            getattr(properties, "MaximumPacketSize", _LARGEST_PACKET_BYTES),
            threading.current_thread(),
        )

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        self._fault = f"mqtt: {self._config.host}:{self._config.port} does not answer"

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._lose_link(f"mqtt: connection lost: {reason}")

    def _lose_link(self, why: str) -> None:
        link, self._link = self._link, None
        if link is not None:
            self._fault = why
            _LOG.warning("%s", why)
            link.acks.put(None)

    def _on_publish(
        self,
        _client: Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        if mid in self._unasked_mids:
            self._unasked_mids.discard(mid)
            if reason.is_failure:
                self._fault = f"mqtt: the broker refused birth or retained states: {reason}"
                _LOG.warning("%s", self._fault)
        elif self._link is not None:
            self._link.acks.put((mid, reason))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.retain:
            _LOG.warning("mqtt: a retained command on %s is ignored", message.topic)
            return
        bed_id = bed_of(message.topic)
        payload = bytes(message.payload)
        try:
            if is_context(message.topic):
                self._callbacks.on_entry(parse_entry(bed_id, payload))
            else:
                self._callbacks.on_acknowledge(bed_id, parse_acknowledgement(bed_id, payload))
        except ValueError as error:
            self._callbacks.on_rejected(bed_id, str(error))
