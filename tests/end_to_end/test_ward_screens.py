"""Screens of a ward's board in another process, and the gateways that hear of them."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import system_clock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.commands.test_board import PREFIX, serving
from tests.support.brokers import WAIT_S, Watcher, mosquitto, watcher
from tests.support.people_ward import WARD
from tests.support.served_board import Screen, requested
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.broker

CONFIG = """
[gateway]
id = "gw-1"
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
id = "bed-01"
port = "/dev/null"
driver = "masimo_ascii"
"""
BED = "/api/beds/bed-01"


@contextmanager
def gateway(folder: Path, broker: int, phones: int) -> Iterator[Agent]:
    """Run an agent whose one port sends nothing."""
    (folder / "ward.toml").write_text(WARD)
    text = CONFIG.format(broker=broker, phones=phones)
    config = parse_config(text, source="gateway.toml", folder=folder)
    agent = Agent(config, read_rulebook(None), system_clock(), lambda *_: [])
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


def post(port: int, path: str, **fields: object) -> None:
    csrf = requested(port, "GET", "/api/me").content["csrf"]
    body = json.dumps(fields).encode()
    assert requested(port, "POST", path, body, {"X-CSRF-Token": csrf}).status == 202


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
        begun_s = time.monotonic()
        raised = until(ward, "bed-01/alerts/system.escalation", "state", "raised")
        assert "screen" in json.dumps(raised)
        assert time.monotonic() - begun_s < WAIT_S


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
