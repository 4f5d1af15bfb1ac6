"""`crswatch status`: what a gateway said of itself last."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.journal.ownership import STATUS_BEGIN, STATUS_SUFFIX
from edge_agent.model.bed_events import ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import ClockStep, DeviceStatus, Rejections
from edge_agent.model.session_events import LinkState
from edge_agent.status import (
    GatewayStatus,
    StatusFile,
    decode_status,
    encode_status,
    status_path,
)
from tests.gateways import BED, write_config

if TYPE_CHECKING:
    from pathlib import Path

START = Instant(0, 1_800_000_000_000_000_000)
NOW = START.plus(7200)
DEVICE = DeviceStatus(
    bed_id=BED,
    device_id=BED,
    link=LinkState.CONNECTED,
    link_reason="the device talks",
    link_since=START,
    identity=MonitorIdentity("Masimo", "Rad-8", "123"),
    is_confirmed=True,
    messages=7200,
    numerics=21600,
    heard_at=NOW.plus(-1),
    clock=ClockCompared(-90.5, 2.0, is_step=False, at=NOW),
    rejections=(Rejections("a line that was cut", 3, 120), Rejections("noise", 9, 20)),
)
SILENT = replace(
    DEVICE,
    device_id=f"{BED}.thermometer",
    link=LinkState.LOST,
    is_confirmed=False,
    heard_at=None,
    clock=None,
    identity=None,
    rejections=(),
)
ADDRESS = replace(
    SILENT,
    bed_id="",
    device_id="mllp://0.0.0.0:2575",
    is_confirmed=True,
    rejections=(Rejections("no bed has the origin 'ICU^^9'", 4, 0),),
)


def status(*devices: DeviceStatus, fault: str = "", lost: int = 0) -> GatewayStatus:
    return GatewayStatus("gw-01", "0.1.0", START, NOW, 0, fault, 2, lost, devices)


def show(folder: Path, said: GatewayStatus | None, *more: str, age_s: float = 0.0) -> int:
    config = write_config(folder, "/dev/null")
    path = status_path(folder / "journal.db")
    if said is not None:
        path.write_bytes(encode_status(said))
        os.utime(path, (0, time.time() - age_s))
    return main(["status", "--config", str(config), *more])


def test_what_is_written_is_read_back() -> None:
    said = status(DEVICE, SILENT, ADDRESS)
    assert decode_status(encode_status(said)) == said


def test_a_gateway_whose_links_are_whole_is_fine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    device = replace(DEVICE, clock_step=ClockStep(-3600.0, NOW.plus(-60)), unused=("ST-II", "CVP"))
    assert show(tmp_path, status(device, ADDRESS)) == 0
    out = capsys.readouterr().out
    for words in (
        "gw-01: crswatch 0.1.0, watching for 2.0 h",
        "connected: the device talks",
        "Masimo Rad-8 123",
        "7200 with 21600 values",
        "1 s ago",
        "-90.5 s, +2.0 s a day, set by -3600 s 60 s ago",
        "bed-07: received, kept and not judged: ST-II, CVP",
        "bed-07: given up 9 times, 20 bytes: noise",
        "no bed has the origin 'ICU^^9'",
    ):
        assert words in out


def test_a_lost_or_unconfirmed_device_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert show(tmp_path, status(DEVICE, SILENT, fault="disk full", lost=7)) == 1
    out = capsys.readouterr().out
    for words in ("lost", "not confirmed", "never", "disk full", "7 readings lost"):
        assert words in out


def test_an_agent_that_does_not_run_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(tmp_path, None) == 1
    assert "is the agent running?" in capsys.readouterr().err
    assert show(tmp_path, status(DEVICE), age_s=300.0) == 1
    assert "it does not run" in capsys.readouterr().err


def test_the_status_can_be_read_by_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(tmp_path, status(DEVICE), "--json") == 0
    (device,) = json.loads(capsys.readouterr().out)["devices"]
    assert device["rejections"][0] == {
        "reason": "a line that was cut",
        "times": 3,
        "size_bytes": 120,
    }


def test_a_status_that_cannot_be_written_is_said_once_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "status.json"
    now_s = [0.0]
    file = StatusFile(path, lambda: now_s[0])
    file.write(b"1")
    now_s[0] = 10.0
    file.write(b"2")
    assert len(caplog.records) == 1
    path.parent.mkdir()
    now_s[0] = 20.0
    file.write(b"3")
    now_s[0] = 21.0
    file.write(b"4")  # too soon
    assert path.read_bytes() == b"3"


def test_a_file_of_another_program_is_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode_status(status(DEVICE))
    for name in ("a.json", "b.json.new"):
        (tmp_path / name).write_bytes(b'{"mine": 1}')
        StatusFile(tmp_path / name.removesuffix(".new")).write(body)
        assert (tmp_path / name).read_bytes() == b'{"mine": 1}'
    assert "no status of an agent" in caplog.text
    for rest in (b"", bytes(300), body[:40]):
        (tmp_path / "c.json").write_bytes(rest)
        StatusFile(tmp_path / "c.json").write(body)
        assert (tmp_path / "c.json").read_bytes() == body
    assert body.startswith(STATUS_BEGIN)
    assert status_path(tmp_path / "j.db") == tmp_path / f"j.db{STATUS_SUFFIX}"


def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.json.new")  # opened for writing, it waits for somebody who reads
    now_s = [0.0]
    file = StatusFile(tmp_path / "s.json", lambda: now_s[0])
    for second in (0.0, 10.0, 20.0):
        now_s[0] = second
        file.write(b"1")
    assert (tmp_path / "s.json.new").read_bytes() == b"1"
