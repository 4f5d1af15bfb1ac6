"""Alerts read, acknowledged and answered by an alert manager written in another language."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_agent.model.answers import AnswerKind
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.clock import ScaledClock
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from tests.notifiers.case import PLACE
from tests.support.brokers import WAIT_S, free_port
from tests.support.notices import AT, AWKWARD, UUID, Heard, a_notice, wait_for
from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).parents[2] / "support" / "alert_manager.mjs"


class Peer:
    """The other program, and what it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port: int = self.next()["port"]

    def next(self) -> dict[str, Any]:
        """Return what it prints next."""
        assert self.process.stdout is not None
        found = json.loads(self.process.stdout.readline())
        assert isinstance(found, dict)
        return found


@contextmanager
def alert_manager(*manner: str) -> Iterator[Peer]:
    node = system_binary("node", "nodejs")
    command = [node, str(SCRIPT), *manner]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    ender = threading.Timer(WAIT_S, process.kill)
    ender.start()
    try:
        yield Peer(process)
    finally:
        ender.cancel()
        process.kill()
        process.wait(WAIT_S)
        assert process.stdout is not None
        process.stdout.close()


@contextmanager
def way_to(peer: Peer, heard: Heard, listen: str = "") -> Iterator[AcmWay]:
    config = AcmConfig("pager", "127.0.0.1", peer.port, PLACE, listen=listen)
    way = AcmWay(config, heard.events(), ScaledClock(lambda: heard.now, AT))
    try:
        yield way
    finally:
        way.close()


def test_the_other_program_understands_every_part_of_an_alert() -> None:
    with alert_manager("acknowledge") as peer, way_to(peer, Heard()) as way:
        way.notify(a_notice(1, headline=f"HIGH {AWKWARD}"))
        way.notify(a_notice(2))
        first, second = peer.next(), peer.next()
    assert first["kind"] == "ORU^R40^ORU_R40"
    assert (first["version"], first["charset"]) == ("2.6", "UNICODE UTF-8")
    assert (first["accept"], first["application"]) == ("AL", "NE")
    assert first["profile"] == "IHE_PCD_ACM_001"
    assert first["filler"][:2] == ["0", UUID]
    assert first["parent"] is None
    assert second["filler"][:2] == ["1", UUID]
    assert second["parent"][:2] == ["0", UUID]
    assert (first["bed"], first["person"]) == ("bed-1", "nurse-7")
    assert first["patient"] == ['PID|||""^^^^U||^^^^^^U']
    assert first["rows"] == {
        "196616": f"HIGH {AWKWARD}".replace("\r\n", " ").replace("\t", " "),
        "68480": "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC",
        "68481": "start",
        "68482": "active",
        "68483": "enabled",
        "68484": "PH",
        "68485": "SP",
        "68546": "BP 72/42 at 04:26, HR 147, SpO2 88 %, T 39.2 °C",
    }


def test_its_heartbeat_is_acknowledged() -> None:
    with alert_manager("acknowledge") as peer, way_to(peer, Heard()) as way:
        way.beat(AT)
        beat = peer.next()
    assert beat["rows"]["67860"] == "5"
    assert beat["rows"]["68484"] == "PN"
    assert "258047" in beat["rows"]


def test_a_status_over_the_same_connection_closes_the_loop() -> None:
    heard = Heard()
    with alert_manager("report") as peer, way_to(peer, heard) as way:
        way.notify(a_notice(1))
        answer = heard.next_answer()
        assert (answer.kind, answer.by) == (AnswerKind.ACKNOWLEDGE, "nurse-7")
        assert answer.seen == a_notice(1).seen
        receipt = heard.next()
        assert (receipt.notice_id, receipt.fact) == ("n-1", ReceiptFact.ACCEPTED)
        assert receipt.by == "nurse-7"
        peer.next()
        assert peer.next() == {"acknowledged": "MSA|CA|S1"}


def test_a_status_that_is_the_answer_itself_closes_the_loop() -> None:
    heard = Heard()
    with alert_manager("answer") as peer, way_to(peer, heard) as way:
        way.notify(a_notice(1))
        receipt = heard.next()
        assert (receipt.fact, receipt.by) == (ReceiptFact.DELIVERED, "nurse-7")


def test_a_status_over_a_connection_of_its_own_closes_the_loop() -> None:
    heard, port = Heard(), free_port()
    with (
        alert_manager("call", "127.0.0.1", str(port)) as peer,
        way_to(peer, heard, f"mllp://127.0.0.1:{port}") as way,
    ):
        way.beat(AT)  # it listens from the first heartbeat on
        wait_for(lambda: way._listener.bound_port == port)
        way.notify(a_notice(1))
        receipt = heard.next()
        assert (receipt.fact, receipt.by) == (ReceiptFact.SEEN, "nurse-7")
        peer.next()
        peer.next()
        assert peer.next() == {"acknowledged": "MSA|CA|S1"}
