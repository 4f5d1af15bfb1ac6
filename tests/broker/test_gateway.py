"""A whole gateway on a broker with the written setup: nothing that it needs is refused."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from tests.commands.test_context import Ward, elsewhere, ready, running
from tests.support.broker_setups import WARD, BrokerSetup, Member
from tests.support.brokers import WAIT_S
from tests.support.gateways import BED, write_config
from tests.support.mqtt_words import wait_for_words

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.gateway.agent import Agent

pytestmark = pytest.mark.broker


def configuration(setup: BrokerSetup) -> Path:
    """Return the path of a gateway.toml beside the certificate of gw-01."""
    folder = setup.client("gw-01")
    path = write_config(folder, "/dev/null")
    path.write_text(path.read_text() + (folder / "mqtt.toml").read_text())
    return path


def test_a_gateway_publishes_hears_answers_and_enters_facts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = BrokerSetup(tmp_path)
    path = configuration(setup)
    ca = setup.out / "broker" / "ca.pem"
    with setup.running(), Member(setup.port, setup.client("board-01"), ca) as board:
        board.subscribe(f"{WARD}/{BED}/+")
        with running(path) as agent:
            ready(agent)
            assert f"{WARD}/{BED}/status" in board.topics_until(f"{WARD}/{BED}/status")
            board.publish(f"{WARD}/{BED}/ack", b"no answer")
            board.topics_until(f"{WARD}/{BED}/events")  # says that the answer cannot be read
            Ward(elsewhere(path), capsys).entered("cooling")
            assert agent.drain(WAIT_S)
            assert agent._mqtt is not None
            assert agent._mqtt.fault() == ""
    assert main(["sinks", "list", "--config", str(path)]) == 0, capsys.readouterr().out


def test_a_gateway_to_which_no_answer_can_come_says_so_in_its_log_and_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    setup = BrokerSetup(tmp_path)
    acl = setup.out / "broker" / "mosquitto.acl"
    allowed = f"topic readwrite {WARD}/{BED}/ack"
    assert allowed in acl.read_text()
    acl.write_text(acl.read_text().replace(allowed, allowed.replace("readwrite", "write")))
    path = configuration(setup)
    words = f"answers to alerts cannot arrive: the broker delivers nothing on {WARD}/{BED}/ack"
    with setup.running(), running(path) as agent:
        assert agent._mqtt is not None
        wait_for_words(agent._mqtt, words)
        assert shown_in_time(agent, path, words, capsys)
    assert any(words in record.getMessage() for record in caplog.records)


def shown_in_time(agent: Agent, path: Path, words: str, capsys: pytest.CaptureFixture[str]) -> bool:
    """Return True once `crswatch status` finds this wrong."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 5)):
        agent.supervise()
        status = main(["status", "--config", str(path)])
        said = " ".join(capsys.readouterr().out.split())
        if status == 1 and words in said:
            return True
        pace.wait(0.2)
    return False
