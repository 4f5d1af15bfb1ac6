"""`crswatch replay` with frames of ours: with and without a configuration, and into a port."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from simulators.links.pty_link import PtyLink
from tests.drivers.philips_intellivue.monitor import golden
from tests.support.gateways import BED, journalled_vitals, write_config

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "line.bin"
    path.write_bytes(golden("numerics_spo2_low") + golden("alarms_spo2_low"))
    return path


def arguments(recording: Path, *more: str, bed: str = BED) -> list[str]:
    start = ["replay", "--driver", "philips_intellivue", "--bed", bed]
    return [*start, *more, str(recording)]


def test_without_a_configuration_it_says_what_was_kept(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording.write_bytes(b"noise" + recording.read_bytes())
    assert main(arguments(recording, "--speed", "50")) == 0
    out = capsys.readouterr().out
    assert "messages with numerics stored" in out
    assert f"{BED}: discarded 5 bytes" in out


def test_with_a_configuration_it_fills_that_journal(tmp_path: Path, recording: Path) -> None:
    config = write_config(tmp_path, "/dev/null")
    assert main(arguments(recording, "--config", str(config), "--speed", "50")) == 0
    assert journalled_vitals(tmp_path / "journal.db")


def test_a_bed_that_the_configuration_does_not_have_is_named(
    tmp_path: Path, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = write_config(tmp_path, "/dev/null")
    assert main(arguments(recording, "--config", str(config), bed="bed-99")) == 2
    assert f"has no 'bed-99'; has {BED}" in capsys.readouterr().err


def test_it_feeds_a_port_alone(recording: Path) -> None:
    heard = bytearray()
    size = recording.stat().st_size
    with PtyLink() as link:

        def listen() -> None:
            pause = threading.Event()
            while len(heard) < size:
                heard.extend(link.read())
                pause.wait(0.002)

        listener = threading.Thread(target=listen)
        listener.start()
        assert main(arguments(recording, "--port", link.path, "--speed", "50")) == 0
        listener.join()
    assert bytes(heard) == recording.read_bytes()
