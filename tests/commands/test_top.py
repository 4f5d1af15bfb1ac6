"""`crswatch top` in a real terminal: it fits, answers, and never looks live without contact."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from tests.support.gateways import write_config
from tests.support.terminals import WAIT_S, terminal
from tests.support.troubled_wards import troubled_ward

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_config(tmp_path, "/dev/null")


def words_of(config: Path) -> tuple[str, ...]:
    return ("top", "--language", "en", "--config", str(config))


def test_one_picture_is_printed_without_a_terminal(
    config: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    with troubled_ward(config):
        assert main([*words_of(config), "--once"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert main([*words_of(config)]) == 2
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    assert any(line.startswith(" BED 7    HIGH") for line in lines)
    assert "--once: is missing; without it the board needs a terminal" in capsys.readouterr().err


def test_the_board_fills_a_terminal_and_leaves_it_as_it_was(config: Path) -> None:
    with troubled_ward(config), terminal(*words_of(config)) as shown:
        shown.wait_for("a answer   q quit")
        assert " BED 7    HIGH" in shown.plain()
        assert not shown.is_cooked()
        shown.press("q")
        assert shown.program.wait(WAIT_S) == 0
        shown.drain()
        assert shown.raw.count("\x1b[?1049h") == shown.raw.count("\x1b[?1049l") == 1
        assert shown.is_cooked()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_board_and_leaves_the_terminal_as_it_was(
    config: Path, number: signal.Signals
) -> None:
    with troubled_ward(config), terminal(*words_of(config)) as shown:
        shown.wait_for("a answer   q quit")
        shown.program.send_signal(number)
        assert shown.program.wait(WAIT_S) == 0
        shown.drain()
        assert shown.is_cooked()


def test_without_its_agent_the_board_says_so_and_shows_no_value(config: Path) -> None:
    with terminal(*words_of(config)) as shown:
        shown.wait_for("no agent of this configuration runs on this machine")
        assert shown.program.wait(WAIT_S) == 2
    with troubled_ward(config) as ward, terminal(*words_of(config)) as shown:
        assert "86!" in shown.wait_for("a answer   q quit")
        ward.agent.stop()
        shown.wait_for("NO CONTACT since")
        picture = shown.wait_for("a answer   q quit")
        assert "86!" not in picture
        assert "HIGH" in picture
