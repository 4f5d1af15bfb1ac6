"""One connection to a broker: who we are on it, what the broker allows, what it tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from edge_agent.sinks.mqtt_login import Login

if TYPE_CHECKING:
    import queue
    from collections.abc import Callable, Sequence

    from paho.mqtt.reasoncodes import ReasonCode

    from edge_agent.sinks.mqtt_messages import Message

LARGEST_PACKET_BYTES: Final = 268_435_455
"""MQTT 5 section 1.5.5: what the length field can say."""
_LONGEST_TOPIC_BYTES: Final = 0xFFFF
_OVERHEAD_BYTES: Final = 64
"""Fixed header, packet id and the few properties used here."""


class ConnectionConfig(Login, Protocol):
    """Where the broker is and who we are to it."""

    @property
    def host(self) -> str:
        """Name or address."""

    @property
    def port(self) -> int:
        """TCP port."""

    @property
    def client_id(self) -> str:
        """Ours alone."""

    @property
    def keepalive_s(self) -> int:
        """A silent line is given up after one and a half times this."""


class TakeMessage(Protocol):
    """Takes what the broker sends."""

    def __call__(self, topic: str, payload: bytes, *, is_held: bool) -> None:
        """Take one message."""


@dataclass(frozen=True, slots=True)
class ConnectionEvents:
    """What the connection asks and tells, on the network's thread."""

    states: Callable[[], Sequence[Message]]
    """What the broker is to hold."""
    on_message: TakeMessage
    on_change: Callable[[], None]
    """Deliveries may begin, or no longer."""


@dataclass(frozen=True, slots=True)
class Link:
    """One connection from CONNACK to its end, and what the broker allows on it."""

    acks: queue.SimpleQueue[tuple[int, ReasonCode] | None]
    """Answers to publishes; None is the end."""
    window: int
    max_packet_bytes: int
    qos: int
    may_retain: bool
    opened_s: float
    topics: dict[int, str] = field(default_factory=dict)
    """Where the messages without an answer went."""

    def fitting(self, message: Message) -> Message:
        """Return a message in the form that the broker takes.

        Raises
        ------
        ValueError
            If it is too large in any form.
        """
        self.check_size(message)
        if _size(message) > self.max_packet_bytes:
            message = replace(message, payload=message.brief)
        return message if self.may_retain else replace(message, is_retained=False)

    def check_size(self, message: Message) -> None:
        """Raise ValueError if a message is too large in any form."""
        size = _size(message)
        if message.brief:
            size = min(size, _size(replace(message, payload=message.brief)))
        if size > self.max_packet_bytes or len(message.topic.encode()) > _LONGEST_TOPIC_BYTES:
            topic = f"{message.topic:.200}"
            raise ValueError(f"{topic}: {size} bytes; the broker takes {self.max_packet_bytes}")

    def topic_of(self, mid: int) -> str:
        """Return where a message went."""
        return self.topics.get(mid, "")

    def forget(self, mid: int) -> None:
        """Forget a message that was answered."""
        self.topics.pop(mid, None)


def _size(message: Message) -> int:
    return len(message.payload) + len(message.topic.encode()) + _OVERHEAD_BYTES
