"""Reports of the ward's boards through a real broker: only where they are asked for, only live."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.mqtt_ward import ROOT, Ward, connected, deliver, readings_entry

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker


def test_live_reports_arrive_and_those_that_the_broker_kept_do_not(tmp_path: Path) -> None:
    hearing, deaf = Ward(), Ward()
    with mosquitto(tmp_path) as broker, watcher(broker.port) as board:
        board.publish(f"{ROOT}/_board/b-1/screens", b"old", retain=True)
        with (
            connected(broker.port, deaf, lambda c: replace(c, client_id="deaf")) as other,
            connected(broker.port, hearing, lambda c: replace(c, hears_screens=True)) as sink,
        ):
            deliver(other, readings_entry())
            deliver(sink, readings_entry())
            board.publish(f"{ROOT}/_board/b-1/screens", b"new")
            board.publish(f"{ROOT}/bed-1/ack", b'{"alert_id": "a-1", "by": "nurse 7"}')
            assert hearing.reports.get(timeout=WAIT_S) == ("b-1", b"new")
            deaf.answers.get(timeout=WAIT_S)
    assert deaf.reports.empty()
    assert hearing.reports.empty()
