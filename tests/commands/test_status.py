"""`crswatch status`: what a gateway said of itself last."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.gateway.status_file import (
    GatewayStatus,
    RunState,
    SinkStatus,
    StatusFile,
    decode_status,
    encode_status,
    has_ended,
    newest_status,
    process_key,
    status_path,
    status_paths,
)
from edge_agent.journal.ownership import STATUS_BEGIN, STATUS_SUFFIX
from edge_agent.model.bed_events import ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import ClockStep, DeviceStatus, Rejections
from edge_agent.model.session_events import LinkState
from tests.support.gateways import BED, write_config

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
        "gw-01: crswatch 0.1.0, monitoring for 2.0 h",
        "connected: the device talks",
        "Masimo Rad-8 123",
        "7200 with 21600 values",
        "1 s ago",
        "-90.5 s, +2.0 s a day, set by -3600 s 60 s ago",
        "bed-07: received, stored and not evaluated: ST-II, CVP",
        "bed-07: discarded 9 times, 20 bytes: noise",
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


def test_memory_that_was_not_read_and_refused_entries_that_are_deleted_are_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for problem, words in (
        (
            replace(status(DEVICE), unrestored="the disk does not answer"),
            "memory of before the start was not read (the disk does not answer): restart the "
            "gateway once its disk answers",
        ),
        (replace(status(DEVICE), journal_lost_aside=5), "5 refused entries deleted"),
    ):
        assert show(tmp_path, problem) == 1
        assert words in capsys.readouterr().out


def test_an_agent_that_does_not_run_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(tmp_path, None) == 1
    assert "is the agent running?" in capsys.readouterr().err
    assert show(tmp_path, status(DEVICE), age_s=300.0) == 1
    assert "the agent does not run" in capsys.readouterr().err


BROKER = SinkStatus(
    name="mqtt", since=NOW.plus(-7200), waiting=0, oldest_alert_at=None, refused=0, taken=9
)


def test_a_broker_and_a_database_that_take_everything_are_fine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert show(tmp_path, replace(status(DEVICE), sinks=(BROKER,))) == 0
    out = capsys.readouterr().out
    assert out.startswith("gw-01: all is well")
    assert "accepts entries (for 7200 s)" in " ".join(out.replace("│", " ").split())


@pytest.mark.parametrize(
    ("sink", "words"),
    [
        (replace(BROKER, fault="no one there", since=NOW.plus(-90)), "mqtt: no one there (for 90"),
        (replace(BROKER, oldest_alert_at=NOW.plus(-10)), "mqtt: an alert has waited for 10 s"),
        (
            replace(BROKER, fault="away", oldest_alert_at=NOW.plus(-1)),
            "mqtt: an alert has waited for 1 s",
        ),
        (
            replace(BROKER, refused=3, refused_reason="too [large]"),
            "3 entries refused and set aside (`crswatch sinks list`), the newest: too [large]",
        ),
    ],
)
def test_a_sink_in_trouble_is_named_first_and_in_the_exit_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sink: SinkStatus, words: str
) -> None:
    assert show(tmp_path, replace(status(DEVICE), sinks=(sink,))) == 1
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "gw-01: NOT well:"
    assert any(words in line for line in others[:2])


def test_an_alert_on_its_way_is_no_trouble(tmp_path: Path) -> None:
    sink = replace(BROKER, oldest_alert_at=NOW.plus(-9.9))
    assert show(tmp_path, replace(status(DEVICE), sinks=(sink,))) == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.STOPPED, "the agent does not run: it stopped as requested"),
        (RunState.STOPPING, "the agent began to stop"),
    ],
)
def test_an_agent_that_stops_is_not_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], state: RunState, words: str
) -> None:
    assert show(tmp_path, replace(status(DEVICE), state=state)) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert words in shown.out.splitlines()[1]


def test_a_process_that_was_killed_is_not_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        key = process_key(process.pid)
        assert key
        said = replace(status(DEVICE), pid=process.pid, process_key=key)
        assert show(tmp_path, said) == 0
        assert not has_ended(said)
        assert has_ended(replace(said, process_key=f"{key}1"))  # a later process of that number
        assert not has_ended(replace(said, process_key=f"elsewhere {key}"))
        process.kill()
    assert show(tmp_path, said, "--json") == 1
    shown = capsys.readouterr()
    assert "ended unexpectedly" in shown.err
    assert json.loads(shown.out.splitlines()[-1])["state"] == "gone"


def test_a_process_that_runs_and_is_silent_is_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = replace(status(DEVICE), pid=os.getpid(), process_key=process_key(os.getpid()))
    assert show(tmp_path, said, age_s=31.0) == 1
    assert "runs, but its last status is from 31 s ago" in capsys.readouterr().err


def test_on_a_full_disk_the_status_is_left_in_memory(tmp_path: Path) -> None:
    journal = tmp_path / "full" / "journal.db"
    paths = status_paths(journal)
    file = StatusFile(paths)
    with pytest.raises(OSError, match="full"):
        newest_status(paths)
    file.write(b'{"gateway_id":1}')
    try:
        assert newest_status(paths)[0] == b'{"gateway_id":1}'
        journal.parent.mkdir()
        file.write(b'{"gateway_id":2}')
        assert newest_status(paths)[0] == b'{"gateway_id":2}'
        assert not paths[1].exists()
    finally:
        paths[1].unlink(missing_ok=True)


def test_of_two_states_the_newer_is_shown(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for path, age_s in ((old, 60.0), (new, 1.0)):
        path.write_text(path.name)
        os.utime(path, (0, time.time() - age_s))
    assert newest_status([old, new])[0] == b"new"
    assert newest_status([new, old])[0] == b"new"
    new.unlink()
    new.symlink_to(old)
    with pytest.raises(OSError, match="nowhere"):  # a link in memory is not followed
        newest_status([tmp_path / "nowhere", new])


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
    file = StatusFile((path, tmp_path / "spare"), lambda: now_s[0])
    file.write(b"1")
    now_s[0] = 10.0
    file.write(b"2")
    assert len(caplog.records) == 1
    path.parent.mkdir()
    now_s[0] = 20.0
    file.write(b"3")
    now_s[0] = 24.0
    assert not file.is_due()
    now_s[0] = 25.0
    assert file.is_due()
    assert path.read_bytes() == b"3"


def test_a_file_of_another_program_is_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode_status(status(DEVICE))
    for name in ("a.json", "b.json.new"):
        (tmp_path / name).write_bytes(b'{"mine": 1}')
        StatusFile((tmp_path / name.removesuffix(".new"), tmp_path / "spare")).write(body)
        assert (tmp_path / name).read_bytes() == b'{"mine": 1}'
    assert "no status of an agent" in caplog.text
    for rest in (b"", bytes(300), body[:40]):
        (tmp_path / "c.json").write_bytes(rest)
        StatusFile((tmp_path / "c.json", tmp_path / "spare")).write(body)
        assert (tmp_path / "c.json").read_bytes() == body
    assert body.startswith(STATUS_BEGIN)
    assert status_path(tmp_path / "j.db") == tmp_path / f"j.db{STATUS_SUFFIX}"


def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.json.new")  # opened for writing, it waits for somebody who reads
    now_s = [0.0]
    file = StatusFile((tmp_path / "s.json", tmp_path / "spare"), lambda: now_s[0])
    for second in (0.0, 10.0, 20.0):
        now_s[0] = second
        file.write(b"1")
    assert (tmp_path / "spare").read_bytes() == b"1"
    assert (tmp_path / "s.json.new").read_bytes() == b"1"
