"""Commands of people at a running agent: who may give them, and the trail of what was done."""

from __future__ import annotations

import json
import os
import queue
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.roles import Role
from edge_agent.config.board import accounts_beside
from edge_agent.journal.entries import Lane
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import trail_path
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.answers import AlertTest
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.checkpoints import GATEWAY_BED, read_checkpoints
from edge_agent.replay.player import FeedClock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.commands.test_context import ready, running
from tests.gateway.test_journal_memory import agent_at
from tests.journal.test_trail import fill, until
from tests.journal.test_unwritable_journal import tmpfs
from tests.support import gateways
from tests.support.answers import acknowledgement
from tests.support.brokers import WAIT_S, mosquitto, watcher
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, message
from tests.support.trails import entries_of, lines_of
from tests.support.ward_accesses import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from edge_agent.gateway.agent import Agent
    from edge_agent.gateway.audited import Command
    from edge_agent.ward.beds import Outcome

TOPIC = f"crswatch/v1/{gateways.SITE}/{gateways.WARD}/{gateways.BED}"


@contextmanager
def watching(folder: Path) -> Iterator[Agent]:
    """Give an agent whose bed has an open alert."""
    hand = [START]
    agent = agent_at(folder / "journal.db", hand)
    agent.start()
    try:
        for second in range(1, 200):
            hand[0] = START.plus(second)
            low = FromDevice(PLACE, (message(second, hr=80, spo2=80.0),), hand[0])
            agent.pipeline_thread.put(low)
            agent.pipeline_thread.wait_until_idle()
        yield agent
    finally:
        agent.stop()


def open_alert(agent: Agent) -> Alert:
    return next(a for a in agent.reported_alerts() if a.rule_id == "vital.severe_hypoxia")


def given(agent: Agent, command: Command, via: str = "socket") -> Sequence[Outcome]:
    """Give a command and return what became of it."""
    answers: queue.SimpleQueue[Sequence[Outcome]] = queue.SimpleQueue()
    assert agent.staff.command(command, via, answers.put)
    return answers.get(timeout=WAIT_S)


def acts_of(folder: Path) -> list[AuditAct]:
    """Return the acts of a sound trail."""
    path = trail_path(folder / "journal.db")
    assert check_trail(lines_of(path), []).faults == ()
    return [entry.act for entry in entries_of(path)]


def test_start_answer_entry_and_stop_are_in_the_trail(tmp_path: Path) -> None:
    with watching(tmp_path) as agent:
        alert = open_alert(agent)
        assert given(agent, acknowledgement(BED, alert.alert_id, n=alert.n))
        entry = BedEntry(BED, an_entry("e1", "cooling", by="nurse 8", patient_id=""))
        assert given(agent, entry)
        given(agent, AlertTest(BED, "tech"))
        assert agent.status().audit_fault == ""
        config_hash = agent.reported_alerts()[0].config_hash
    acts = acts_of(tmp_path)
    assert [(act.act, act.by) for act in acts] == [
        (Act.TRAIL_BEGUN, ""),
        (Act.STARTED, ""),
        (Act.ANSWER, "nurse 7"),
        (Act.ENTRY, "nurse 8"),
        (Act.TEST_ALERT, "tech"),
        (Act.STOPPED, ""),
    ]
    assert {acts[1].subject, acts[-1].subject} == {config_hash}
    answer = acts[2]
    assert (answer.bed_id, answer.subject, answer.via) == (BED, alert.alert_id, "socket")
    assert answer.detail["kind"] == "acknowledge"
    assert answer.detail["seen"] == str(alert.n)
    assert answer.detail["outcome"].startswith("vital.severe_hypoxia acknowledged (")
    assert answer.at.utc_ns == START.plus(199).utc_ns
    assert acts[3].detail["outcome"] == "entered"


def test_checkpoints_are_journalled_for_broker_and_database(tmp_path: Path) -> None:
    with watching(tmp_path) as agent:
        given(agent, AlertTest(BED, "tech"))
    with gateways.opened(tmp_path / "journal.db") as journal:
        events = journal.read(Lane.EVENTS, 0, 10_000)
    bodies = [entry.body.decode() for entry in events if entry.bed_id == GATEWAY_BED]
    found = [checkpoint for body in bodies for checkpoint in read_checkpoints(body)[0]]
    assert found[-1].count == len(acts_of(tmp_path))
    assert check_trail(lines_of(trail_path(tmp_path / "journal.db")), found).faults == ()


