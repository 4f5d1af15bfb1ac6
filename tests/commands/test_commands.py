"""The command line: what it prints, and that its exit status says how it went."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import COMMANDS, main
from edge_agent.commands.example_config import EXAMPLE
from tests.support.gateways import opened, write_config
from tests.support.rule_words import write_words

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN = "tests/drivers/philips_intellivue/golden"


def test_the_example_configuration_passes_its_own_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["example-config"]) == 0
    assert capsys.readouterr().out == EXAMPLE
    path = tmp_path / "gateway.toml"
    path.write_text(EXAMPLE)
    assert main(["check-config", str(path)]) == 0
    assert "fine, 1 warning. Ward hospital/cart-1, 1 beds" in capsys.readouterr().out


def test_a_wrong_configuration_lists_every_mistake_and_exits_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(EXAMPLE.replace('"gw-01"', '"gw 01"').replace("72", "-72"))
    assert main(["check-config", str(path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(str(path)) for line in lines)


def test_addresses_that_no_port_can_have_are_mistakes_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config(tmp_path, "usb:nonsense")
    more = '[[beds]]\nid = "bed-99"\nport = "mllp://nowhere"\ndriver = "hl7_oru"\norigin = "x"\n'
    path.write_text(path.read_text() + more)
    assert main(["check-config", str(path)]) == 2
    said = capsys.readouterr().err
    assert "beds.0.port: is 'usb:nonsense'; want usb:VENDOR" in said
    assert "beds.1.port: is 'mllp://nowhere'; want mllp://HOST:PORT" in said


@pytest.mark.parametrize("command", [["check-config"], ["run", "--config"]])
def test_a_journal_path_that_names_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    path = write_config(tmp_path, "/dev/ttyUSB9")
    (tmp_path / "journal.db").write_text("my notes")
    assert main([*command, str(path)]) == 2
    assert "is no database; want a journal of crswatch" in capsys.readouterr().err
    assert (tmp_path / "journal.db").read_text() == "my notes"
    assert {p.name for p in tmp_path.iterdir()} == {"gateway.toml", "journal.db"}


def test_a_journal_path_that_no_file_can_have_is_refused_in_the_same_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config(tmp_path, "/dev/ttyUSB9")
    path.write_text(path.read_text().replace(str(tmp_path / "journal.db"), "/proc/x.db"))
    words = "/proc/x.db is in /proc, which holds no files of ours; want a folder on a disk"
    for command in (["check-config"], ["run", "--config"]):
        assert main([*command, str(path)]) == 2
        assert words in capsys.readouterr().err


def test_a_second_start_with_the_same_journal_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config(tmp_path, "/dev/ttyUSB9")
    with opened(tmp_path / "journal.db"):
        assert main(["run", "--config", str(path)]) == 1
        assert main(["check-config", str(path)]) == 0
    assert f"used by another agent (process {os.getpid()})" in capsys.readouterr().err
    assert not (tmp_path / "journal.db.status.json").exists()


RULE = """
[rule]
id = "test.fast"
version = 1
kind = "physiological"
priority = "low"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
all = [
  { CONDITION },
]
for_s = 0
clear_for_s = 0
""".replace(
    "CONDITION",
    'vital = "heart_rate", op = ">", value = 120, unit = "/min", at_least_s = 10, window_s = 60',
)
VECTORS = """
rule = "test.fast"
step_s = 10
series.heart_rate = "80 130 130"
expect = [{ at_s = 20, state = "STATE" }]
"""


@pytest.mark.parametrize(("state", "status"), [("raised", 0), ("none", 1)])
def test_vectors_that_differ_are_found(tmp_path: Path, state: str, status: int) -> None:
    (tmp_path / "fast.toml").write_text(RULE)
    write_words(tmp_path, "test.fast")
    (tmp_path / "fast.vectors.toml").write_text(VECTORS.replace("STATE", state))
    assert main(["check-rules", str(tmp_path)]) == status


def test_a_rule_without_vectors_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fast.toml").write_text(RULE)
    write_words(tmp_path, "test.fast")
    (tmp_path / "other.vectors.toml").write_text("rule = 3")
    assert main(["check-rules", str(tmp_path)]) == 1
    err = capsys.readouterr().err
    assert "test.fast: has no vectors file" in err
    assert "other.vectors.toml" in err


@pytest.mark.parametrize("text", [None, "[rule]\nid = 3", "[rule"])
def test_rule_files_that_are_wrong_exit_with_2(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "fast.toml").write_text(text)
    assert main(["check-rules", str(tmp_path)]) == 2


def test_the_drivers_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drivers"]) == 0
    assert "philips_intellivue" in capsys.readouterr().out


def test_what_is_no_frame_is_counted_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "line.bin"
    path.write_bytes(b"noise")
    assert main(["decode", "--driver", "philips_intellivue", str(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == "rel_ticks,handle,physio_id,state,unit,value\n"
    assert "discarded 5 bytes" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["decode", "--driver", "nobody", "line.bin"],
        ["decode", "--driver", "philips_intellivue", "no-such-file"],
        ["run", "--config", "no-such-file"],
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["nothing"], ["run", "--config", "f", "--clock", "1:2"], ["decode"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_every_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert len(capsys.readouterr().out) > 150


def test_decode_notes_what_is_not_read_without_giving_up_a_byte(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = tmp_path / "line.txt"
    line.write_text("25/12/26 08:00:00 SPO2=098% BPM=097 ALARM=0000 EXC=000000\r\n")
    assert main(["decode", "--driver", "masimo_ascii", str(line)]) == 0
    captured = capsys.readouterr()
    assert ",SPO2,150456,SPO2,98.0,%,0,valid" in captured.out
    assert captured.err == "note: the date is read with its day before its month\n"


def test_the_version_is_the_first_answer_to_support(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"crswatch {version('crswatch')} (Python 3.")
    assert sqlite3.sqlite_version in said


_LOADED = """
import sys
from edge_agent.__main__ import build_parser
build_parser({asked!r})
print(*sorted(sys.modules))
"""


def loaded(asked: str | None) -> set[str]:
    """Return the modules that a fresh interpreter loads for one command line."""
    code = _LOADED.format(asked=asked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_imports_no_subcommand() -> None:
    assert not [name for name in loaded(None) if name.startswith("edge_agent.commands.")]


def test_a_recorded_stay_is_read_without_the_simulators() -> None:
    tops = {".".join(name.split(".")[:2]) for name in loaded("detect")}
    assert "edge_agent.batch" in tops
    assert not tops & {"edge_agent.replay", "edge_agent.gateway", "edge_agent.sinks", "simulators"}


def test_a_gateway_loads_neither_simulators_nor_the_evaluation() -> None:
    tops = {".".join(name.split(".")[:2]) for name in loaded("run")}
    assert "edge_agent.commands" in tops
    assert not tops & {"edge_agent.evaluate", "edge_agent.recorded", "edge_agent.batch.detector"}
    assert not {name.split(".")[0] for name in tops} & {
        "simulators",
        "matplotlib",
        "polars",
        "rich",
    }
