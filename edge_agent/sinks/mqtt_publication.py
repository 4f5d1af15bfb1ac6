"""One message to the broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge_agent.payloads.common import CONTENT_TYPE

# The constructor of paho has no types.
_new_properties: Final[Callable[[int], Properties]] = Properties


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication."""

    topic: str
    payload: bytes
    is_retained: bool = False
    expiry_s: int | None = None
    """Lifetime on the broker, seconds; None: for ever."""
    brief: bytes = b""
    """Shorter payload for a broker that only accepts small packets; empty where there is none."""

    def properties(self) -> Properties:
        """Return the MQTT 5 properties of the message."""
        properties = _new_properties(PacketTypes.PUBLISH)
        properties.ContentType = CONTENT_TYPE
        if self.expiry_s is not None:
            properties.MessageExpiryInterval = self.expiry_s
        return properties
