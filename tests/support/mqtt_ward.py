"""The rest of a gateway around the MQTT sink."""

from __future__ import annotations

import json
import queue
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import BedEvent
from edge_agent.model.errors import DeliveryError
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.readings import encode_readings
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.sinks.mqtt_link import MqttConfig
from edge_agent.sinks.mqtt_sink import MqttCallbacks, MqttSink
from tests.support.brokers import WAIT_S
from tests.support.samples import AT, some_readings

IDENTITY = GatewayIdentity("gw", "0.1", "boot", "hash")
ROOT = "crswatch/v1/site/ward"


@dataclass
class Ward:
    """A stand-in for the rest of the agent, as the sink sees it."""

    alerts: list[Alert] = field(default_factory=list)
    answers: queue.SimpleQueue[object] = field(default_factory=queue.SimpleQueue)
    now_ns: int = AT.utc_ns
    reports: queue.SimpleQueue[tuple[str, bytes]] = field(default_factory=queue.SimpleQueue)

    def callbacks(self) -> MqttCallbacks:
        """Return the callbacks, which answer from and into this value."""
        return MqttCallbacks(
            lambda: self.alerts,
            self._accept,
            lambda bed_id, reason: self._accept((bed_id, reason)),
            lambda: self.now_ns,
            self._accept,
            lambda board_id, payload: self.reports.put((board_id, payload)),
        )

    def _accept(self, answer: object) -> bool:
        self.answers.put(answer)
        return True


def config(port: int) -> MqttConfig:
    return MqttConfig("127.0.0.1", port, "site", "ward", "gw", "gateway-gw")


def break_link(sink: MqttSink) -> None:
    """Cut the connection as a pulled cable would."""
    sock = sink._connection._client.socket()
    assert isinstance(sock, socket.socket)
    sock.shutdown(socket.SHUT_RDWR)


@contextmanager
def connected(
    port: int, ward: Ward, change: Callable[[MqttConfig], MqttConfig] = lambda c: c
) -> Iterator[MqttSink]:
    sink = MqttSink(change(config(port)), IDENTITY, ward.callbacks())
    sink.start()
    try:
        yield sink
    finally:
        sink.close()


def deliver(sink: MqttSink, *entries: JournalEntry) -> None:
    """Deliver as soon as the sink is connected."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        try:
            sink.deliver(entries)
        except DeliveryError as error:
            if not error.retryable:
                raise
            pace.wait(0.02)
        else:
            return
    pytest.fail(f"not delivered: {sink.fault()}")


def readings_entry(seq: int = 7, value: float | None = 61.0) -> JournalEntry:
    body = encode_readings(some_readings(value))
    return JournalEntry(seq, Lane.READINGS, "bed-1", AT.utc_ns, body)


def alert_entry(alert: Alert) -> JournalEntry:
    return JournalEntry(0, Lane.ALERTS, alert.bed_id, AT.utc_ns, encode_alert(alert))


def link_entry(state: LinkState, device_id: str = "monitor") -> JournalEntry:
    body = encode_event(BedEvent("bed-1", device_id, LinkChanged(state, "", AT), AT))
    return JournalEntry(9, Lane.EVENTS, "bed-1", AT.utc_ns, body)


def wire(payload: bytes | bytearray) -> dict[str, Any]:
    decoded = json.loads(payload)
    assert isinstance(decoded, dict)
    return decoded


def refusal(sink: MqttSink, entry: JournalEntry) -> DeliveryError:
    """Return what the connected sink says about an entry that it cannot deliver."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        try:
            sink.deliver([entry])
        except DeliveryError as error:
            if not re.search("connected|has not answered yet", str(error)):
                return error
            pace.wait(0.02)
    pytest.fail("delivered")
