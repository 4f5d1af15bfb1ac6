"""`crswatch alerts`: everything open on the ward, one line for each bed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.command_desk import CommandDesk
from tests.support.gateways import BED, write_config
from tests.support.troubled_wards import troubled_ward

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, "/dev/null")


@pytest.fixture
def desk(config: Path, capsys: pytest.CaptureFixture[str]) -> CommandDesk:
    return CommandDesk(config, capsys)


def test_an_open_problem_is_one_line_that_a_nurse_can_use(config: Path, desk: CommandDesk) -> None:
    with troubled_ward(config):
        status, text = desk.run("alerts")
    assert status == 1
    (line,) = text.splitlines()
    assert line.startswith("BED 7  HIGH  ")
    assert "SpO2 86 %" in line
    assert "  since " in line
    assert line.endswith("  [nobody yet]")
    assert "vital." not in line


def test_programs_read_the_open_problems_with_their_ids(config: Path, desk: CommandDesk) -> None:
    with troubled_ward(config):
        status, text = desk.run("alerts", "--json")
    assert status == 1
    (bed,) = json.loads(text)["beds"]
    assert bed["id"] == BED
    (sign,) = bed["problem"]["signs"]
    assert (sign["rule_id"], sign["n"] > 0, len(sign["alert_id"])) == (
        "vital.severe_hypoxia",
        True,
        36,
    )


def test_a_bed_that_nobody_watches_is_not_silence(config: Path, desk: CommandDesk) -> None:
    with troubled_ward(config, until_s=0):
        status, text = desk.run("alerts")
    assert (status, text) == (1, "BED 7  not assessed yet\n")


def test_a_quiet_ward_says_how_many_beds_are_watched(config: Path, desk: CommandDesk) -> None:
    with troubled_ward(config, until_s=0) as ward:
        ward.pass_seconds(60, spo2=97.0)
        status, text = desk.run("alerts")
    assert (status, text) == (0, "nothing is open; 1 of 1 watched\n")


def test_a_bed_without_a_patient_needs_nobody(config: Path, desk: CommandDesk) -> None:
    with troubled_ward(config, until_s=0) as ward:
        ward.pass_seconds(60, spo2=97.0)
        ward.discharge()
        status, text = desk.run("alerts")
    assert status == 0, text


def test_without_an_agent_and_a_broker_the_ward_cannot_be_seen(desk: CommandDesk) -> None:
    status, text = desk.run("alerts")
    assert status == 2
    assert text.startswith("crswatch: no agent of this configuration runs on this machine")
