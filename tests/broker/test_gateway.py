"""A whole gateway on a broker with the written setup: nothing that it needs is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from tests.commands.test_context import Ward, elsewhere, ready, running
from tests.support.broker_setups import WARD, BrokerSetup, Member
from tests.support.brokers import WAIT_S
from tests.support.gateways import BED, write_config

if TYPE_CHECKING:
    from pathlib import Path

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
