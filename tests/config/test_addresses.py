"""Hosts, addresses and ports of a configuration."""

from __future__ import annotations

import pytest

from edge_agent.config.gateway_file import parse_config
from tests.config.test_gateway_file import GOOD, mistakes_of
from tests.support.config_sections import INFLUX, connecting


def with_port(port: str, more: str = "") -> str:
    return GOOD.replace('"/dev/ttyUSB0"', repr(port)) + more


@pytest.mark.parametrize(
    "host",
    [
        "mqtt://127.0.0.1",
        "127.0.0.1:8883",
        "broker ward",
        "broker/ward",
        "user@broker",
        "[::1]",
        "256.0.0.1",
        "broker..ward",
        "a" * 64,
        "",
        "[",
    ],
)
def test_a_broker_is_named_by_a_host_alone(host: str) -> None:
    found = mistakes_of(GOOD + f"[mqtt]\nhost = {host!r}")
    assert list(found) == ["mqtt.host"]


@pytest.mark.parametrize("character", [r"\u0000", r"\u0001", r"\u007f", r"\u202e"])
def test_no_character_of_a_host_is_invisible(character: str) -> None:
    found = mistakes_of(GOOD + f'[mqtt]\nhost = "bro{character}ker"')
    assert list(found) == ["mqtt.host"]


@pytest.mark.parametrize("host", ["broker", "broker.ward.example.", "my_broker", "::1", "10.0.0.1"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    config = parse_config(GOOD + f"[mqtt]\nhost = {host!r}", source="x")
    assert config.mqtt is not None
    assert config.mqtt.host == host


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8086",
        "http://",
        "http://:8086",
        "http://influx:0",
        "http://influx:99999",
        "http://influx:x",
        "http://a b",
        "ftp://influx",
        "http://influx/?db=ward",
        "http://influx/#ward",
        "http://[::1",
    ],
)
def test_a_database_is_named_by_a_web_address_alone(url: str) -> None:
    text = GOOD + INFLUX.replace("http://127.0.0.1:8086", url)
    assert list(mistakes_of(text)) == ["influx.url"]


@pytest.mark.parametrize("url", ["https://influx:8086", "http://[::1]:8086", "http://ward/influx"])
def test_web_addresses_may_have_a_path(url: str) -> None:
    config = parse_config(GOOD + INFLUX.replace("http://127.0.0.1:8086", url), source="x")
    assert config.influx is not None
    assert config.influx.url == url


@pytest.mark.parametrize(
    ("port", "want"),
    [
        ("COM3", "a port of Windows"),
        ("com12", "a port of Windows"),
        ("ttyUSB0", "want a whole path: /dev/ttyUSB0"),
        ("cu.usbserial", "want a whole path: /dev/cu.usbserial"),
        ("tcp://127.0.0.1:4001", "want a path such as /dev/ttyUSB0, or one of mllp"),
        ("socket://127.0.0.1", "want socket://HOST:PORT"),
        ("usb:403", "want usb:VENDOR:PRODUCT"),
    ],
)
def test_a_port_that_no_machine_has_is_a_mistake(port: str, want: str) -> None:
    assert want in mistakes_of(with_port(port))["beds.0.port"]


@pytest.mark.parametrize(
    "port", ["/dev/ttyUSB0", "/dev/serial/by-id/usb-FTDI", "loop://", "socket://10.0.0.1:4001"]
)
def test_ports_that_a_machine_may_have_are_taken(port: str) -> None:
    assert parse_config(with_port(port), source="x").beds[0].port == port


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1:0", "127.0.0.1", ":2575", "127.0.0.1:99999", "a b:1", "h:1/x", "u@h:1", "[::1:1"],
)
def test_an_address_to_connect_to_has_a_host_and_a_port(address: str) -> None:
    found = mistakes_of(GOOD + connecting("bed-02", f"mllp://{address}"))
    assert "PORT from 1 to 65535" in found["beds.1.port"]


@pytest.mark.parametrize("port", ["\\u0000", "tty" + "X" * 300])
def test_a_port_that_is_no_name_of_a_file_is_a_mistake(port: str) -> None:
    assert "beds.0.port" in mistakes_of(GOOD.replace("/dev/ttyUSB0", port))


def test_one_port_is_not_listened_at_twice() -> None:
    one, two = connecting("bed-02", "mllp://127.0.0.1:2575"), "mllp://0.0.0.0:2575"
    found = mistakes_of(GOOD + one + connecting("bed-03", two))
    assert "listens at the same port" in found["beds.2.port"]
    turned = connecting("bed-02", two) + connecting("bed-03", "mllp://127.0.0.1:2575")
    assert "listens at the same port" in mistakes_of(GOOD + turned)["beds.2.port"]
    other = connecting("bed-03", "mllp://127.0.0.2:2575") + connecting("bed-04", two[:-1] + "6")
    assert len(parse_config(GOOD + one + other, source="x").beds) == 4
