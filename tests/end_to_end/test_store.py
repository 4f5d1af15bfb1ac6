"""Every journalled vital of a replay is in the real database once, with its value and times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from tests.support.gateways import BED, write_config
from tests.support.influxd import running_influxd
from tests.support.shared_data import shared_data
from tests.support.stored import differences

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty


@pytest.mark.untraced
def test_a_replay_is_stored_whole_and_once(tmp_path: Path) -> None:
    recording = shared_data("captures/intellivue_mp90/1B_spo2_low.bin")
    with running_influxd(tmp_path / "influx") as server:
        server.query("CREATE DATABASE ward")
        config = write_config(tmp_path, "/dev/null", influx_url=server.url)
        arguments = ["replay", "--driver", "philips_intellivue", "--bed", BED]
        assert main([*arguments, "--config", str(config), "--speed", "40", str(recording)]) == 0
        assert differences(server, tmp_path / "journal.db") == []
