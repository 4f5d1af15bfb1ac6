"""The demonstration, whole: simulated monitors, agent, embedded broker, subscriber."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.mark.untraced
def test_the_demo_tells_its_story_and_ends_when_its_alert_came_back_through_the_broker(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # The limit only keeps a broken demonstration from running for ever.
    assert main(["demo", "--until-alert", "--for", "900", "--language", "en"]) == 0
    lines = capfd.readouterr().out.splitlines()
    out = " ".join(" ".join(lines).split())
    assert 'The alert came back through MQTT: bed-04, "CRS or infection' in out
    assert "8 beds" in out
    assert "an entry was refused" not in out
    told = [re.sub(r"^\S+ +", "", line) for line in lines]
    for begin in (
        "BED 2  MED  Fever",
        "BED 3  LOW sig  SpO2",
        "BED 4  MED  Fever",
        "BED 4  HIGH  CRS or infection",
        "BED 5  MED  Fever",
    ):
        assert any(line.startswith(begin) for line in told), begin
    # On a busy machine a link may be lost for a moment; no patient is ever taken for ill.
    ill = {line.split()[1] for line in told if re.match(r"BED \d+  (HIGH|MED|LOW)  ", line)}
    assert ill == {"2", "4", "5"}


@pytest.mark.untraced
def test_the_demo_says_so_when_time_ran_out(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--until-alert", "--for", "3"]) == 1
    assert "alert came in time" in " ".join(capfd.readouterr().out.split())


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge_agent", "demo", "--for", "2"]
    elsewhere = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "s here were" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge_agent", "demo"]
    elsewhere = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=elsewhere, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stdout is not None
        demo.stdout.readline()
        demo.send_signal(signal.SIGTERM)
        assert "s here were" in demo.stdout.read()
        assert demo.wait(60) == 0
    assert list(tmp_path.iterdir()) == []
