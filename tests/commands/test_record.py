"""`crswatch record` keeps what passes with its timing; decode and replay read it."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.model.clock import ScaledClock
from edge_agent.model.session_events import Direction
from edge_agent.recorded.line_file import LineRecording, read_recording
from simulators.links.pty_link import PtyLink
from simulators.links.system_clock import read_system_clock
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedWard
from tests.drivers.philips_intellivue.monitor import golden
from tests.support.gateways import BED, journalled_vitals, write_config
from tests.support.intellivue_beds import intellivue_bed
from tests.support.talking_devices import TalkingDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.pty
NUMERICS = golden("numerics_spo2_low")
DRIVER = ("--driver", "philips_intellivue")
LISTENING = (*DRIVER, "--listen-only")


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Leave the signals as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "line.rec"


@pytest.fixture
def device() -> Iterator[TalkingDevice]:
    with TalkingDevice([NUMERICS]) as device:
        yield device


def read(path: Path) -> LineRecording:
    return read_recording(path.read_bytes())


def record(path: Path, *more: str, seconds: float = 1.0) -> int:
    return main(["record", "-o", str(path), "--for", str(seconds), *more])


def test_what_a_device_sends_is_recorded_as_it_comes(
    path: Path, device: TalkingDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(path, *LISTENING, "--baud", "19200", device.path) == 0
    recording = read(path)
    header = recording.header
    assert (header.driver, header.port, header.baud) == (
        "philips_intellivue",
        device.path,
        19200,
    )
    assert header.listen_only
    pieces = recording.received()
    data = b"".join(piece.data for piece in pieces)
    assert data.startswith(NUMERICS)
    assert len(data) >= 3 * len(NUMERICS)
    assert 0 < pieces[0].offset_s < pieces[-1].offset_s < 5
    assert recording.pieces == pieces
    assert not device.told
    out = capsys.readouterr().out
    assert f"{len(data)} bytes from the device, 0 to it" in out
    assert "messages with" in out
    assert path.stat().st_mode & 0o077 == 0


def test_a_monitor_that_has_to_be_asked_is_asked_and_left_in_order(path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock())
    bed = intellivue_bed("bed-01", load_scenario("baseline", 1).patient, clock, 1)
    with SimulatedWard([bed], clock):
        assert record(path, *DRIVER, bed.path, seconds=6.0) == 0
    recording = read(path)
    sent = [p.data for p in recording.pieces if p.direction is Direction.TO_DEVICE]
    assert sent
    assert recording.received()
    assert sent[-1] == golden("release_request")
    assert main(["decode", *DRIVER, str(path)]) == 0


def test_ctrl_c_ends_a_recording_in_order(path: Path, device: TalkingDevice) -> None:
    timer = threading.Timer(1.0, lambda: signal.raise_signal(signal.SIGINT))
    timer.start()
    assert main(["record", "-o", str(path), *LISTENING, device.path]) == 0
    timer.join()
    assert read(path).received()


def test_a_recording_is_never_overwritten_unasked(
    path: Path, device: TalkingDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("kept")
    assert record(path, *LISTENING, device.path) == 2
    assert path.read_text() == "kept"
    assert "--force" in capsys.readouterr().err
    assert record(path, *LISTENING, "--force", device.path) == 0
    assert read(path).received()


def test_silence_is_found(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with PtyLink() as link:
        assert record(path, *LISTENING, link.path, seconds=0.1) == 1
    assert "0 bytes from the device" in capsys.readouterr().out
    assert not read(path).pieces


def test_a_port_that_is_not_there_is_named(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(path, *LISTENING, str(tmp_path / "ttyNone"), seconds=0.5) == 1
    assert "ttyNone is not there" in capsys.readouterr().out


def test_noise_is_counted_by_reason(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TalkingDevice([b"noise" + NUMERICS]) as device:
        assert record(path, *LISTENING, device.path) == 0
    assert "bytes: bytes outside a frame" in capsys.readouterr().out


def test_the_line_of_a_configured_bed_is_recorded(
    path: Path, tmp_path: Path, device: TalkingDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, device.path)
    config.write_text(config.read_text() + "[beds.serial]\nbaud = 57600\n")
    assert record(path, "--config", str(config), "--bed", BED) == 0
    header = read(path).header
    assert (header.port, header.baud, header.listen_only) == (device.path, 57600, True)
    assert record(path, "--config", str(config), "--bed", "bed-99", "--force") == 2
    assert f"is 'bed-99'; {config} has {BED}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        ["/dev/null"],
        [*LISTENING],
        [*LISTENING, "socket://nowhere"],
        ["--driver", "nobody", "/dev/null"],
        ["--driver", "nonin", "--profile", "none", "/dev/null"],
    ],
)
def test_wrong_usage_leaves_no_file(path: Path, more: list[str]) -> None:
    assert record(path, *more) == 2
    assert not path.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_ends_the_recording_and_is_not_taken_for_a_line_that_fails(
    device: TalkingDevice, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record(Path("/dev/full"), *LISTENING, "--force", device.path, seconds=60) == 2
    assert "could not be written to the end" in capsys.readouterr().err


@pytest.fixture
def recording(path: Path, device: TalkingDevice) -> Path:
    record(path, *LISTENING, device.path)
    return path


def test_decode_reads_a_recording_like_the_bytes_in_it(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "line.bin"
    raw.write_bytes(b"".join(piece.data for piece in read(recording).received()))
    capsys.readouterr()
    status = main(["decode", *DRIVER, str(raw)])
    expected = capsys.readouterr()
    assert main(["decode", *DRIVER, str(recording)]) == status
    assert capsys.readouterr() == expected
    assert expected.out.count("\n") > 10


def test_a_cut_recording_is_decoded_up_to_the_cut(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_bytes(recording.read_bytes() + b'{"t":9')
    assert main(["decode", *DRIVER, str(recording)]) in {0, 1}
    captured = capsys.readouterr()
    assert "the last line is cut; left out 6 bytes" in captured.err
    recording.write_bytes(b'{"crswatch_recording":1}\n')
    assert main(["decode", *DRIVER, str(recording)]) == 2
    assert "recording, line 1" in capsys.readouterr().err


def test_a_message_cut_by_silence_is_given_up_where_the_silence_was(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with TalkingDevice([NUMERICS[:40], NUMERICS], pause_s=1.0) as device:
        record(path, *LISTENING, device.path, seconds=4.0)
    capsys.readouterr()
    assert main(["decode", *DRIVER, str(path)]) == 1
    err = capsys.readouterr().err
    assert "discarded 40 bytes: the line fell silent before the end of a frame" in err


def test_replay_plays_a_recording_with_its_timing(tmp_path: Path, recording: Path) -> None:
    recording.write_bytes(recording.read_bytes() + b'{"t":9')
    config = write_config(tmp_path, "/dev/null")
    arguments = ["replay", *DRIVER, "--bed", BED, str(recording)]
    assert main([*arguments, "--config", str(config), "--speed", "20"]) == 0
    played = {
        vital.received_at.utc_ns for _seq, vital in journalled_vitals(tmp_path / "journal.db")
    }
    assert len(played) >= 3
    assert max(played) - min(played) >= 0.2e9
    assert main([*arguments, "--speed", "20"]) == 0
