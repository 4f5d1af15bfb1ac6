"""Servers that are no broker, or cannot be reached: the words for each."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.sinks.mqtt_link import MqttConfig
from tests.sinks.test_mqtt_faults import make_certificate
from tests.support.brokers import mosquitto
from tests.support.misbehaving_broker import listening
from tests.support.mqtt_ward import Ward, connected, deliver, readings_entry
from tests.support.mqtt_words import wait_for_words

pytestmark = pytest.mark.broker


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("20020001", "MQTT 5 is needed"),
        ("20020000", "speaks an MQTT of before version 5"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".hex(), "answers as a web server (HTTP), not as MQTT"),
        (b"SSH-2.0-x\r\n".hex(), "answers in text, not in MQTT: 'SSH-2.0-x'"),
        (b"+OK\r\n".hex(), "its first bytes are 2b 4f 4b 0d 0a"),
        ("15030300020246", "it speaks TLS; set mqtt.tls_ca"),
        ("16030100", "it speaks TLS; set mqtt.tls_ca"),
        ("2003009500", "largest packet (max_packet_size) is smaller than our first one"),
        ("", "has not answered yet; an MQTT 5 broker answers at once"),
        ("2003008700", "refused the connection: Not authorized; check mqtt.username"),
        (
            "ff" * 64,
            "does not answer as an MQTT 5 broker does: Protocol error; its first bytes are",
        ),
    ],
)
def test_what_is_no_mqtt_5_broker_is_said_to_be_none(answer: str, words: str) -> None:
    data = bytes.fromhex(answer)
    with (
        listening(data, hang_up=bool(data)) as port,
        connected(port, Ward(), lambda c: replace(c, keepalive_s=1)) as sink,
    ):
        assert f"127.0.0.1:{port}" in wait_for_words(sink, words)


def test_what_sends_nothing_until_the_keepalive_is_said_to_be_mute() -> None:
    with (
        listening(b"") as port,
        connected(port, Ward(), lambda c: replace(c, keepalive_s=1)) as sink,
    ):
        wait_for_words(sink, "it sends nothing; a web server may wait like that")


# As above; and the real broker's reset.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_with_tls_and_one_without_are_told_apart_from_a_broker(tmp_path: Path) -> None:
    for name in ("plain", "tls"):
        (tmp_path / name).mkdir()
    certificate, key = make_certificate(tmp_path)
    with (
        mosquitto(
            tmp_path / "tls", "allow_anonymous true", f"certfile {certificate}", f"keyfile {key}"
        ) as broker,
        connected(broker.port, Ward()) as sink,
    ):
        wait_for_words(sink, "either the port wants TLS (mqtt.tls_ca)")
    with (
        mosquitto(tmp_path / "plain") as broker,
        connected(broker.port, Ward(), lambda c: replace(c, tls_ca=certificate)) as sink,
    ):
        wait_for_words(sink, "a port without TLS (usually 1883) takes no mqtt.tls_ca")


def test_a_broker_that_becomes_one_later_is_found_without_a_restart(tmp_path: Path) -> None:
    """Nonsense ends the network's thread of the client library; it begins anew."""
    with mosquitto(tmp_path) as broker:
        port = broker.port
        broker.stop()
        with socket.create_server(("127.0.0.1", port)) as server, connected(port, Ward()) as sink:
            for answer, words in (
                (bytes.fromhex("20020000"), "an MQTT of before version 5"),
                (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server"),
            ):
                sock, _ = server.accept()
                with sock:
                    sock.recv(4096)
                    sock.sendall(answer)
                wait_for_words(sink, words)
            server.close()
            broker.start()
            deliver(sink, readings_entry())
            assert sink.fault() == ""


def test_an_address_that_none_can_have_is_said_and_tried_again() -> None:
    with connected(1883, Ward(), lambda c: replace(c, host="no..such")) as sink:
        wait_for_words(sink, "no..such:1883 does not answer")
        wait_for_words(sink, "label")


# The client library leaves the socket of a refused certificate to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_that_is_not_trusted_is_said(tmp_path: Path) -> None:
    for name in ("theirs", "other"):
        (tmp_path / name).mkdir()
    certificate, key = make_certificate(tmp_path / "theirs")
    other, _ = make_certificate(tmp_path / "other")

    def with_tls(plain: MqttConfig) -> MqttConfig:
        return replace(plain, tls_ca=other)

    settings = ("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}")
    with mosquitto(tmp_path, *settings) as broker:
        with connected(broker.port, Ward(), with_tls) as sink:
            wait_for_words(sink, "its certificate is not trusted: ")
        with connected(broker.port, Ward(), lambda c: replace(c, host="no.such.invalid")) as sink:
            wait_for_words(sink, "no.such.invalid")
