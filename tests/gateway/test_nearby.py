"""The ward of an agent as commands on the same machine see it, without broker or network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from edge_agent.board.shapes import ShownBed, Snapshot
from edge_agent.config.beside_journal import control_paths
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import Instant
from edge_agent.payloads.control import EntryRequest, SnapshotRequest
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.events import ContextEvent, decode_event
from edge_agent.ward_client.control_client import ask_agent
from tests.gateway.test_journal_memory import agent_at, hear
from tests.support.control_sockets import await_path
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, message

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.gateway.agent import Agent


def started(journal: Path, hand: list[Instant]) -> Agent:
    agent = agent_at(journal, hand)
    agent.start()
    await_path(journal)
    return agent


def seen(journal: Path) -> Snapshot:
    reply = ask_agent(journal, SnapshotRequest())
    assert reply is not None
    return msgspec.json.decode(bytes(reply.ok), type=Snapshot)


def bed_seen(journal: Path) -> ShownBed:
    (bed,) = seen(journal).beds
    return bed


def low_oxygen(agent: Agent, hand: list[Instant], seconds: range) -> None:
    for second in seconds:
        hand[0] = START.plus(second)
        event = message(second, hr=80, spo2=86.0)
        agent.pipeline_thread.put(FromDevice(PLACE, (event,), event.at))
    assert agent.pipeline_thread.wait_until_idle()


def test_a_ward_is_seen_before_anything_was_measured(tmp_path: Path) -> None:
    agent = started(tmp_path / "journal.db", [START])
    snapshot = seen(tmp_path / "journal.db")
    agent.stop()
    assert [bed.id for bed in snapshot.beds] == [BED]
    assert [(gw.state, gw.id) for gw in snapshot.ward.gateways] == [("online", "gw-01")]
    assert snapshot.beds[0].assessment.state == "not_assessing"
    assert snapshot.now_ms == START.utc_ns // 1_000_000


def test_values_assessment_and_alerts_are_seen_as_they_are_evaluated(tmp_path: Path) -> None:
    journal, hand = tmp_path / "journal.db", [START]
    agent = started(journal, hand)
    hear(agent, hand, range(1, 60))
    bed = bed_seen(journal)
    assert (bed.vitals["heart_rate"].text, bed.vitals["heart_rate"].state) == ("80", "live")
    assert bed.problem is None
    assert bed.assessment.state != "assessing"
    low_oxygen(agent, hand, range(60, 300))
    bed = bed_seen(journal)
    agent.stop()
    assert bed.vitals["spo2"].text == "86"
    assert bed.vitals["spo2"].in_alarm
    assert bed.problem is not None
    assert [sign.rule_id for sign in bed.problem.signs] == ["vital.severe_hypoxia"]


def test_an_open_alert_is_seen_at_once_after_a_restart(tmp_path: Path) -> None:
    journal, hand = tmp_path / "journal.db", [START]
    agent = started(journal, hand)
    low_oxygen(agent, hand, range(1, 300))
    agent.stop()
    agent = started(journal, hand)
    bed = bed_seen(journal)
    agent.stop()
    assert bed.problem is not None
    assert [sign.rule_id for sign in bed.problem.signs] == ["vital.severe_hypoxia"]


def test_an_entry_is_answered_with_what_was_entered_or_the_reason_why_not(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    agent = started(journal, [Instant(0, an_entry("x", "ice", amount=9.0).at_utc_ns)])
    entry = an_entry("e-1", "ice", amount=9.0, by="N12", patient_id="")
    request = EntryRequest(BED, msgspec.Raw(encode_entry(entry)))
    first, second = ask_agent(journal, request), ask_agent(journal, request)
    nameless = EntryRequest(BED, msgspec.Raw(encode_entry(an_entry("e-2", "ice", by=" "))))
    refused = ask_agent(journal, nameless)
    agent.stop()
    assert first is not None
    event = decode_event(bytes(first.ok))
    assert isinstance(event, ContextEvent)
    assert (event.entry.entry_id, event.entry.by) == ("e-1", "N12")
    assert second is not None
    assert "entry 'e-1': was already entered" in second.error
    assert refused is not None
    assert "want who enters it" in refused.error


def test_the_socket_goes_with_its_agent(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    agent = started(journal, [START])
    agent.stop()
    assert ask_agent(journal, SnapshotRequest()) is None
    assert not any(path.exists() for path in control_paths(journal))
