"""The MQTT client of people's commands, and a broker that says nothing."""

from __future__ import annotations

import socket

import pytest

from edge_agent.config.gateway_file import MqttSection
from edge_agent.model.errors import LinkError
from edge_agent.ward_client.client import WardClient


def test_a_broker_that_says_nothing_is_unreachable_after_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        client = WardClient(MqttSection(host="127.0.0.1", port=port), "#", connect_wait_s=0.2)
        with pytest.raises(LinkError, match=r"does not answer in 0\.2 s") as caught, client:
            pass
    assert caught.value.retryable
