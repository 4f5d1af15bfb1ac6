"""A whole ward's bodies from the broker into the feed of a board; a part with its own thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.board.feed import BoardFeed, BodyKind, FeedBody
from edge_agent.board.mqtt_bodies import body_of_message
from edge_agent.board.ward_state import WardPlace
from edge_agent.clients.mqtt_client import SturdyClient, paho_log
from edge_agent.clients.mqtt_login import log_in
from edge_agent.clients.mqtt_words import refusal_words
from edge_agent.config.gateway_file import MqttSection
from edge_agent.payloads.status import GatewayIdentity, gateway_message

_KEEPALIVE_S: Final = 5
"""Longest silence of the broker after which it is lost, half of it at least."""
_STOP_WAIT_S: Final = 2.0
_MOST_GATEWAYS: Final = 256
_LOG = logging.getLogger(__name__)


class WardFeed:
    """Receives everything of a ward, now and after every loss of the broker.

    While the broker is lost, nothing is known of any gateway, and each counts as lost.

    Parameters
    ----------
    client_id
        Name of this board at the broker.
    """

    name: Final = "ward feed"

    def __init__(
        self, section: MqttSection, place: WardPlace, client_id: str, feed: BoardFeed
    ) -> None:
        self._section = section
        self._prefix = f"crswatch/v1/{place.site}/{place.ward}"
        self._address = f"{section.host}:{section.port}"
        self._client_id = client_id
        self._feed = feed
        self._gateways: set[str] = set()
        self._fault = ""
        self._is_refused = False
        """True where the broker refused a message on this connection."""
        self._is_over = threading.Event()
        self._client: SturdyClient | None = None
        self.on_arrival: Callable[[str, bytes], None] = _nobody_listens
        """Receives topic and payload of each message, on the network's thread; may not wait."""

    def start(self) -> None:
        """Begin to connect, now and after every loss."""
        self._is_over.clear()
        client = SturdyClient(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.enable_logger(paho_log(__name__))
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_unreadable_packet = self._survive
        client.reconnect_delay_set(1, 5)
        log_in(client, self._section)
        client.connect_async(self._section.host, self._section.port, keepalive=_KEEPALIVE_S)
        client.loop_start()
        self._client = client

    def stop(self) -> None:
        """Disconnect for good."""
        self._is_over.set()
        if self._client is not None:
            self._client.disconnect()
            self._client.join(_STOP_WAIT_S)
            self._client = None

    def is_alive(self) -> bool:
        """Return True from the start to the stop: the client survives every loss."""
        return self._client is not None

    @property
    def fault(self) -> str:
        """Reason why nothing arrives; empty while the broker is connected."""
        return self._fault

    def publish(self, bed_id: str, subject: str, payload: bytes) -> bool:
        """Send a command about a bed; return False where the broker is not connected."""
        return self.send(f"{self._prefix}/{bed_id}/{subject}", payload)

    def send(self, topic: str, payload: bytes) -> bool:
        """Send a message; return False where the broker is not connected."""
        client = self._client
        if client is None or not client.is_connected():
            return False
        client.publish(topic, payload, 1, retain=False)
        return True

    def _survive(self, error: Exception) -> bool:
        self._lose(f"{self._address} sends what is no MQTT: {error}")
        return not self._is_over.is_set()

    def _on_connect(
        self, client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            self._lose(refusal_words(self._address, reason))
            return
        self._fault, self._is_refused = "", False
        _LOG.info("board: connected to the broker %s", self._address)
        client.subscribe(f"{self._prefix}/#", 1)

    def _on_publish(
        self, _client: Client, _userdata: object, _mid: int, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure and not self._is_refused:
            self._is_refused = True
            _LOG.error("board: %s refused a message: %s; see its ACL", self._address, reason)

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        self._lose(f"{self._address} cannot be reached")

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if not self._is_over.is_set():
            self._lose(f"{self._address} closed the connection: {reason}")

    def _lose(self, why: str) -> None:
        """Show that nothing is known of any gateway."""
        if not self._fault:
            _LOG.warning("board: %s; no bed of the ward is up to date", why)
        self._fault = why
        for gateway_id in self._gateways:
            identity = GatewayIdentity(gateway_id, "", "", "")
            payload = gateway_message(identity, "lost")
            self._feed.put(FeedBody(BodyKind.GATEWAY, gateway_id, "", payload))

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        payload = bytes(message.payload)
        self.on_arrival(message.topic, payload)
        body = body_of_message(message.topic, payload)
        if body is None:
            return
        if body.kind is BodyKind.GATEWAY and len(self._gateways) < _MOST_GATEWAYS:
            self._gateways.add(body.gateway_id)
        self._feed.put(body)


def _nobody_listens(_topic: str, _payload: bytes) -> None:
    pass
