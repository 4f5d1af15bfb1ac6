"""A broker on the loopback interface for demonstrations, with no other software needed."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path
from typing import Final

from iotcore import Broker

_HOST: Final = "127.0.0.1"
_RUMQTTD: Final = """\
id = 0
[router]
id = 0
max_connections = 64
max_outgoing_packet_count = 200
max_segment_size = 10485760
max_segment_count = 10
[v5.1]
name = "v5-1"
listen = "{host}:{port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 10000
max_payload_size = 262144
max_inflight_count = 100
dynamic_filters = true
"""


class EmbeddedBroker:
    """rumqttd in a process of its own, MQTT 5, on a free port; a context manager."""

    host: Final = _HOST

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crswatch-broker-")
        self.port = free_port()
        config = Path(self._folder.name) / "rumqttd.toml"
        config.write_text(_RUMQTTD.format(host=_HOST, port=self.port), encoding="utf-8")
        self._broker = Broker(config_path=str(config))

    def __enter__(self) -> EmbeddedBroker:
        self._broker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._broker.stop()
        self._folder.cleanup()


def free_port() -> int:
    """Return a free port of the loopback interface."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
