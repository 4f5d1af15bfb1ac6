"""The feed of a ward's board, with a real broker that does not let it say everything."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.board.feed import BoardFeed
from edge_agent.board.ward_state import WardPlace
from edge_agent.config.gateway_file import MqttSection
from edge_agent.ward_client.ward_feed import WardFeed
from tests.support.brokers import WAIT_S, Watcher, mosquitto

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker


def test_a_broker_that_refuses_a_report_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic read #\ntopic write crswatch/v1/site/ward/bed-1/ack\n")
    acl.chmod(0o644)
    with mosquitto(tmp_path, "allow_anonymous true", f"acl_file {acl}") as broker:
        section = MqttSection(host="127.0.0.1", port=broker.port)
        place = WardPlace("site", "ward", "UTC")
        feed = WardFeed(section, place, "crswatch-board-b", BoardFeed())
        assert not feed.send("crswatch/v1/site/ward/_board/b/screens", b"{}")
        answers = Watcher(broker.port, "crswatch/v1/site/ward/bed-1/ack")
        with caplog.at_level(logging.ERROR):
            feed.start()
            pace = threading.Event()
            for _ in range(int(WAIT_S * 50)):
                if feed.send("crswatch/v1/site/ward/_board/b/screens", b"{}"):
                    break
                pace.wait(0.02)
            assert feed.send("crswatch/v1/site/ward/_board/b/screens", b"{}")
            assert feed.publish("bed-1", "ack", b"{}")
            assert answers.next().payload == b"{}"
            while feed._client is not None and feed._client._out_messages:
                pace.wait(0.02)
            feed.stop()
        answers.close()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "refused a message: Not authorized" in caplog.text
