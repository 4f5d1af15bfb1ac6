"""The client that publishes to one broker: credentials, last will, socket, and paho's log."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Final

from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.clients.mqtt_client import SturdyClient, paho_log
from edge_agent.clients.mqtt_login import log_in
from edge_agent.clients.mqtt_words import QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED, no_broker_words
from edge_agent.sinks.mqtt_link import BrokerLink, MqttConfig
from edge_agent.sinks.mqtt_publication import Publication

WINDOW: Final = 20
"""Messages without PUBACK; more makes paho slower, not faster, and brokers default to 20."""
RECONNECT_FIRST_S: Final = 1
_RECONNECT_LONGEST_S: Final = 8
_PAHO_LOG: Final = paho_log(__name__)


class Publisher(SturdyClient):
    """A client of one broker, whose network thread no mistake in a callback ends."""

    def __init__(self, config: MqttConfig, will: Publication) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2, config.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._broker = config
        self._last_will, self._qos_of_will = will, 1
        # A mistake in a callback is logged and must not end the network's thread.
        self.suppress_exceptions = True
        self.enable_logger(_PAHO_LOG)
        self.max_inflight_messages = WINDOW
        self.wait_before_next(RECONNECT_FIRST_S)
        self._set_will()
        log_in(self, config)

    def dial(self) -> None:
        """Begin to connect, once the network's thread runs."""
        config = self._broker
        self.connect_async(config.host, config.port, config.keepalive_s, clean_start=True)

    def wait_before_next(self, wait_s: int) -> None:
        """Wait so long before the next connection, and longer before those after it."""
        self.reconnect_delay_set(wait_s, max(wait_s, _RECONNECT_LONGEST_S))

    def send_at_once(self) -> None:
        """Let an alert leave at once, not with the next segment."""
        sock = self.socket()
        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, link: BrokerLink, message: Publication) -> int:
        """Send a message within the link's limits and return its number."""
        return self.publish(
            message.topic, message.payload, link.qos, message.is_retained, message.properties()
        ).mid

    def lower_demands(self, refusal: ReasonCode) -> None:
        """Give up the part of the last will that the broker refused."""
        if refusal.value == RETAIN_NOT_SUPPORTED:
            self._last_will = replace(self._last_will, is_retained=False)
        elif refusal.value == QOS_NOT_SUPPORTED:
            self._qos_of_will = 0
        self._set_will()

    def _set_will(self) -> None:
        """Set the message that the broker publishes when we vanish, from the next connection on."""
        will = self._last_will
        self.will_set(will.topic, will.payload, self._qos_of_will, retain=will.is_retained)

    def no_broker_words(self, reason: object) -> str:
        """Return why the other side is no MQTT 5 broker."""
        received, sent_bytes = self.pop_received()
        return no_broker_words(
            f"{self._broker.host}:{self._broker.port}", received, sent_bytes, reason
        )
