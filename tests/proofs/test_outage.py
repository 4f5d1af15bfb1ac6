"""The database is away for a minute in mid-stream; then it has every journalled vital once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from tests.support.gateways import BED, write_config
from tests.support.influxd import Influxd, running_influxd
from tests.support.shared_data import shared_data
from tests.support.stored import differences

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.proof, pytest.mark.pty]

OUTAGE_S = 60.0


def stop_for_a_minute(server: Influxd) -> None:
    pause = threading.Event()
    while not server.query("SELECT count(value) FROM vitals"):
        pause.wait(0.2)
    server.stop()
    pause.wait(OUTAGE_S)
    server.start()


def test_a_minute_without_the_database_loses_nothing(tmp_path: Path) -> None:
    recording = shared_data("captures/intellivue_mp90/1B_spo2_low.bin")
    with running_influxd(tmp_path / "influx") as server:
        server.query("CREATE DATABASE ward")
        config = write_config(tmp_path, "/dev/null", influx_url=server.url)
        breaker = threading.Thread(target=stop_for_a_minute, args=(server,))
        breaker.start()
        arguments = ["replay", "--driver", "philips_intellivue", "--bed", BED]
        assert main([*arguments, "--config", str(config), "--speed", "2.5", str(recording)]) == 0
        breaker.join()
        assert differences(server, tmp_path / "journal.db") == []
