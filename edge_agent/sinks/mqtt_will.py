"""The last will: the message that the broker publishes when we vanish."""

from __future__ import annotations

from dataclasses import replace

from paho.mqtt.client import Client
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.sinks.mqtt_messages import Publication
from edge_agent.sinks.mqtt_words import QOS_NOT_SUPPORTED, RETAIN_NOT_SUPPORTED


class Will:
    """A last will that asks for no more than the broker allows."""

    def __init__(self, message: Publication) -> None:
        self._message = message
        self._qos = 1

    def put_on(self, client: Client) -> None:
        """Make it the will of the client's next connection."""
        message = self._message
        client.will_set(message.topic, message.payload, self._qos, retain=message.is_retained)

    def lower_demands(self, client: Client, refusal: ReasonCode) -> None:
        """Give up what a broker refused, from the client's next connection on."""
        if refusal.value == RETAIN_NOT_SUPPORTED:
            self._message = replace(self._message, is_retained=False)
        elif refusal.value == QOS_NOT_SUPPORTED:
            self._qos = 0
        self.put_on(client)
