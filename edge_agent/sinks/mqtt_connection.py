"""The connection to the broker: from TCP to the moment at which deliveries may begin."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Sequence
from typing import Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge_agent.clients.mqtt_words import (
    QOS_NOTE,
    RETAIN_NOTE,
    SESSION_TAKEN_OVER,
    connect_words,
    namesake_words,
    refusal_words,
    subscription_words,
)
from edge_agent.model.errors import DeliveryError
from edge_agent.sinks.mqtt_births import Births
from edge_agent.sinks.mqtt_link import BrokerLink, ConnectionEvents, MqttConfig, link_of
from edge_agent.sinks.mqtt_namesake import Namesake
from edge_agent.sinks.mqtt_publication import Publication
from edge_agent.sinks.mqtt_publisher import RECONNECT_FIRST_S, WINDOW, Publisher

STOP_WAIT_S: Final = 2.0
"""Seconds to wait at the stop, which a connection in the making does not hold up."""
_KEEPALIVES: Final = 2
"""Keepalives after which a broker that accepts states without an answer is dropped."""
_LOG = logging.getLogger(__name__)


class Connection:
    """Connection that subscribes, publishes the states, and then opens the link to deliveries.

    Parameters
    ----------
    echoed
        Filters that are subscribed with our own messages, for probes.
    others
        Filters that are subscribed without them.
    """

    def __init__(
        self,
        config: MqttConfig,
        echoed: Sequence[str],
        others: Sequence[str],
        will: Publication,
        events: ConnectionEvents,
    ) -> None:
        self._config = config
        self._address = f"{config.host}:{config.port}"
        self._echoed = echoed
        self._filters = (*echoed, *others)
        self._events = events
        self.link: BrokerLink | None = None
        """Link that is open to deliveries; None while there is none."""
        self._opening: BrokerLink | None = None
        """Link that is connected while the states are published."""
        self._births = Births()
        self._fault = "not connected yet"
        self._notes: dict[str, str] = {}
        """Limitations that do not stop deliveries, in words."""
        self._was_dropped = False
        self._namesake = Namesake(namesake_words(self._address, config.client_id))
        self._is_closing = threading.Event()
        self._client = Publisher(config, will)
        self._client.on_unreadable_packet = self._reconnect
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_socket_open = self._on_socket_open
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message

    def start(self) -> None:
        """Begin to connect, now and after every loss."""
        self._client.dial()
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect for good."""
        self._is_closing.set()
        self._client.disconnect()
        self._client.join(STOP_WAIT_S)

    def fault(self) -> str:
        """Return why nothing can be sent, or not everything; empty where nothing is wrong."""
        self._await_opening()
        texts = (self._fault, self._namesake.words(time.monotonic()), *self._notes.values())
        notes = [text for text in texts if text]
        if not notes and self.link is None and self._opening is None:
            notes = ["not connected"]
        return "; ".join(dict.fromkeys(notes))

    def require_link(self) -> BrokerLink:
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

    def publish(self, link: BrokerLink, message: Publication) -> int:
        """Send a message over this link and return its number.

        Raises
        ------
        DeliveryError
            If the link has ended.
        """
        if self.link is not link:
            raise DeliveryError(self.fault(), retryable=True)
        mid = self._client.send(link, link.fitting(message))
        link.topics[mid] = message.topic
        return mid

    def slow_birth(self) -> Publication | None:
        """Return one more state to publish, where earlier connections broke at the states."""
        return self._births.next_slow() if self.link is not None else None

    def note_held(self, message: Publication) -> None:
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
        self._client.cut()

    def _reconnect(self, error: Exception) -> bool:
        """Connect the client again after an unreadable packet; return False when stopping."""
        self._lose_link("")
        self._fault = self._client.no_broker_words(error)
        self._events.on_change()
        if self._is_closing.wait(RECONNECT_FIRST_S):
            return False
        self._client.dial()
        return True

    def _on_socket_open(self, _client: Client, _userdata: object, _sock: object) -> None:
        self._client.pop_received()
        self._fault = f"{self._address} has not answered yet; an MQTT 5 broker answers at once"

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
            self._client.lower_demands(reason)
            return
        self._client.send_at_once()
        client.drop_out_messages()  # The journal delivers again what had no PUBACK.
        self._opening = link = self._open_link(properties)
        self._fault = ""
        client.subscribe(
            [
                (name, SubscribeOptions(qos=1, noLocal=name not in self._echoed))
                for name in self._filters
            ]
        )
        self._births.begin(self._events.states(), time.monotonic())
        if not self._births.go_slowly:
            self._send_births(link)
        self._admit(link)

    def _open_link(self, properties: Properties | None) -> BrokerLink:
        """Return the link that a CONNACK describes; record its limitations."""
        link = link_of(properties, WINDOW)
        self._notes = {}
        if not link.qos:
            self._notes["qos"] = QOS_NOTE
        if not link.may_retain:
            self._notes["retain"] = RETAIN_NOTE
        return link

    def _send_births(self, link: BrokerLink) -> None:
        """Send as many states as the broker accepts without an answer."""
        while (message := self._births.next_one(link.window)) is not None:
            try:
                fitting = link.fitting(message)
            except ValueError as error:
                self._notes["births"] = str(error)
            else:
                self._births.note_sent(self._client.send(link, fitting), message)

    def _admit(self, link: BrokerLink) -> None:
        """Open the link to deliveries once the broker holds the states, or where it never may."""
        if self._opening is link and (self._births.are_over or self._births.go_slowly):
            # Whatever is delivered from now on is newer than what was just published.
            self.link, self._opening = link, None
            self._events.on_change()

    def _await_opening(self) -> None:
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
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        was_up = self.link is not None or self._opening is not None
        if reason.value == SESSION_TAKEN_OVER:
            self.note_namesake()
        wait_s = self._namesake.next_wait_s(time.monotonic(), RECONNECT_FIRST_S)
        self._client.wait_before_next(wait_s)
        if not was_up and (self._was_dropped or "refused the connection" in self._fault):
            self._was_dropped = False
            return  # the reason is known already
        words = f"connection lost: {reason}"
        if not was_up:
            words = self._client.no_broker_words(reason)
        self._lose_link(words)
        self._fault = words

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
        _more: object,
    ) -> None:
        words = subscription_words(self._filters, reasons)
        self._notes = {k: v for k, v in self._notes.items() if k not in self._filters} | words
        if words:
            self._events.on_change()

    def _on_publish(
        self, _client: Client, _userdata: object, mid: int, reason: ReasonCode, _more: object
    ) -> None:
        birth = self._births.pop_answer(mid)
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
