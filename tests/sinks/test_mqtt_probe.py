"""A gateway to which no command can come says so, whatever the broker said to its subscription."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.sinks.mqtt_probe import CommandProbe
from edge_agent.sinks.mqtt_sink import MqttSink
from tests.support.brokers import WAIT_S, mosquitto
from tests.support.mqtt_ward import ROOT, Ward, connected, deliver, readings_entry
from tests.support.mqtt_words import wait_for_words

ACK, CONTEXT = f"{ROOT}/bed-1/ack", f"{ROOT}/bed-1/context"
BOTH = (ACK, f"{ROOT}/bed-2/ack", CONTEXT, f"{ROOT}/bed-2/context")
_LIMITS = """
topic readwrite {root}/+/{wide}
topic {right} {root}/+/{narrow}
topic write {root}/+/vitals
topic readwrite {root}/_gateway/gw
"""
CASES = {"ack": ("answers to alerts", ACK), "context": ("entries about patients", CONTEXT)}


def limited(folder: Path, narrow: str, right: str) -> str:
    """Return the setting for an access list with less right on one kind of commands."""
    (wide,) = CASES.keys() - {narrow}
    acl = folder / "narrow.acl"
    acl.write_text(_LIMITS.format(root=ROOT, wide=wide, right=right, narrow=narrow))
    acl.chmod(0o644)
    return f"acl_file {acl}"


@pytest.mark.broker
@pytest.mark.parametrize("narrow", CASES)
def test_commands_that_the_broker_silently_leaves_out_are_named(
    tmp_path: Path, narrow: str
) -> None:
    what, topic = CASES[narrow]
    settings = ("allow_anonymous true", limited(tmp_path, narrow, "write"))
    with (
        mosquitto(tmp_path, *settings) as broker,
        connected(broker.port, Ward(), lambda c: replace(c, bed_ids=frozenset({"bed-1"}))) as sink,
    ):
        deliver(sink, readings_entry())
        sink.tend()
        words = wait_for_words(sink, "delivers nothing")
        assert f"{what} cannot arrive: the broker delivers nothing on {topic};" in words
        assert words.count("cannot arrive") == 1
        deliver(sink, readings_entry())


@pytest.mark.broker
@pytest.mark.parametrize("right", ["read", "readwrite"])
def test_where_commands_arrive_or_nothing_is_known_nothing_is_said(
    tmp_path: Path, right: str
) -> None:
    ward = Ward()
    settings = ("allow_anonymous true", limited(tmp_path, "ack", right))
    with (
        mosquitto(tmp_path, *settings) as broker,
        connected(broker.port, ward, lambda c: replace(c, bed_ids=frozenset({"bed-1"}))) as sink,
    ):
        deliver(sink, readings_entry())
        sink.tend()
        await_echoes(sink)
        assert sink.fault() == ""
        assert ward.answers.empty()


def await_echoes(sink: MqttSink) -> None:
    """Wait until no probe is open that would become a fault later."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        if not sink._probe.words(time.monotonic() + WAIT_S):
            return
        pace.wait(0.02)
    pytest.fail(sink.fault())


def round_of(probe: CommandProbe, now_s: float, heard: tuple[str, ...]) -> None:
    """Send the probes that are due; all are accepted, and some come back."""
    for message in probe.due(now_s):
        if message.topic in heard:
            assert probe.note_heard(message.topic, message.payload)
    probe.note_answers([], now_s)


def test_the_words_stay_until_a_later_probe_comes_back() -> None:
    probe = CommandProbe(BOTH, "boot")
    round_of(probe, 0.0, BOTH[2:])
    assert probe.words(2.9) == ""
    said = probe.words(3.1)
    assert "answers to alerts cannot arrive" in said
    assert f"nothing on {ACK} and 1 more;" in said
    assert "entries" not in said
    assert probe.due(59.0) == []
    round_of(probe, 60.0, BOTH[1:])
    assert f"nothing on {ACK};" in probe.words(60.0)
    round_of(probe, 120.0, BOTH)
    assert probe.words(130.0) == ""


def test_a_probe_that_was_not_answered_or_was_refused_proves_nothing() -> None:
    probe = CommandProbe(BOTH, "boot")
    assert len(probe.due(0.0)) == len(BOTH)
    assert probe.words(50.0) == ""
    probe.note_answers(BOTH, 50.0)
    assert probe.words(59.0) == ""
    probe.restart()
    assert len(probe.due(59.0)) == len(BOTH)


def test_the_probe_of_another_gateway_is_not_ours() -> None:
    (message, *_) = CommandProbe(BOTH, "another").due(0.0)
    probe = CommandProbe(BOTH, "boot")
    round_of(probe, 0.0, BOTH[1:])
    assert not probe.note_heard(ACK, message.payload)
    assert ACK in probe.words(4.0)
