"""A site's broker setup, written by the command, with a real mosquitto on it and its clients."""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.__main__ import main
from tests.support.brokers import WAIT_S, free_port
from tests.support.system_binaries import system_binary

SITE = """\
site = "hospital"
away_min = 5
stores = ["archive"]
[broker]
hosts = ["127.0.0.1", "localhost"]
port = {port}
folder = "{folder}"
state_folder = "{state}"
[[wards]]
id = "cart-1"
boards = ["board-01"]
handsets = ["handsets"]
[[wards.gateways]]
id = "gw-01"
beds = ["bed-07", "bed.02"]
[[wards.gateways]]
id = "gw-02"
beds = ["bed-03"]
"""
WARD = "crswatch/v1/hospital/cart-1"


@dataclass
class BrokerSetup:
    """A written setup that a broker reads where it was written."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.state.mkdir()
        self.site.write_text(
            SITE.format(port=self.port, folder=self.out / "broker", state=self.state)
        )
        self.command("init")

    @property
    def site(self) -> Path:
        """Return the path of the site file."""
        return self.folder / "site.toml"

    @property
    def out(self) -> Path:
        """Return the folder of the setup."""
        return self.folder / "setup"

    @property
    def state(self) -> Path:
        """Return the folder of what the broker stores."""
        return self.folder / "state"

    def client(self, name: str) -> Path:
        """Return the folder of an account's certificate."""
        return self.out / "clients" / name

    def command(self, *words: str) -> int:
        """Run a subcommand of `crswatch broker` on this setup and return its exit status."""
        return main(["broker", *words, "--site", str(self.site), "--out", str(self.out)])

    def set_aside(self) -> None:
        """Run what the unit runs before the broker starts."""
        (before,) = [
            line.removeprefix("ExecStartPre=").split()
            for line in (self.out / "broker" / "mosquitto.service.d.conf").read_text().splitlines()
            if line.startswith("ExecStartPre=")
        ]
        subprocess.run(before, check=True, timeout=WAIT_S)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run mosquitto on the written configuration; as root, it stays root to read the files."""
        process = self.started()
        assert process.stderr is not None
        with process, process.stderr as log:
            try:
                if not any(" running" in line for line in log):
                    pytest.fail("mosquitto did not start")
                threading.Thread(target=log.read, daemon=True).start()
                yield
            finally:
                process.terminate()
                process.wait(WAIT_S)

    def started(self) -> subprocess.Popen[str]:
        """Return mosquitto, started on the written configuration."""
        written = (self.out / "broker" / "mosquitto.conf").read_text()
        configuration = self.folder / "run.conf"
        configuration.write_text(f"{written}user root\n")
        command = [system_binary("mosquitto", "mosquitto"), "-c", str(configuration)]
        return subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )


class Member:
    """A client of a site's broker with the certificate in a folder."""

    def __init__(
        self,
        port: int,
        folder: Path | None,
        ca: Path,
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
        session: str = "",
    ) -> None:
        self._session = session
        self.received: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[list[ReasonCode]] = queue.SimpleQueue()
        self.connection: queue.SimpleQueue[ReasonCode] = queue.SimpleQueue()
        client = Client(CallbackAPIVersion.VERSION2, session, protocol=protocol)
        certificate = None if folder is None else str(folder / "client.pem")
        key = None if folder is None else str(folder / "client.key")
        client.tls_set(str(ca), certificate, key)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        self._client = client
        self._port = port

    def __enter__(self) -> Member:
        if self._session:
            lasting = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
            lasting.SessionExpiryInterval = 3600
            self._client.connect("127.0.0.1", self._port, clean_start=False, properties=lasting)
        else:
            self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        reason = self.connection.get(timeout=WAIT_S)
        assert not reason.is_failure, reason
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        self._client._reset_sockets(sockpair_only=True)

    def subscribe(self, topic: str) -> ReasonCode:
        """Subscribe and return the broker's answer."""
        self._client.subscribe(topic, 1)
        return self._answers.get(timeout=WAIT_S)[0]

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> ReasonCode:
        """Publish and return the broker's answer."""
        self._client.publish(topic, payload, 1, retain)
        return self._answers.get(timeout=WAIT_S)[0]

    def is_refused(self, topic: str) -> bool:
        """Return True if the broker refuses a message on a topic as not authorized."""
        reason = self.publish(topic)
        assert reason.getName() in {"Success", "No matching subscribers", "Not authorized"}
        return reason.is_failure

    def topics_until(self, last: str) -> list[str]:
        """Return the topics of the messages received up to the one on `last`."""
        topics = [self.received.get(timeout=WAIT_S)]
        while topics[-1] != last:
            topics.append(self.received.get(timeout=WAIT_S))
        return topics

    def _on_connect(
        self, _c: Client, _u: object, _f: ConnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self.connection.put(reason)

    def _on_subscribe(
        self, _c: Client, _u: object, _m: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        self._answers.put(reasons)

    def _on_publish(
        self, _c: Client, _u: object, _m: int, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self._answers.put([reason])

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        self.received.put(message.topic)
