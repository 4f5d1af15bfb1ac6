"""The demonstration, whole: simulated monitors, agent, embedded broker, subscriber."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.mark.untraced
def test_the_demo_ends_when_its_alert_came_back_through_the_broker(
    capfd: pytest.CaptureFixture[str],
) -> None:
    # The limit only keeps a broken demonstration from running for ever.
    assert main(["demo", "--until-alert", "--for", "900"]) == 0
    out = " ".join(capfd.readouterr().out.split())
    assert 'The alert came back through MQTT: bed-04, "Pattern compatible with CRS' in out
    assert "4 beds" in out


@pytest.mark.untraced
def test_the_demo_says_so_when_time_ran_out(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--until-alert", "--for", "3"]) == 1
    assert "alert came in time" in " ".join(capfd.readouterr().out.split())


def test_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edge_agent", "demo", "--for", "2"]
    elsewhere = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, env=elsewhere, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "2 s here were" in done.stdout
    assert list(tmp_path.iterdir()) == []
