"""A whole agent with a ward file calls people over a real way out, and goes on after a restart."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

import pytest

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.journal.entries import Lane
from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.calls import CallState
from edge_agent.model.oversight import WayHealth
from edge_agent.payloads.calls import decode_call
from edge_agent.payloads.events import PersonUnreachableEvent, decode_event
from edge_agent.replay.player import FeedClock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.answers import acknowledgement
from tests.support.brokers import WAIT_S, Watcher, mosquitto, watcher
from tests.support.gateways import opened
from tests.support.people_ward import RAISED_S, WARD, PeopleWard
from tests.support.pipelines import BED, PLACE, START
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.alerts import Alert


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[PeopleWard]:
    receiver = WebReceiver()
    receiver.start()
    yield PeopleWard(tmp_path, receiver)
    receiver.stop()


def escalation_alert(agent: Agent) -> Alert | None:
    for _ in range(2):  # what was reported before the first is evaluated before the second
        agent.pipeline_thread.put(FromDevice(PLACE, (), START))
        agent.pipeline_thread.wait_until_idle()
    found = [a for a in agent.reported_alerts() if a.rule_id == "system.escalation"]
    return found[0] if found else None


def test_people_are_called_one_after_the_other_over_a_restart(ward: PeopleWard) -> None:
    with ward.agent() as agent:
        ward.breathe(agent, 1, RAISED_S + 10, 84.0)
        first = ward.notice()
        assert (first["person_id"], first["reason"]) == ("N12", "first")
        assert first["headline"].startswith("HIGH bed-01: Very low oxygen")
        assert (first["priority"], first["is_test"]) == ("high", False)
        ward.breathe(agent, RAISED_S + 10, RAISED_S + 70, 84.0)
        assert ward.called() == ("N15", "first", False)
    with ward.agent() as agent:
        ward.breathe(agent, RAISED_S + 70, RAISED_S + 140, 84.0)
        third = ward.notice()
        assert (third["person_id"], third["call_id"]) == ("C3", first["call_id"])
    with opened(ward.folder / "journal.db") as journal:
        calls = [decode_call(entry.body) for entry in journal.latest_calls()]
    (call,) = calls
    assert [person.person_id for person in call.called] == ["N12", "N15", "C3"]
    assert all(person.delivered_at is not None for person in call.called[:2])
    assert (call.state, call.shift) == (CallState.CALLING, "all")


def test_a_ward_file_with_mistakes_is_an_alert_and_the_one_before_goes_on(ward: PeopleWard) -> None:
    path = ward.folder / "ward.toml"
    with ward.agent() as agent:
        agent.supervise()
        assert escalation_alert(agent) is None
        path.write_text(WARD.replace("C3", "C9", 1))
        agent.supervise()
        alert = escalation_alert(agent)
        assert alert is not None
        assert alert.priority is AlertPriority.HIGH
        assert "The ward file has mistakes and is not used" in alert.explanation
        ward.breathe(agent, 1, RAISED_S + 10, 84.0)
        assert ward.called()[0] == "N12"
        path.write_text(WARD)
        agent.supervise()
        assert agent._people._current.fault == ""


def test_a_gateway_monitors_with_a_ward_file_that_was_wrong_from_the_start(
    ward: PeopleWard,
) -> None:
    path = ward.folder / "ward.toml"
    path.write_text("people = 3")
    with ward.agent() as agent:
        agent.supervise()
        assert escalation_alert(agent) is not None
        path.unlink()
        agent.supervise()
        assert "cannot be read" in agent._people._current.fault
        path.write_text(WARD)
        agent.supervise()
        ward.breathe(agent, 1, RAISED_S + 10, 84.0)
        assert ward.called()[0] == "N12"


def test_an_answer_holds_as_long_as_the_ward_file_says_now(ward: PeopleWard) -> None:
    path = ward.folder / "ward.toml"
    path.write_text(WARD + "[times.high]\nanswer_s = 600\nreminder_s = 400\n")
    with ward.agent() as agent:
        ward.breathe(agent, 1, RAISED_S + 10, 84.0)
        for answer_s in (600, 900):
            path.write_text(WARD + f"[times.high]\nanswer_s = {answer_s}\nreminder_s = 400\n")
            agent.supervise()
            agent.pipeline_thread.wait_until_idle()
            (low,) = [a for a in agent.reported_alerts() if a.rule_id == "vital.severe_hypoxia"]
            by = f"nurse {answer_s}"
            agent.pipeline_thread.put(Answer(BED, AnswerKind.REJECT, low.acknowledged_by or by))
            agent.pipeline_thread.put(acknowledgement(BED, low.alert_id, by))
            agent.pipeline_thread.wait_until_idle()
            (low,) = [a for a in agent.reported_alerts() if a.rule_id == "vital.severe_hypoxia"]
            assert low.acknowledged_by == by
            assert low.answer_expires_at == ward.hand[0].plus(answer_s)


def test_a_gateway_that_starts_with_a_wrong_ward_file_calls_the_people_of_before(
    ward: PeopleWard,
) -> None:
    path = ward.folder / "ward.toml"
    with ward.agent() as agent:
        agent.drain(WAIT_S)
    path.write_text("people = 3")
    with ward.agent() as agent:
        agent.supervise()
        alert = escalation_alert(agent)
        assert alert is not None
        assert "The ward file has mistakes" in alert.explanation
        ward.breathe(agent, 1, RAISED_S + 10, 84.0)
        assert ward.called()[0] == "N12"
        agent.drain(WAIT_S)
    ward.text = ward.text.replace('name = "phones"', 'name = "others"')
    with ward.agent() as agent:
        agent.supervise()
        assert agent._people._current.plan.people == {}


def test_whoever_cannot_be_reached_is_named_at_each_change_of_shift(
    ward: PeopleWard, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = WARD.replace('ends = "07:00"', 'ends = "19:00"')
    night = """
        [[shifts]]
        name = "night"
        begins = "19:00"
        ends = "07:00"
        charge = "C3"
    """
    (ward.folder / "ward.toml").write_text(day + night)
    failing = [WayHealth("phones", is_working=False, since=START)]
    with ward.agent() as agent:
        monkeypatch.setattr(agent._people._ways, "health", lambda: failing)
        agent.supervise()
        alert = escalation_alert(agent)
        assert alert is not None
        assert "No way to N12, who is on duty, works" in alert.explanation
        agent.supervise()
        ward.hand[0] = START.plus(12 * 3600)
        agent.supervise()
        agent.supervise()
    with opened(ward.folder / "journal.db") as journal:
        events = [decode_event(entry.body) for entry in journal.read(Lane.EVENTS, 0, 999)]
    named = [
        (event.shift, event.person_id)
        for event in events
        if isinstance(event, PersonUnreachableEvent)
    ]
    assert named == [("all", "N12"), ("all", "N15"), ("all", "C3"), ("night", "C3")]


def test_the_silence_of_the_auditor_is_an_alert(ward: PeopleWard) -> None:
    with ward.agent() as agent:
        agent._people._auditor.stop()
        agent._people._auditor._checked_s -= 16
        agent._people.supervise()
        alert = escalation_alert(agent)
        assert alert is not None
        assert "Nobody audits the calls" in alert.explanation


def test_a_replay_calls_nobody(ward: PeopleWard) -> None:
    config = parse_config(ward.text, source="gateway.toml", folder=ward.folder)
    agent = Agent(config, read_rulebook(None), FeedClock(START, 60.0), lambda *_: [])
    agent.start()
    agent.supervise()
    ward.breathe(agent, 1, RAISED_S + 10, 84.0)
    agent.stop()
    assert agent._people.parts == ()
    assert [a.rule_id for a in agent.reported_alerts() if a.priority is AlertPriority.HIGH]
    with opened(ward.folder / "journal.db") as journal:
        assert journal.latest_calls() == []


@pytest.mark.broker
def test_the_broker_holds_the_call_and_the_pulse_of_the_auditor(
    ward: PeopleWard, tmp_path: Path
) -> None:
    with mosquitto(tmp_path) as broker, watcher(broker.port) as seen:
        ward.text += f'\n[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\n'
        with ward.agent() as agent:
            agent._people._auditor._check_s = 0.05
            ward.breathe(agent, 1, RAISED_S + 10, 84.0)
            call = seen.next_json(f"/{BED}/calls")
            assert (call["priority"], call["called"][0]["person_id"]) == ("high", "N12")
            pulse = seen.next("/_gateway/gw-01/auditor")
            assert b'"event":"auditor"' in pulse.payload
        with watcher(broker.port) as later:
            assert later.next_json(f"/{BED}/calls")["call_id"] == call["call_id"]


MQTT_WAY: Final = """
[mqtt]
host = "127.0.0.1"
port = {port}
[[ways]]
name = "handsets"
kind = "mqtt"
"""


def reply(notice: dict[str, Any], fact: str, by: str) -> bytes:
    return json.dumps({"notice_id": notice["notice_id"], "fact": fact, "by": by}).encode()


def fact(events: Watcher) -> str:
    """Return the next fact about a notice."""
    while True:
        found = events.next_json()
        if found["event"] == "receipt":
            return str(found["fact"])


@pytest.mark.broker
def test_a_person_rejects_and_another_answers_on_a_handset_also_after_a_restart(
    ward: PeopleWard, tmp_path: Path
) -> None:
    place = f"crswatch/v1/site/ward/{BED}"
    with ExitStack() as stack:
        broker = stack.enter_context(mosquitto(tmp_path))
        seen = stack.enter_context(watcher(broker.port, f"{place}/notices"))
        events = stack.enter_context(watcher(broker.port, f"{place}/events"))
        beats = stack.enter_context(watcher(broker.port, "+/+/+/+/_gateway/gw-01/ways/handsets"))
        ward.text += MQTT_WAY.format(port=broker.port)
        (ward.folder / "ward.toml").write_text(WARD.replace('"phones"', '"handsets"'))
        with ward.agent() as agent:
            ward.breathe(agent, 1, RAISED_S + 10, 84.0)
            nurse = seen.next_json()
            assert (nurse["person_id"], nurse["reason"]) == ("N12", "first")
            seen.publish(f"{place}/answers", reply(nurse, "seen", "N12"))
            assert fact(events) == "delivered"
            assert fact(events) == "seen"
            seen.publish(f"{place}/answers", reply(nurse, "rejected", "N12"))
            buddy = seen.next_json()
            assert (buddy["person_id"], buddy["reason"]) == ("N15", "rejected")
            agent.drain(WAIT_S)
        while not beats.messages.empty():
            beats.messages.get()
        with ward.agent() as agent:
            beats.next()
            seen.publish(f"{place}/answers", reply(buddy, "accepted", "N15"))
            ends = [seen.next_json() for _ in range(2)]
            assert [(n["person_id"], n["is_over"], n["answered_by"]) for n in ends] == [
                ("N12", True, "N15"),
                ("N15", True, "N15"),
            ]
            (alert,) = [a for a in agent.reported_alerts() if a.rule_id == "vital.severe_hypoxia"]
            assert (alert.state, alert.acknowledged_by) == (AlertState.ACKNOWLEDGED, "N15")
