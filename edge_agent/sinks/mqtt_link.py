"""One connection to a broker: our credentials, the broker's limits, and its callbacks."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.sinks.mqtt_publication import Publication

_LARGEST_PACKET_BYTES: Final = 268_435_455
"""Largest packet that the length field can express, bytes (MQTT 5 section 1.5.5)."""
_LONGEST_TOPIC_BYTES: Final = 0xFFFF
_OVERHEAD_BYTES: Final = 64
"""Bytes of the fixed header, the packet id and the few properties used here."""


@dataclass(frozen=True, slots=True)
class MqttConfig:
    """Address of the broker, and our credentials."""

    host: str
    port: int
    site: str
    ward: str
    gateway_id: str
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
    bed_ids: frozenset[str] | None = None
    """Beds of this gateway; None: every bed."""
    clears_alerts: bool = True
    """True where unknown alerts of this gateway are removed from the broker."""
    hears_screens: bool = False
    """True where the ward's boards report on their screens."""


class MessageCallback(Protocol):
    """Receiver of the broker's messages."""

    def __call__(self, topic: str, payload: bytes, *, is_held: bool) -> None:
        """Process one message."""


@dataclass(frozen=True, slots=True)
class ConnectionEvents:
    """Callbacks of the connection, on the network's thread."""

    states: Callable[[], Sequence[Publication]]
    """Returns the messages that the broker must hold."""
    on_message: MessageCallback
    on_change: Callable[[], None]
    """Called when deliveries may begin, or no longer."""


@dataclass(frozen=True, slots=True)
class BrokerLink:
    """One connection from CONNACK to its end, with the limits that the broker sets."""

    acks: queue.SimpleQueue[tuple[int, ReasonCode] | None]
    """Answers to publishes; None is the end."""
    window: int
    max_packet_bytes: int
    qos: int
    may_retain: bool
    opened_s: float
    topics: dict[int, str] = field(default_factory=dict)
    """Topics of the messages without an answer, by number."""

    def fitting(self, message: Publication) -> Publication:
        """Return a message in the form that the broker accepts.

        Raises
        ------
        ValueError
            If it is too large in any form.
        """
        self.check_size(message)
        if _size(message) > self.max_packet_bytes:
            message = replace(message, payload=message.brief)
        return message if self.may_retain else replace(message, is_retained=False)

    def check_size(self, message: Publication) -> None:
        """Raise ValueError if a message is too large in any form."""
        size = _size(message)
        if message.brief:
            size = min(size, _size(replace(message, payload=message.brief)))
        if size > self.max_packet_bytes or len(message.topic.encode()) > _LONGEST_TOPIC_BYTES:
            topic = f"{message.topic:.200}"
            raise ValueError(f"{topic}: {size} bytes; the broker takes {self.max_packet_bytes}")


def link_of(properties: Properties | None, window: int) -> BrokerLink:
    """Return the link that a CONNACK describes, with at most `window` messages unanswered."""
    return BrokerLink(
        queue.SimpleQueue(),
        min(window, getattr(properties, "ReceiveMaximum", window)),
        getattr(properties, "MaximumPacketSize", _LARGEST_PACKET_BYTES),
        min(1, getattr(properties, "MaximumQoS", 1)),
        bool(getattr(properties, "RetainAvailable", 1)),
        time.monotonic(),
    )


def _size(message: Publication) -> int:
    return len(message.payload) + len(message.topic.encode()) + _OVERHEAD_BYTES
