"""Commands to a gateway over the ward's broker, and what the gateway says to them."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING, Final

import msgspec
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge_agent.event_payloads import decode_event
from edge_agent.model.errors import LinkError
from edge_agent.sinks.mqtt_login import log_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from paho.mqtt.reasoncodes import ReasonCode

    from edge_agent.config import MqttSection
    from edge_agent.event_payloads import EventRecord

CONNECT_WAIT_S: Final = 10.0
"""Of the wall; a broker that does not answer by then is away."""


class BedTalk:
    """Gives commands about one bed and hears the bed's events.

    Parameters
    ----------
    section
        The broker, and who we are to it.
    events_topic
        Where the events of the bed come.

    Raises
    ------
    LinkError
        On entry, if the broker cannot be reached or refuses us.
    """

    def __init__(self, section: MqttSection, events_topic: str) -> None:
        self._section = section
        self._events_topic = events_topic
        self._ready: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        log_in(self._client, section)

    def __enter__(self) -> BedTalk:
        place = f"{self._section.host}:{self._section.port}"
        try:
            self._client.connect(self._section.host, self._section.port)
        except OSError as error:
            raise LinkError(f"broker {place}: {error}", retryable=True) from error
        self._client.loop_start()
        try:
            fault = self._ready.get(timeout=CONNECT_WAIT_S)
        except queue.Empty:
            fault = f"does not answer in {CONNECT_WAIT_S:g} s"
        if fault:
            self.__exit__(None, None, None)
            raise LinkError(f"broker {place}: {fault}", retryable=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def give(self, topic: str, payload: bytes) -> None:
        """Publish a command; it is never retained, as nobody must find it later."""
        self._client.publish(topic, payload, 1, retain=False)

    def events(self, wait_s: float) -> Iterator[EventRecord]:
        """Yield the events of the bed that come in the next `wait_s` seconds."""
        until_s = time.monotonic() + wait_s
        while (left_s := until_s - time.monotonic()) > 0:
            try:
                yield decode_event(self._arrived.get(timeout=left_s))
            except msgspec.MsgspecError:
                continue  # the history of an alert
            except queue.Empty:
                return

    def _on_connect(
        self, client: Client, _userdata: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            self._ready.put(f"refuses the connection: {reason}")
        else:
            client.subscribe(self._events_topic, 1)

    def _on_subscribe(self, *_answer: object) -> None:
        self._ready.put("")

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self._arrived.put(bytes(message.payload))
