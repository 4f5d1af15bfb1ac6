"""`crswatch status`: what a gateway said of itself last."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.status_file import SinkStatus, decode_status, encode_status
from edge_agent.model.device_status import ClockStep, Rejections
from edge_agent.model.session_events import LinkState
from tests.support.gateway_states import DEVICE, NOW, show, status
from tests.support.gateways import BED

if TYPE_CHECKING:
    from pathlib import Path


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
        (replace(status(DEVICE), audit_fault="3 acts are lost"), "audit trail: 3 acts are lost"),
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
