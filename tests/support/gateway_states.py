"""States of a gateway, and what `crswatch status` shows of them."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from edge_agent.__main__ import main
from edge_agent.gateway.status_file import GatewayStatus, encode_status, status_path
from edge_agent.model.bed_events import ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus, Rejections
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


def status(*devices: DeviceStatus, fault: str = "", lost: int = 0) -> GatewayStatus:
    return GatewayStatus("gw-01", "0.1.0", START, NOW, 0, fault, 2, lost, devices)


def show(folder: Path, said: GatewayStatus | None, *more: str, age_s: float = 0.0) -> int:
    config = write_config(folder, "/dev/null")
    path = status_path(folder / "journal.db")
    if said is not None:
        path.write_bytes(encode_status(said))
        os.utime(path, (0, time.time() - age_s))
    return main(["status", "--config", str(config), *more])
