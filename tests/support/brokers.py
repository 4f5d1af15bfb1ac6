"""A real mosquitto on a free loopback port, and a client that looks at it."""

from __future__ import annotations

import json
import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from tests.support.system_binaries import system_binary

WAIT_S = 20.0
"""Long enough never to decide a test on a busy machine."""
GIVEN_UP_AFTER_S = 300.0
"""A message that never comes fails its test, although others keep coming."""


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mosquitto:
    """One broker that can be stopped and started again on the same port."""

    folder: Path
    settings: tuple[str, ...] = ("allow_anonymous true",)
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _log_reader: threading.Thread | None = None

    def start(self) -> None:
        """Start and wait until it listens."""
        binary = system_binary("mosquitto", "mosquitto")
        self.port = self.port or free_port()
        config = self.folder / "mosquitto.conf"
        lines = (
            f"listener {self.port} 127.0.0.1",
            "persistence false",
            "user root",
            *self.settings,
        )
        config.write_text("\n".join(lines) + "\n")
        command = [binary, "-v", "-c", str(config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        is_running = threading.Event()
        self._log_reader = threading.Thread(
            target=_follow, args=(self._process, is_running), daemon=True
        )
        self._log_reader.start()
        if not is_running.wait(WAIT_S) or self._process.poll() is not None:
            self.stop()
            pytest.fail(f"mosquitto did not start: {command}")

    def reload(self) -> None:
        """Make it read its ACL again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it; does nothing when it is not running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT_S)
            self._process = None
        if self._log_reader is not None:
            self._log_reader.join(WAIT_S)
            self._log_reader = None


def _follow(process: subprocess.Popen[bytes], is_running: threading.Event) -> None:
    assert process.stderr is not None
    with process.stderr as log:
        for line in log:
            if b" running" in line:
                is_running.set()
    is_running.set()


@contextmanager
def mosquitto(folder: Path, *settings: str) -> Iterator[Mosquitto]:
    """Give a running broker and end it."""
    broker = Mosquitto(folder, settings or ("allow_anonymous true",))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Watcher:
    """A subscriber that hands over what it receives, in order."""

    def __init__(self, port: int, topic_filter: str = "#", user: str = "") -> None:
        self.port = port
        self.messages: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
        self._filter = topic_filter
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        if user:
            self._client.username_pw_set(user)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._subscribed.wait(WAIT_S)

    def next(self, topic_end: str = "") -> MQTTMessage:
        """Return the next message whose topic ends so; drop others before it."""
        given_up_at = time.monotonic() + GIVEN_UP_AFTER_S
        while time.monotonic() < given_up_at:
            message = self.messages.get(timeout=WAIT_S)
            if message.topic.endswith(topic_end):
                return message
        raise AssertionError(f"no message on ...{topic_end} in {GIVEN_UP_AFTER_S:.0f} s")

    def next_json(self, topic_end: str = "") -> dict[str, Any]:
        """Return the JSON object in the next message whose topic ends so."""
        decoded = json.loads(self.next(topic_end).payload)
        assert isinstance(decoded, dict)
        return decoded

    def next_properties(self, topic_end: str = "") -> dict[str, Any]:
        """Return the MQTT 5 properties of the next message whose topic ends so."""
        properties = self.next(topic_end).properties
        assert properties is not None
        return vars(properties)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish and wait for the broker."""
        self._client.publish(topic, payload, 1, retain).wait_for_publish(WAIT_S)

    def is_refused(self, topic: str) -> bool:
        """Return True if the broker refuses our message on a topic."""
        answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

        def on_publish(
            _c: Client, _u: object, _m: int, reason: ReasonCode, _p: Properties | None
        ) -> None:
            answers.put(reason.is_failure)

        self._client.on_publish = on_publish
        self._client.publish(topic, b"", 1)
        return answers.get(timeout=WAIT_S)

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()
        self._client._reset_sockets(sockpair_only=True)

    def _on_connect(
        self, client: Client, _u: object, _f: ConnectFlags, _r: ReasonCode, _p: Properties | None
    ) -> None:
        client.subscribe(self._filter, 1)

    def _on_subscribe(
        self, _c: Client, _u: object, _m: int, _r: list[ReasonCode], _p: Properties | None
    ) -> None:
        self._subscribed.set()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.messages.put(message)


@contextmanager
def watcher(port: int, topic_filter: str = "#") -> Iterator[Watcher]:
    """Give a subscriber that is subscribed already, and disconnect it."""
    seen = Watcher(port, topic_filter)
    try:
        yield seen
    finally:
        seen.close()
