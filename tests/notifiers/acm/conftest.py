"""A loop with an alert manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.clock import ScaledClock
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from tests.notifiers.acm.loop import Loop
from tests.notifiers.case import PLACE
from tests.support.alert_manager import AlertManager
from tests.support.notices import AT, Heard

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def loop() -> Iterator[Loop]:
    manager, heard = AlertManager(), Heard()
    manager.start()
    config = AcmConfig("pager", "127.0.0.1", manager.port, PLACE, timeout_s=20.0)
    way = AcmWay(config, heard.events(), ScaledClock(lambda: heard.now, AT))
    try:
        yield Loop(manager, heard, way)
    finally:
        way.close()
        manager.stop()
