"""A port keeps its name while adapters come and go."""

from __future__ import annotations

import os
import tty
from typing import TYPE_CHECKING

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from edge_agent.drivers.base import SerialSettings
from edge_agent.model.errors import LinkError
from edge_agent.sources.port_names import (
    SerialPort,
    check_address,
    device_of,
    serial_ports,
)
from edge_agent.sources.serial_source import SerialSource
from simulators.links.pty_link import PtyLink
from tests.support.source_talk import Talk, clock

if TYPE_CHECKING:
    from pathlib import Path

FIRST = SerialPort("/dev/ttyUSB0", "FT232R", "0403:6001", "A50285BI", "1-1.4")
SECOND = SerialPort("/dev/ttyUSB1", "FT232R", "0403:6001", "A50285BJ", "1-1.3")
CHEAP = SerialPort("/dev/ttyUSB2", "CH340", "1a86:7523", "", "1-1.2")
QUAD_A = SerialPort("/dev/ttyUSB3", "Quad", "0403:6011", "Q1", "2-1:1.0")
QUAD_B = SerialPort("/dev/ttyUSB4", "Quad", "0403:6011", "Q1", "2-1:1.1")
BUILT_IN = SerialPort("/dev/ttyS0", "ttyS0")
ALL = [FIRST, SECOND, CHEAP, QUAD_A, QUAD_B, BUILT_IN]


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("usb:0403:6001:A50285BI", FIRST),
        ("usb:0403:6001:A50285BJ", SECOND),
        ("usb:1A86:7523", CHEAP),
        ("usb-path:1-1.3", SECOND),
        ("usb-path:2-1:1.1", QUAD_B),
    ],
)
def test_an_address_finds_its_adapter_wherever_it_is_listed(address: str, port: SerialPort) -> None:
    check_address(address)
    assert device_of(address, ALL) == device_of(address, ALL[::-1]) == port.device


@pytest.mark.parametrize("address", ["usb:0403:6011", "usb:0403:6011:Q1", "usb-path:2-1"])
def test_an_address_that_fits_several_ports_is_not_guessed_at(address: str) -> None:
    with pytest.raises(LinkError, match=r"fits 2 ports.*usb-path:2-1:1\.0, usb-path:2-1:1\.1") as e:
        device_of(address, ALL)
    assert e.value.retryable


def test_an_adapter_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(LinkError) as caught:
        device_of("usb:0403:6001", [CHEAP, BUILT_IN])
    assert caught.value.retryable
    assert str(caught.value) == (
        "no USB serial adapter 0403:6001 is plugged in; there are: 1a86:7523 at 1-1.2"
    )
    with pytest.raises(LinkError, match=r"in socket 1-1\.4 is plugged in; there are: none"):
        device_of("usb-path:1-1.4", [])
    with pytest.raises(LinkError):
        device_of("/dev/ttyS0", ALL)  # such a path is opened as it stands


@pytest.mark.parametrize(
    "address",
    [
        "usb:403:6001",
        "usb:0403",
        "usb-path:hub",
        "socket://host",
        "rfc2217://:2001",
        "socket://h:x",
    ],
)
def test_an_address_that_no_port_can_have_is_refused(address: str) -> None:
    with pytest.raises(LinkError, match="want") as caught:
        check_address(address)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "address",
    [
        "/dev/ttyS0",
        "COM3",
        "loop://",
        "socket://10.0.0.5:4001",
        "rfc2217://ts-1:2001?ign_set_control",
    ],
)
def test_other_addresses_are_left_alone(address: str) -> None:
    check_address(address)


def test_a_number_of_its_own_is_the_best_name_and_else_the_socket() -> None:
    by_id, by_path = "/dev/serial/by-id/usb-x", "/dev/serial/by-path/pci-x"
    links = (by_id, by_path)
    numbered = SerialPort("/dev/ttyUSB0", "x", "0403:6001", "A5", "1-1", links)
    assert numbered.addresses() == (
        by_id,
        "usb:0403:6001:A5",
        by_path,
        "usb-path:1-1",
        "/dev/ttyUSB0",
    )
    alike = SerialPort("/dev/ttyUSB0", "x", "1a86:7523", "", "1-1", links)
    assert alike.addresses() == (by_path, "usb-path:1-1", by_id, "/dev/ttyUSB0")
    assert BUILT_IN.addresses() == ("/dev/ttyS0",)


def adapter(device: str, number: str = "A5") -> ListPortInfo:
    port = ListPortInfo(device)
    port.vid, port.pid, port.serial_number, port.location = 0x0403, 0x6001, number, "1-1.4"
    port.description = "FT232R"
    return port


def test_the_ports_of_the_machine_are_listed_with_the_names_that_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    folder = tmp_path / "by-id"
    folder.mkdir()
    (folder / "usb-FTDI").symlink_to(device)
    built_in = ListPortInfo("/dev/ttyS9")
    monkeypatch.setattr(list_ports, "comports", lambda: [adapter(str(device)), built_in])
    listed = serial_ports([folder, tmp_path / "none"])
    assert {port.device: port for port in listed} == {
        str(device): SerialPort(
            str(device), "FT232R", "0403:6001", "A5", "1-1.4", (str(folder / "usb-FTDI"),)
        ),
        "/dev/ttyS9": SerialPort("/dev/ttyS9", "n/a"),
    }


def test_an_adapter_pulled_while_ports_are_listed_is_no_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pulled() -> list[ListPortInfo]:
        text: str = None  # type: ignore[assignment] # what pyserial reads of a device that is gone
        return [adapter(str(int(text, 16)))]

    monkeypatch.setattr(list_ports, "comports", pulled)
    assert serial_ports([]) == []


@pytest.mark.pty
def test_an_adapter_that_comes_back_under_another_path_is_opened_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugged: list[ListPortInfo] = []
    monkeypatch.setattr(list_ports, "comports", lambda: list(plugged))
    talk = Talk()
    settings = SerialSettings(9600, 8, "N", 1, rts_cts=False)
    address = "usb:0403:6001:A5"
    source = SerialSource(address, settings, talk.converse, talk.links.put, clock())
    source.start()
    assert "no USB serial adapter 0403:6001:A5 is plugged in" in str(talk.link())
    master, slave = os.openpty()
    tty.setraw(slave)
    plugged[:] = [adapter(os.ttyname(slave))]
    assert talk.link() is None
    os.close(slave)
    os.write(master, b"first")
    assert talk.heard(5) == b"first"
    with PtyLink() as link:
        plugged[:] = [adapter(link.path)]
        os.close(master)
        assert talk.link() is not None
        assert talk.link() is None
        link.write(b"second")
        assert talk.heard(6) == b"second"
        source.stop()
