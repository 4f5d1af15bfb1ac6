"""Waiting for the words of an MQTT sink."""

from __future__ import annotations

import threading

import pytest

from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S


def wait_for_words(sink: MqttSink, words: str) -> str:
    """Return what the sink says once these words are in it."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        if words in sink.fault():
            return sink.fault()
        pace.wait(0.02)
    pytest.fail(f"{words!r} not in {sink.fault()!r}")