def test_with_accounts_only_the_role_counts_and_each_refusal_is_recorded(tmp_path: Path) -> None:
    with opened(accounts_beside(tmp_path / "journal.db")) as ward, watching(tmp_path) as agent:
        alert = open_alert(agent)
        given(agent, acknowledgement(BED, "other", by="anybody"))
        ward.person("nurse 7")
        ward.person("tech", Role.ENGINEER)
        for by, reason in {
            "anybody": "there is no account 'anybody'",
            "tech": "'tech' has the role engineer; want charge or nurse",
        }.items():
            with pytest.raises(ValueError, match=reason):
                agent.staff.command(acknowledgement(BED, alert.alert_id, by=by), "mqtt")
        entry = BedEntry(BED, an_entry("e1", "cooling", by="tech", patient_id=""))
        with pytest.raises(ValueError, match="entry 'e1': 'tech' has the role engineer"):
            agent.staff.command(entry, "mqtt")
        assert open_alert(agent).state is AlertState.RAISED
        given(agent, AlertTest(BED, "tech"))
        given(agent, acknowledgement(BED, alert.alert_id, by="NURSE 7"))
        assert open_alert(agent).state is AlertState.ACKNOWLEDGED
    found = [(act.act, act.by, act.role) for act in acts_of(tmp_path)]
    assert found[2:-1] == [
        (Act.ANSWER, "anybody", ""),
        (Act.COMMAND_REFUSED, "anybody", ""),
        (Act.COMMAND_REFUSED, "tech", "engineer"),
        (Act.COMMAND_REFUSED, "tech", "engineer"),
        (Act.TEST_ALERT, "tech", "engineer"),
        (Act.ANSWER, "NURSE 7", "nurse"),
    ]


def test_a_replay_has_no_accounts_and_leaves_no_trail(tmp_path: Path) -> None:
    with opened(accounts_beside(tmp_path / "journal.db")) as ward:
        ward.person("nurse 7")
    agent = agent_at(tmp_path / "journal.db", [START])
    feed = type(agent)(agent._config, read_rulebook(None), FeedClock(START, 60.0), lambda *_: [])
    feed.start()
    given(feed, acknowledgement(BED, "a1", by="anybody"))
    feed.stop()
    assert not trail_path(tmp_path / "journal.db").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_an_answer_waits_for_no_disk(tmp_path: Path) -> None:
    with tmpfs(tmp_path):
        with watching(tmp_path) as agent:
            alert = open_alert(agent)
            fill(tmp_path / "ballast")
            given(agent, acknowledgement(BED, alert.alert_id))
            assert open_alert(agent).state is AlertState.ACKNOWLEDGED
            for _ in range(30):  # more than the room in the file's last page
                given(agent, acknowledgement(BED, alert.alert_id))
            until(lambda: "No space" in agent.status().audit_fault)
            assert "acts wait in memory" in agent.status().audit_fault
            (tmp_path / "ballast").unlink()
        assert Act.ANSWER in {act.act for act in acts_of(tmp_path)}


@pytest.mark.broker
def test_an_acknowledgement_over_the_broker_counts_from_an_account_only(tmp_path: Path) -> None:
    accounts = accounts_beside(tmp_path / "journal.db")
    with (
        mosquitto(tmp_path) as broker,
        watcher(broker.port, f"{TOPIC}/events") as seen,
        watcher(broker.port, "crswatch/v1/+/+/_gateway/+/audit") as audit,
        opened(accounts) as ward,
    ):
        ward.person("nurse 7")
        config = gateways.write_config(tmp_path, "/dev/null", broker_port=broker.port)
        with running(config) as agent:
            ready(agent)
            for by in ("anybody", "nurse 7"):
                command = {"alert_id": "x", "by": by}
                seen.publish(f"{TOPIC}/ack", json.dumps(command).encode())
                event = seen.next_json()
                while event["event"] != "command_rejected":
                    event = seen.next_json()
                is_known = by == "nurse 7"
                assert (event["reason"] == "there is no account 'anybody'") is not is_known
            assert audit.next_json("/audit")["event"] == "audit_checkpoint"
    refused, answered = [a for a in acts_of(tmp_path) if a.via == "mqtt"]
    assert (refused.act, refused.by) == (Act.COMMAND_REFUSED, "anybody")
    assert (answered.act, answered.by, answered.role) == (Act.ANSWER, "nurse 7", "nurse")
    assert answered.detail["outcome"].startswith("refused: ")
