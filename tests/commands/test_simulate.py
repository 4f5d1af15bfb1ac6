"""`crswatch simulate`: wards of a file or of options, and the files it writes."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.config.gateway_file import load_config
from simulators.wards.ward_file import example_ward, parse_ward

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.pty]
WARD = """
speed = 100
connect = "127.0.0.1:9"
[[bed]]
id = "bed-01"
monitor = "ascii_line:suretemp_like"
scenario = "baseline"
[[bed.fault]]
kind = "stall"
at = "1 s"
for = "1 min"
[[bed]]
id = "bed-02"
monitor = "hl7_oru:intellibridge"
cohort = "tune"
patient = 2
"""


@pytest.fixture(autouse=True)
def _own_signal_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ward_file(folder: Path, text: str = WARD) -> str:
    path = folder / "ward.toml"
    path.write_text(text)
    return str(path)


def test_the_example_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--example"]) == 0
    printed = capsys.readouterr().out
    assert printed == example_ward()
    assert parse_ward(printed, "example.toml", Path()).beds


def test_a_ward_runs_for_its_time_and_tells_its_beds_and_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = tmp_path / "faults.jsonl"
    arguments = ["simulate", ward_file(tmp_path), "--for", "30 s", "--truth", str(truth)]
    assert main(arguments) == 0
    first, second, clock = capsys.readouterr().out.splitlines()
    bed, port, patient, monitor = first.split()
    assert (bed, patient, monitor) == ("bed-01", "baseline", "ascii_line:suretemp_like")
    assert port.endswith("/bed-01")
    assert not Path(port).parent.exists()
    assert second == "bed-02 127.0.0.1:9 tune#2 hl7_oru:intellibridge"
    assert clock.endswith(":100.0")
    (fault,) = [json.loads(line) for line in truth.read_text().splitlines()]
    assert (fault["bed"], fault["fault"], fault["from_s"]) == ("bed-01", "stall", 1.0)


def test_the_written_configuration_watches_every_bed_as_its_monitor_is(tmp_path: Path) -> None:
    gateway = tmp_path / "gateway.toml"
    arguments = ["simulate", ward_file(tmp_path), "--for", "1 s", "--gateway", str(gateway)]
    assert main(arguments) == 0
    config = load_config(gateway)
    thermometer, monitor = config.beds
    assert config.journal.path == tmp_path / "gateway.db"
    assert (thermometer.driver, thermometer.profile) == ("ascii_line", "suretemp_like")
    assert thermometer.required_signals == ("temperature",)
    assert (monitor.port, monitor.origin) == ("mllp://127.0.0.1:9", "bed-02&0&0")
    assert len(monitor.required_signals) == 4


@pytest.mark.parametrize("option", ["--gateway", "--truth"])
def test_a_file_of_somebody_else_is_refused_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("mine")
    assert main(["simulate", ward_file(tmp_path), "--for", "1 s", option, str(theirs)]) == 2
    assert theirs.read_text() == "mine"
    assert main(["simulate", ward_file(tmp_path), "--for", "1 s", option, str(tmp_path)]) == 2
    assert "which simulate has not written" in capsys.readouterr().err
    ours = tmp_path / "ours"
    for _ in range(2):
        assert main(["simulate", ward_file(tmp_path), "--for", "30 s", option, str(ours)]) == 0
    assert ours.read_text()


def test_the_speed_of_the_command_is_before_that_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", ward_file(tmp_path), "--for", "1 s", "--speed", "200"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(":200.0")


def test_two_dialects_at_one_address_are_refused_in_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monitors = ["--monitor", "hl7_oru:comen_nc5", "--monitor", "hl7_oru:edan_ehc"]
    gateway = tmp_path / "gateway.toml"
    arguments = ["simulate", "--beds", "2", *monitors, "--gateway", str(gateway)]
    assert main(arguments) == 2
    assert "beds.1.profile" in capsys.readouterr().err
    assert not gateway.exists()


def test_a_file_and_options_that_make_a_ward_do_not_mix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", ward_file(tmp_path), "--beds", "2", "--seed", "3"]) == 2
    told = capsys.readouterr().err
    assert "--beds" in told
    assert "--seed" in told


def test_every_mistake_of_a_ward_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = WARD.replace('"stall"', '"stal"').replace("patient = 2", "patient = -2")
    assert main(["simulate", ward_file(tmp_path, text)]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all("ward.toml: bed[" in line for line in told)


@pytest.mark.parametrize(
    "arguments", [["--for", "soon"], ["--for", "0 s"], ["--connect", "nowhere"]]
)
def test_what_cannot_be_understood_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["simulate", *arguments])
    assert caught.value.code == 2
    assert "want" in capsys.readouterr().err
