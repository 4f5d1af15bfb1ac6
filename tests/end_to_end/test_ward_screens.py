"""Screens of a ward's board in another process, and the gateways that hear of them."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import system_clock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.commands.test_board import PREFIX, serving
from tests.support.brokers import Watcher, mosquitto, watcher
from tests.support.people_ward import WARD
from tests.support.served_board import Answered, Screen, requested
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.broker, pytest.mark.untraced]

CONFIG = """
[gateway]
id = "{name}"
site = "hospital"
ward = "ward-7"
[journal]
path = "journal.db"
[mqtt]
host = "127.0.0.1"
port = {broker}
[ward]
file = "ward.toml"
needs_screen = true
[[ways]]
name = "phones"
kind = "webhook"
url = "http://127.0.0.1:{phones}/calls"
[[beds]]
id = "{bed}"
port = "/dev/null"
driver = "masimo_ascii"
"""
BED = "/api/beds/bed-01"


@contextmanager
def gateway(
    folder: Path, broker: int, phones: int, name: str = "gw-1", bed: str = "bed-01"
) -> Iterator[Agent]:
    """Run an agent whose one port sends nothing."""
    (folder / "ward.toml").write_text(WARD.replace("bed-01", bed))
    text = CONFIG.format(broker=broker, phones=phones, name=name, bed=bed)
    config = parse_config(text, source="gateway.toml", folder=folder)
    agent = Agent(config, read_rulebook(None), system_clock(), lambda *_: [])
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def posted(port: int, path: str, **fields: object) -> Answered:
    csrf = requested(port, "GET", "/api/me").content["csrf"]
    body = json.dumps(fields).encode()
    return requested(port, "POST", path, body, {"X-CSRF-Token": csrf})


def post(port: int, path: str, **fields: object) -> None:
    assert posted(port, path, **fields).status == 202


def show(port: int, seq: int, name: str = "wall") -> None:
    """Let a screen report that it shows the bed, and that its sound runs."""
    fields = {"is_awake": True, "can_sound": True, "audio_time": float(seq), "shows": ["bed-01"]}
    post(port, "/api/screen", name=name, seq=seq, **fields)


def until(ward: Watcher, topic_end: str, key: str, value: object) -> dict[str, Any]:
    """Return the next message on a topic with a value."""
    while True:
        found = ward.next_json(topic_end)
        if found.get(key) == value:
            return found


def fact(ward: Watcher) -> tuple[str, str, str]:
    """Return the next fact about a problem on a board."""
    while True:
        found = until(ward, "bed-01/events", "event", "receipt")
        if found["way"] != "phones":
            return found["way"], found["fact"], found["by"]


def pass_time(agent: Agent, passed_s: float) -> None:
    """Let so much time have passed since everything that this gateway heard of screens."""
    screens = agent._nearby._ward_screens
    assert screens is not None
    screens._sounded_s -= passed_s
    for board in screens._boards.values():
        object.__setattr__(board, "at_s", board.at_s - passed_s)


@pytest.fixture
def phones() -> Iterator[WebReceiver]:
    receiver = WebReceiver()
    receiver.start()
    yield receiver
    receiver.stop()


def test_a_gateway_hears_of_screens_until_their_board_dies(
    tmp_path: Path, phones: WebReceiver
) -> None:
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path))
        ward = stack.enter_context(watcher(broker.port, f"{PREFIX}/#"))
        agent = stack.enter_context(gateway(tmp_path, broker.port, phones.port))
        with serving(tmp_path, broker.port) as port, Screen(port) as screen:
            screen.bed("bed-01", lambda bed: bed["gateway"] == "gw-1")
            pass_time(agent, 31.0)
            assert agent._nearby.screens() == []
            post(port, f"{BED}/test-alert", by="N12")
            screen.bed("bed-01", lambda bed: bed["problem"] and bed["problem"]["called"])
            show(port, 1)
            assert fact(ward) == ("screen:board-1/wall", "delivered", "")
            assert agent._nearby.screens() is None, "a screen can sound"
            post(port, f"{BED}/seen", by="N12")
            assert fact(ward) == ("board:board-1", "seen", "N12")
            screen.bed("bed-01", lambda bed: bed["problem"]["called"][0]["seen"])
        pass_time(agent, 31.0)
        assert agent._nearby.screens() == []
        raised = until(ward, "bed-01/alerts/system.escalation", "state", "raised")
        assert "screen" in json.dumps(raised)


def test_a_gateway_that_was_restarted_hears_of_every_board_again(
    tmp_path: Path, phones: WebReceiver
) -> None:
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path))
        ports = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            ports.append(stack.enter_context(serving(tmp_path / name, broker.port, f"b-{name}")))
        with gateway(tmp_path, broker.port, phones.port):
            with Screen(ports[0]) as screen:
                screen.bed("bed-01", lambda bed: bed["gateway"] == "gw-1")
            post(ports[0], f"{BED}/test-alert", by="N12")
            for port in ports:
                with Screen(port) as screen:
                    screen.bed("bed-01", lambda bed: bed["problem"])
        with (
            watcher(broker.port, f"{PREFIX}/#") as ward,
            gateway(tmp_path, broker.port, phones.port) as agent,
        ):
            pass_time(agent, 31.0)
            for port in ports:
                show(port, 1)
            facts = {fact(ward), fact(ward)}
            assert agent._nearby.screens() is None
    assert facts == {
        ("screen:b-one/wall", "delivered", ""),
        ("screen:b-two/wall", "delivered", ""),
    }


def test_a_refusal_is_said_at_the_board_and_other_gateways_refuse_nothing(
    tmp_path: Path, phones: WebReceiver
) -> None:
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path))
        port = stack.enter_context(serving(tmp_path, broker.port))
        for name, bed_id in (("gw-1", "bed-01"), ("gw-2", "bed-02")):
            folder = tmp_path / name
            folder.mkdir()
            stack.enter_context(gateway(folder, broker.port, phones.port, name, bed_id))
        with Screen(port) as screen:
            for bed_id in ("bed-01", "bed-02"):
                screen.bed(bed_id, lambda bed: bed["gateway"])
            post(port, f"{BED}/test-alert", by="N12")
            bed = screen.bed("bed-01", lambda bed: bed["problem"])
        seen = [{"alert_id": sign["alert_id"], "n": sign["n"]} for sign in bed["problem"]["signs"]]
        answer = {"kind": "acknowledge", "by": "N12"}
        post(port, f"{BED}/answer", answer_id="a-1", seen=seen, **answer)
        wrong = [{"alert_id": "no-such-alert", "n": 1}]
        refused = posted(port, f"{BED}/answer", answer_id="a-2", seen=wrong, **answer)
        assert refused.status == 409
        assert "no-such-alert" in refused.content["error"]["en"]
        entry = {"kind": "oxygen", "name": "hose", "entry_id": "e-1", "at_ms": 1, "by": "N12"}
        refused = posted(port, f"{BED}/entries", **entry)
        assert (refused.status, "entry 'e-1'" in refused.content["error"]["en"]) == (409, True)
