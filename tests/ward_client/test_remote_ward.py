"""The ward of a broker, for people on another machine than the gateway."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import load_config
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.errors import LinkError
from edge_agent.payloads.alerts import alert_message
from edge_agent.ward_client import remote_ward
from edge_agent.ward_client.remote_ward import RemoteWard
from tests.commands.test_context import elsewhere, ready
from tests.support.brokers import Mosquitto, mosquitto, watcher
from tests.support.command_desk import CommandDesk
from tests.support.gateways import BED, SITE, WARD, write_config
from tests.support.samples import an_alert
from tests.support.troubled_wards import troubled_ward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

ROOT = f"crswatch/v1/{SITE}/{WARD}"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, broker: Mosquitto) -> Path:
    return write_config(tmp_path, "/dev/null", broker_port=broker.port)


@pytest.fixture
def desk(config: Path, capsys: pytest.CaptureFixture[str]) -> CommandDesk:
    """Return a person on another machine, which has no agent."""
    return CommandDesk(elsewhere(config), capsys)


def test_what_is_open_is_listed_and_answered_over_the_broker(
    config: Path, desk: CommandDesk
) -> None:
    with troubled_ward(config) as ward:
        ready(ward.agent)
        assert ward.agent.drain(20.0)
        status, text = desk.run("alerts")
        assert (status, text.startswith("BED 7  HIGH  ")) == (1, True), text
        status, text = desk.run("answer", "7", "--by", "N07")
        assert (status, text.startswith("answered: ")) == (0, True), text
        assert desk.run("alerts")[1].rstrip().splitlines()[0].endswith("]")
        status, text = desk.run("answer", "7", "--by", "N12")
        assert (status, "already answered by N07" in text) == (1, True), text


def test_an_answer_without_an_effect_is_no_success(
    config: Path, broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_ward, "_EFFECT_WAIT_S", 0.2)
    settings = load_config(config)
    assert settings.mqtt is not None
    answer = Answer(BED, AnswerKind.ACKNOWLEDGE, "N12", (SeenAlert("a", 1),), answer_id="x")
    with RemoteWard(settings, settings.mqtt) as ward, watcher(broker.port) as other:
        other.publish(f"{ROOT}/{BED}/alerts/crs.fever", b"no JSON", retain=True)
        with pytest.raises(LinkError, match=r"no effect was seen in 0.2 s"):
            ward.answer(answer)
        refused = {"event": "command_rejected", "bed_id": BED, "reason": "r", "at": ""}
        monkeypatch.setattr(remote_ward, "_EFFECT_WAIT_S", 20.0)

        def refuse() -> None:
            while not other.next("/ack").payload:
                pass
            of_another = replace(an_alert(), alert_id="a", bed_id=BED, answer_id="y")
            other.publish(f"{ROOT}/{BED}/alerts/x", alert_message(of_another, "gw-01"))
            for event in (refused | {"bed_id": "bed-9"}, refused | {"answer_id": "y"}, refused):
                other.publish(f"{ROOT}/{BED}/events", json.dumps(event).encode())

        thread = threading.Thread(target=refuse)
        thread.start()
        effect = ward.answer(answer)
        thread.join()
    assert [refusal.reason for refusal in effect.refused] == ["r"]
    assert effect.changed == ()


def test_a_gateway_that_was_lost_is_said(
    broker: Mosquitto, config: Path, desk: CommandDesk
) -> None:
    with troubled_ward(config) as ward:
        ready(ward.agent)
        assert ward.agent.drain(20.0)
        with watcher(broker.port) as other:
            gateway = json.dumps({"gateway_id": "gw-01", "state": "lost"}).encode()
            other.publish(f"{ROOT}/_gateway/gw-01", gateway, retain=True)
        status, text = desk.run("alerts")
    assert status == 1
    assert "gateway gw-01 lost since" in text


def test_a_broker_that_goes_away_is_said(config: Path, broker: Mosquitto) -> None:
    settings = load_config(config)
    assert settings.mqtt is not None
    with RemoteWard(settings, settings.mqtt) as ward:
        assert ward.snapshot().beds == ()
        broker.stop()
        with pytest.raises(LinkError, match="the broker is away"):
            look_until_it_fails(ward)


def look_until_it_fails(ward: RemoteWard) -> None:
    pace = threading.Event()
    while True:
        ward.snapshot()
        pace.wait(0.02)
