"""The MQTT client of people's commands: it sends, and receives what the ward's gateways say."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.clients.mqtt_client import SturdyClient
from edge_agent.clients.mqtt_login import log_in
from edge_agent.clients.mqtt_words import connect_words, no_broker_words, refusal_words
from edge_agent.config.gateway_file import MqttSection
from edge_agent.model.errors import LinkError
from edge_agent.payloads.events import EventRecord, decode_event

_CONNECT_WAIT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message and the time of its arrival."""

    topic: str
    payload: bytes
    monotonic_ns: int


class WardClient:
    """Sends commands, and receives the messages of a topic in the order of their arrival.

    Parameters
    ----------
    topic
        Filter of the topics to receive.
    connect_wait_s
        Wall seconds after which a broker that does not answer counts as unreachable.

    Raises
    ------
    LinkError
        On entry, if the broker cannot be reached or refuses us.
    """

    def __init__(
        self, section: MqttSection, topic: str, connect_wait_s: float = _CONNECT_WAIT_S
    ) -> None:
        self._section = section
        self._connect_wait_s = connect_wait_s
        self._topic = topic
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._address = f"{section.host}:{section.port}"
        self._client = SturdyClient(
            CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.on_unreadable_packet = self._report_no_broker
        self._client.on_disconnect = self._on_disconnect
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        log_in(self._client, section)

    def __enter__(self) -> WardClient:
        try:
            self._client.connect(self._section.host, self._section.port)
        except OSError as error:
            is_tls = self._section.tls_ca is not None
            words = connect_words(self._address, error, is_tls=is_tls)
            raise LinkError(f"broker {words}", retryable=True) from error
        self._client.loop_start()
        try:
            fault = self._ready.get(timeout=self._connect_wait_s)
        except queue.Empty:
            fault = f"{self._address} does not answer in {self._connect_wait_s:g} s"
        if fault:
            self._close()
            raise LinkError(f"broker {fault}", retryable=True)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()

    @property
    def is_connected(self) -> bool:
        """True while the broker is connected; a lost connection is made again by itself."""
        return self._client.is_connected()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish a command; it is never retained, as nobody must find it later."""
        self._client.publish(topic, payload, 1, retain=False)

    def messages(self, wait_s: float) -> Iterator[Arrival]:
        """Yield the messages that have arrived; wait up to `wait_s` for the first."""
        try:
            yield self._arrived.get(timeout=wait_s)
            while True:
                yield self._arrived.get_nowait()
        except queue.Empty:
            return

    def events(self, wait_s: float) -> Iterator[EventRecord]:
        """Yield the events that arrive in the next `wait_s` seconds."""
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0:
            for arrival in self.messages(left_s):
                try:
                    yield decode_event(arrival.payload)
                except msgspec.MsgspecError:
                    continue  # the history of an alert

    def _close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            self._ready.put(refusal_words(self._address, reason))
        else:
            client.subscribe(self._topic, 1)

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        self._report_no_broker(reason)

    def _report_no_broker(self, reason: object) -> bool:
        """Report why the other side is no MQTT 5 broker; return False to end the client."""
        received, sent_bytes = self._client.pop_received()
        self._ready.put(no_broker_words(self._address, received, sent_bytes, reason))
        return False

    def _on_subscribe(self, *_answer: object) -> None:
        self._ready.put("")

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        arrival = Arrival(message.topic, bytes(message.payload), time.monotonic_ns())
        self._arrived.put(arrival)
