"""The connection to the broker: from TCP to the moment at which deliveries may begin."""

from __future__ import annotations

import logging
import queue
import socket
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge_agent.model.errors import DeliveryError
from edge_agent.sinks.mqtt_births import Births
from edge_agent.sinks.mqtt_client import SturdyClient
from edge_agent.sinks.mqtt_link import (
    LARGEST_PACKET_BYTES,
    ConnectionConfig,
    ConnectionEvents,
    Link,
)
from edge_agent.sinks.mqtt_login import log_in
from edge_agent.sinks.mqtt_namesake import Namesake
from edge_agent.sinks.mqtt_words import (
    QOS_NOT_SUPPORTED,
    QOS_NOTE,
    RETAIN_NOT_SUPPORTED,
    RETAIN_NOTE,
    SESSION_TAKEN_OVER,
    connect_words,
    namesake_words,
    no_broker_words,
    refusal_words,
    subscription_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from edge_agent.sinks.mqtt_messages import Message

WINDOW: Final = 20
"""Messages without PUBACK; more makes paho slower, not faster, and brokers default to 20."""
STOP_WAIT_S: Final = 2.0
"""Seconds to wait at the stop, which a connection in the making does not hold up."""
_KEEPALIVES: Final = 2
"""Keepalives after which a broker that accepts states without an answer is dropped."""
_RECONNECT_FIRST_S: Final = 1
_RECONNECT_LONGEST_S: Final = 8
_LOG = logging.getLogger(__name__)
_PAHO_LOG = logging.getLogger(f"{__name__}.paho")
_TWICE: Final = ("failed to receive on socket", "Client is not connected")
"""Beginnings of paho's log lines about events that this module logs already."""
_PAHO_LOG.addFilter(lambda record: not str(record.msg).startswith(_TWICE))


class Connection:
    """Connection that subscribes, publishes the states, and then opens the link to deliveries.

    Parameters
    ----------
    config
        Address of the broker, and our credentials.
    filters
        Topics to subscribe to.
    will
        Message that the broker publishes when we vanish.
    events
        Callbacks of the connection.
    """

    def __init__(
        self,
        config: ConnectionConfig,
        filters: Sequence[str],
        will: Message,
        events: ConnectionEvents,
    ) -> None:
        self._config = config
        self._address = f"{config.host}:{config.port}"
        self._filters = filters
        self._will = will
        self._will_qos = 1
        self._events = events
        self.link: Link | None = None
        """Link that is open to deliveries; None while there is none."""
        self._opening: Link | None = None
        """Link that is connected while the states are published."""
        self._births = Births()
        self._fault = "not connected yet"
        self._notes: dict[str, str] = {}
        """Limitations that do not stop deliveries, in words."""
        self._was_dropped = False
        self._namesake = Namesake(namesake_words(self._address, config.client_id))
        self._is_closing = threading.Event()
        self._client = self._build_client()

    def start(self) -> None:
        """Begin to connect, now and after every loss."""
        config = self._config
        self._client.connect_async(config.host, config.port, config.keepalive_s, clean_start=True)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect for good."""
        self._is_closing.set()
        self._client.disconnect()
        self._client.join(STOP_WAIT_S)

    def fault(self) -> str:
        """Return why nothing can be sent, or not everything; empty where nothing is wrong."""
        self._watch_opening()
        said = (self._fault, self._namesake.words(time.monotonic()), *self._notes.values())
        notes = [text for text in said if text]
        if not notes and self.link is None and self._opening is None:
            notes = ["not connected"]
        return "; ".join(dict.fromkeys(notes))

    def living_link(self) -> Link:
        """Return the link.

        Raises
        ------
        DeliveryError
            If there is none.
        """
        link = self.link
        if link is None:
            raise DeliveryError(self.fault() or "not connected", retryable=True)
        return link

    def publish(self, link: Link, message: Message) -> int:
        """Send a message over this link and return its number.

        Raises
        ------
        DeliveryError
            If the link has ended.
        """
        if self.link is not link:
            raise DeliveryError(self.fault(), retryable=True)
        mid = self._send(link, link.fitting(message))
        link.topics[mid] = message.topic
        return mid

    def slow_birth(self) -> Message | None:
        """Return one more state to publish, where earlier connections broke at the states."""
        return self._births.next_slow() if self.link is not None else None

    def note_held(self, message: Message) -> None:
        """Record that the broker has answered to a state of `slow_birth`."""
        self._births.note_held(message)

    def note_namesake(self) -> None:
        """Record that another client uses our id: the two take the connection from each other."""
        self._namesake.note(time.monotonic())
        self._events.on_change()

    def drop(self, why: str) -> None:
        """Drop a connection that does not answer; another one follows."""
        self._was_dropped = True
        self._lose_link(why)
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def _begin_anew(self, error: Exception) -> bool:
        """Connect the client again after an unreadable packet; return False when stopping."""
        self._lose_link("")
        self._fault = self._no_broker_words(error)
        self._events.on_change()
        if self._is_closing.wait(_RECONNECT_FIRST_S):
            return False
        config = self._config
        self._client.connect_async(config.host, config.port, config.keepalive_s, clean_start=True)
        return True

    def _send(self, link: Link, message: Message) -> int:
        return self._client.publish(
            message.topic, message.payload, link.qos, message.is_retained, message.properties()
        ).mid

    def _build_client(self) -> SturdyClient:
        client = SturdyClient(
            CallbackAPIVersion.VERSION2, self._config.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.begin_anew = self._begin_anew
        # A mistake in a callback is logged and must not end the network's thread.
        client.suppress_exceptions = True
        client.enable_logger(_PAHO_LOG)
        client.max_inflight_messages = WINDOW
        client.reconnect_delay_set(_RECONNECT_FIRST_S, _RECONNECT_LONGEST_S)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_socket_open = self._on_socket_open
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._set_will(client)
        log_in(client, self._config)
        return client

    def _on_socket_open(self, _client: Client, _userdata: object, _sock: object) -> None:
        self._client.take_heard()
        self._fault = f"{self._address} has not answered yet; an MQTT 5 broker answers at once"

    def _on_connect(
        self,
        client: Client,
        _userdata: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._note_refusal(client, reason)
            return
        sock = client.socket()
        if isinstance(sock, socket.socket):
            # An alert leaves at once, not with the next segment.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.drop_out_messages()  # The journal delivers again what had no PUBACK.
        self._opening = link = self._open_link(properties)
        self._fault = ""
        ours_excluded = SubscribeOptions(qos=1, noLocal=True)
        client.subscribe([(name, ours_excluded) for name in self._filters])
        self._births.begin(self._events.states(), time.monotonic())
        if not self._births.go_slowly:
            self._send_births(link)
        self._admit(link)

    def _open_link(self, properties: Properties | None) -> Link:
        """Return the link that a CONNACK describes; record its limitations."""
        qos = min(1, getattr(properties, "MaximumQoS", 1))
        may_retain = bool(getattr(properties, "RetainAvailable", 1))
        self._notes = {}
        if not qos:
            self._notes["qos"] = QOS_NOTE
        if not may_retain:
            self._notes["retain"] = RETAIN_NOTE
        return Link(
            queue.SimpleQueue(),
            min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW)),
            getattr(properties, "MaximumPacketSize", LARGEST_PACKET_BYTES),
            qos,
            may_retain,
            time.monotonic(),
        )

    def _note_refusal(self, client: Client, reason: ReasonCode) -> None:
        self._fault = refusal_words(self._address, reason)
        # The last will asks for no more than the broker allows.
        if reason.value == RETAIN_NOT_SUPPORTED:
            self._will = replace(self._will, is_retained=False)
        elif reason.value == QOS_NOT_SUPPORTED:
            self._will_qos = 0
        self._set_will(client)

    def _set_will(self, client: Client) -> None:
        will = self._will
        client.will_set(will.topic, will.payload, self._will_qos, retain=will.is_retained)

    def _send_births(self, link: Link) -> None:
        """Send as many states as the broker accepts without an answer."""
        while (message := self._births.next_one(link.window)) is not None:
            try:
                fitting = link.fitting(message)
            except ValueError as error:
                self._notes["births"] = str(error)
            else:
                self._births.note_sent(self._send(link, fitting), message)

    def _admit(self, link: Link) -> None:
        """Open the link to deliveries once the broker holds the states, or where it never may."""
        if self._opening is link and (self._births.are_over or self._births.go_slowly):
            # Whatever is delivered from now on is newer than what was just published.
            self.link, self._opening = link, None
            self._events.on_change()

    def _watch_opening(self) -> None:
        """Drop a broker that accepts the states and never answers."""
        opening, wait_s = self._opening, _KEEPALIVES * self._config.keepalive_s
        if opening is not None and time.monotonic() - opening.opened_s > wait_s:
            self.drop(f"no PUBACK in {wait_s} s")

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        # paho calls this while it handles the exception, but does not pass it on.
        is_tls = self._config.tls_ca is not None
        self._fault = connect_words(self._address, sys.exception(), is_tls=is_tls)
        self._events.on_change()

    def _on_disconnect(
        self,
        client: Client,
        _userdata: object,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        was_up = self.link is not None or self._opening is not None
        if reason.value == SESSION_TAKEN_OVER:
            self.note_namesake()
        wait_s = self._namesake.next_wait_s(time.monotonic(), _RECONNECT_FIRST_S)
        client.reconnect_delay_set(wait_s, max(wait_s, _RECONNECT_LONGEST_S))
        if not was_up and (self._was_dropped or "refused the connection" in self._fault):
            self._was_dropped = False
            return  # the reason is known already
        words = f"connection lost: {reason}"
        if not was_up:
            words = self._no_broker_words(reason)
        self._lose_link(words)
        self._fault = words

    def _no_broker_words(self, reason: object) -> str:
        heard, sent_bytes = self._client.take_heard()
        return no_broker_words(self._address, heard, sent_bytes, reason)

    def _lose_link(self, why: str) -> None:
        link, self.link, self._opening = self.link or self._opening, None, None
        if link is None:
            return
        self._fault = why
        link.acks.put(None)
        for topic in self._births.break_off(time.monotonic()):
            _LOG.error("mqtt: the link breaks at each message on %s: left out for a while", topic)
        if not self._is_closing.is_set():
            self._events.on_change()

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        words = subscription_words(self._filters, reasons)
        self._notes = {k: v for k, v in self._notes.items() if k not in self._filters} | words
        if words:
            self._events.on_change()

    def _on_publish(
        self,
        _client: Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        birth = self._births.take_answer(mid)
        link = self.link or self._opening
        if link is None:
            return
        if birth is None:
            link.acks.put((mid, reason))
            return
        if reason.is_failure:
            self._notes["births"] = f"the broker refused a state on {birth.topic}: {reason}"
        if not self._births.go_slowly:
            self._send_births(link)
        self._admit(link)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        self._events.on_message(message.topic, payload, is_held=bool(message.retain))
