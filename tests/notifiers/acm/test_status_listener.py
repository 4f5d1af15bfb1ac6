"""Reports of status at an address of their own."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.calls import ReceiptFact
from edge_agent.model.clock import ScaledClock
from edge_agent.notifiers.acm.status_listener import _Conversation
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from tests.notifiers.acm.loop import OWN, Loop
from tests.notifiers.case import PLACE
from tests.support.alert_manager import BEGIN, END, status
from tests.support.brokers import WAIT_S, free_port
from tests.support.notices import AT, a_notice, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def listening(loop: Loop, port: int) -> Iterator[Loop]:
    """Give a way that listens at an address of its own for reports of status."""
    config = AcmConfig(
        "pager", "127.0.0.1", loop.manager.port, PLACE, listen=f"mllp://127.0.0.1:{port}"
    )
    way = AcmWay(config, loop.heard.events(), ScaledClock(lambda: loop.heard.now, AT))
    way.beat(AT)
    wait_for(lambda: way._listener.bound_port == port)
    try:
        yield Loop(loop.manager, loop.heard, way)
    finally:
        way.close()


def test_a_status_may_come_over_a_connection_of_its_own(listening: Loop, port: int) -> None:
    alert = listening.sent()
    with closing(socket.create_connection(("127.0.0.1", port), WAIT_S)) as line:
        line.sendall(b"noise" + END + status(alert, "Accepted", "nurse-9", head=OWN))
        assert b"MSA|AA|S1" in line.recv(4096)
    assert listening.heard.next_answer().by == "nurse-9"


def conversations(way: AcmWay) -> list[_Conversation]:
    source = way._listener._source
    assert source is not None
    found = [connection.conversation for connection in source._connections]
    return [one for one in found if isinstance(one, _Conversation)]


def test_what_is_no_message_there_breaks_nothing(listening: Loop, port: int) -> None:
    alert = listening.sent()
    with closing(socket.create_connection(("127.0.0.1", port), WAIT_S)) as line:
        line.sendall(BEGIN + b"MSHx" + END + status(alert, "Delivered", head=OWN))
        assert listening.heard.next().fact is ReceiptFact.DELIVERED
        assert b"MSA|AA|S1" in line.recv(4096)
        line.sendall(BEGIN + b"MSH|^~")  # a message that is never finished
        wait_for(lambda: any(len(c._scanner) for c in conversations(listening.way)))
        listening.heard.now = listening.heard.now.plus(60.0)
        wait_for(lambda: not any(len(c._scanner) for c in conversations(listening.way)))
        line.sendall(status(alert, "Read", head=OWN))
        assert listening.heard.next().fact is ReceiptFact.SEEN


def test_a_busy_address_to_listen_at_stops_no_alert(loop: Loop, port: int) -> None:
    with closing(socket.create_server(("127.0.0.1", port))):
        config = AcmConfig(
            "pager", "127.0.0.1", loop.manager.port, PLACE, listen=f"mllp://127.0.0.1:{port}"
        )
        way = AcmWay(config, loop.heard.events(), ScaledClock(lambda: AT, AT))
        way.notify(a_notice(1))
        way.close()
    assert loop.manager.next().field("OBR", 3)
