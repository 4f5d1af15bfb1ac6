"""`crswatch probe` names the ports of a machine, and what a line speaks."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from edge_agent.__main__ import main
from edge_agent.config.gateway_file import parse_config
from edge_agent.drivers import registry
from edge_agent.drivers.base import SerialSettings
from edge_agent.lines.talk import EventCounts
from edge_agent.lines.trial import Candidate, Trial, Turn, candidates_of, ranked, turns_of
from edge_agent.model.clock import ScaledClock
from simulators.links.pty_link import PtyLink
from simulators.links.system_clock import read_system_clock
from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedBed, SimulatedWard
from tests.drivers.masimo_ascii.oximeter import golden
from tests.support.intellivue_beds import intellivue_bed
from tests.support.talking_devices import TalkingDevice
from tests.support.terminal_server import TerminalServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OXIMETER = [golden("rad8_reading")]
MASIMO = registry.driver("masimo_ascii")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Leave the signals as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def config_of(out: str) -> str:
    """Return the lines that the command gives for a gateway.toml, in a whole file."""
    head = '[gateway]\nid = "g"\nsite = "s"\nward = "w"\n[journal]\npath = "journal.db"\n'
    return head + out.partition("For gateway.toml:\n")[2]


@pytest.mark.pty
def test_a_device_that_talks_is_found_among_all_drivers_without_a_byte_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with TalkingDevice(OXIMETER) as device:
        assert main(["probe", device.path, "--seconds", "1"]) == 0
        assert not device.told
    captured = capsys.readouterr()
    bed = parse_config(config_of(captured.out), source="probe").beds[0]
    assert (bed.port, bed.driver, bed.serial.baud) == (device.path, "masimo_ascii", None)
    assert captured.err.startswith("9600 8N1: listening as ")
    assert captured.err.count("\n") <= 2  # found at the first try, with the port's own log line


@pytest.mark.pty
def test_a_monitor_that_has_to_be_asked_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock())
    bed = intellivue_bed("bed-01", load_scenario("baseline", 1).patient, clock, 1)
    with SimulatedWard([bed], clock):
        listening = ["probe", bed.path, "--driver", "philips_intellivue", "--seconds"]
        assert main([*listening, "0.5", "--listen-only"]) == 1
        assert "Nothing received" in capsys.readouterr().out
        assert main([*listening, "3"]) == 0
    out = capsys.readouterr().out
    assert 'driver = "philips_intellivue"' in out


@pytest.mark.pty
def test_a_monitor_with_another_frame_and_flow_control_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock())
    course = load_scenario("baseline", 1).patient
    monitor = GeDriMonitor(PowerOn(course.vitals_at, clock.now()), GeDriSettings(), 1)
    bed = SimulatedBed("bed-01", monitor, PtyLink())
    with SimulatedWard([bed], clock):
        assert main(["probe", bed.path, "--driver", "ge_dri"]) == 0
    out = capsys.readouterr().out
    assert 'driver = "ge_dri"' in out
    assert "19200 8E1 RTS/CTS" in out


@pytest.mark.pty
def test_a_profile_and_an_unusual_speed_are_part_of_what_is_found(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with TalkingDevice([b"SPO2=097 HR=072\r\n"]) as device:
        arguments = ["probe", device.path, "--driver", "nonin", "--baud", "19200"]
        assert main([*arguments, "--listen-only", "--seconds", "1"]) == 0
    bed = parse_config(config_of(capsys.readouterr().out), source="probe").beds[0]
    assert (bed.driver, bed.profile, bed.serial.baud) == ("nonin", "ascii", 19200)


@pytest.mark.pty
@pytest.mark.parametrize(
    ("message", "hint"),
    [
        (b"patient monitor ready\r\n", "sends text, in a form that no driver reads"),
        (bytes(range(128, 250)), "another speed or parity"),
    ],
)
def test_what_is_not_understood_is_described(
    message: bytes, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with TalkingDevice([message]) as device:
        arguments = ["probe", device.path, "--listen-only", "--driver", "masimo_ascii"]
        assert main([*arguments, "--seconds", "0.5"]) == 1
    out = capsys.readouterr().out
    assert hint in out
    assert "9600 8N1: " in out
    assert "patient monitor" not in out


def test_a_port_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["probe", str(tmp_path / "ttyNone")]) == 2
    assert "ttyNone is not there" in capsys.readouterr().err


def test_all_drivers_listen_at_once_on_a_raw_terminal_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _peer = server.accept()
            with connection, contextlib.suppress(ConnectionError):
                connection.settimeout(0.1)
                is_open = True
                while is_open:
                    connection.sendall(golden("rad8_reading"))
                    with contextlib.suppress(TimeoutError):
                        is_open = bool(connection.recv(100))

        serving = threading.Thread(target=serve)
        serving.start()
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        assert main(["probe", url, "--seconds", "1"]) == 0
        serving.join()
    out = capsys.readouterr().out
    assert f'port = "{url}"' in out
    assert 'driver = "masimo_ascii"' in out


@pytest.mark.pty
@pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning:serial.rfc2217")
def test_speeds_are_set_on_a_terminal_server(capsys: pytest.CaptureFixture[str]) -> None:
    with TalkingDevice(OXIMETER) as device, TerminalServer(device.path) as server:
        url = f"rfc2217://127.0.0.1:{server.port}"
        arguments = ["--driver", "masimo_ascii", "--baud", "4800", "--baud", "2400", "--all"]
        assert main(["probe", url, *arguments, "--seconds", "1"]) == 0
        assert server.serial.baudrate == 2400
    out = capsys.readouterr().out
    assert "4800 8N1" in out
    assert "2400 8N1" in out
    # A pseudo-terminal sends as fast at any speed: whichever of the two heard more comes first.
    assert "baud = 4800" in out or "baud = 2400" in out


def test_ports_are_listed_with_what_to_write_into_the_configuration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = ListPortInfo("/dev/ttyUSB7")
    port.vid, port.pid, port.serial_number, port.location = 0x0403, 0x6001, "A5", "1-1.4"
    port.description = "FT232R USB UART"
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    assert main(["probe"]) == 0
    assert capsys.readouterr().out == (
        "/dev/ttyUSB7  FT232R USB UART\n"
        '  port = "usb:0403:6001:A5"\n'
        '  or     "usb-path:1-1.4"\n'
        '  or     "/dev/ttyUSB7"\n'
    )
    monkeypatch.setattr(list_ports, "comports", list)
    assert main(["probe"]) == 1
    assert "no serial port" in capsys.readouterr().out


@pytest.mark.pty
def test_the_lasting_name_of_a_port_is_the_one_to_write_down(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with TalkingDevice(OXIMETER) as device:
        port = ListPortInfo(device.path)
        port.vid, port.pid, port.serial_number, port.location = 0x0403, 0x6001, "A5", "1-1.4"
        monkeypatch.setattr(list_ports, "comports", lambda: [port])
        arguments = ["probe", device.path, "--driver", "masimo_ascii", "--seconds", "1"]
        assert main(arguments) == 0
    assert 'port = "usb:0403:6001:A5"' in capsys.readouterr().out


def test_drivers_that_only_listen_share_a_turn_and_those_that_ask_have_one_each() -> None:
    candidates = candidates_of(registry.all_drivers().values())
    turns = turns_of(candidates, (), listen_only=False, has_settings=True)
    listening = [turn for turn in turns if turn.listen_only]
    assert len({turn.settings for turn in listening}) == len(listening)
    assert [c for turn in listening for c in turn.candidates if c.spec.name == "nonin"]
    asking = [turn for turn in turns if not turn.listen_only]
    assert all(len(turn.candidates) == 1 for turn in asking)
    names = {turn.candidates[0].spec.name for turn in asking}
    assert {"philips_intellivue", "ge_dri"} <= names
    assert not names & {"masimo_ascii", "nellcor_ascii"}
    tried = {(c.spec.name, turn.settings.baud) for turn in turns for c in turn.candidates}
    for spec in registry.all_drivers().values():
        for baud in (spec.serial.baud, *spec.other_bauds):
            assert (spec.name, baud) in tried
    usual = {spec.serial.baud for spec in registry.all_drivers().values()}
    assert {turn.settings.baud for turn in turns[: len(usual)]} <= usual


def test_a_port_without_speed_needs_one_turn_for_all_that_listen() -> None:
    candidates = candidates_of(registry.all_drivers().values())
    (turn,) = turns_of(candidates, (), listen_only=True, has_settings=False)
    assert turn.candidates == tuple(candidates)


def trial(sound: int, rejected: int, heard: int = 1000) -> Trial:
    candidate = Candidate(MASIMO, "")
    turn = Turn(SerialSettings(9600, 8, "N", 1, rts_cts=False), (candidate,), listen_only=True)
    return Trial(candidate, turn, EventCounts(messages=sound, rejected={"noise": rejected}), heard)


def test_a_protocol_that_explains_more_of_the_line_ranks_first() -> None:
    chance, good, lucky = trial(1, 900), trial(8, 50), trial(9, 400)
    assert ranked([chance, lucky, good]) == [good, lucky]
    assert good.is_clear
    assert not trial(1, 0).is_clear
    assert not trial(0, 0).is_understood
    assert replace(good, received_bytes=0).share == 0.0
