"""Commands as acts of the audit trail: who, about which alerts, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.roles import Permission
from edge_agent.alerting.alert_book import AlertChange
from edge_agent.gateway.audited import (
    carried_out_act,
    permission_for,
    person_of,
    refusal_words,
    refused_act,
)
from edge_agent.model.alerts import AlertState
from edge_agent.model.answers import AlertTest, Answer, AnswerKind, SeenAlert
from edge_agent.model.audit import Act
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered, EvaluationFailed
from edge_agent.model.patient import BedEntry
from tests.support.answers import acknowledgement
from tests.support.patient_entries import an_entry
from tests.support.samples import AT, an_alert

if TYPE_CHECKING:
    from edge_agent.gateway.audited import Command
    from edge_agent.ward.beds import Outcome

BED = "bed-1"
ANSWER = acknowledgement(BED, "a1", n=4)
ENTRY = BedEntry(BED, an_entry("e1", "oxygen", "cpap", by="nurse 7"))
TEST = AlertTest(BED, "nurse 7")


def change(**fields: object) -> AlertChange:
    return AlertChange(replace(an_alert(), **fields))  # type: ignore[arg-type]


def event(what: CommandRejected | ContextEntered | EvaluationFailed) -> BedEvent:
    return BedEvent(BED, BED, what, AT)


def outcome_of(command: Command, *outcomes: Outcome) -> str:
    return carried_out_act(command, outcomes, "nurse", "mqtt", AT).detail["outcome"]


@pytest.mark.parametrize(
    ("command", "permission"),
    [(ANSWER, Permission.ANSWER), (ENTRY, Permission.ENTER), (TEST, Permission.TEST_CHAIN)],
)
def test_each_command_has_a_person_and_needs_a_permission(
    command: Command, permission: Permission
) -> None:
    assert person_of(command) == "nurse 7"
    assert permission_for(command) is permission


def test_an_answer_names_what_the_person_saw() -> None:
    seen = (SeenAlert("a1", 4), SeenAlert("a2", 7))
    answer = Answer(BED, AnswerKind.SILENCE, "nurse 7", seen, "on my way", 60.0, "ans-1")
    act = carried_out_act(answer, [], "nurse", "board 192.0.2.7", AT)
    assert (act.act, act.by, act.role, act.via) == (
        Act.ANSWER,
        "nurse 7",
        "nurse",
        "board 192.0.2.7",
    )
    assert (act.bed_id, act.subject, act.at) == (BED, "a1 a2", AT)
    assert dict(act.detail) == {
        "kind": "silence",
        "seen": "4 7",
        "reason": "on my way",
        "seconds": "60",
        "answer_id": "ans-1",
        "outcome": "no effect",
    }
    everything = Answer(BED, AnswerKind.ACKNOWLEDGE, "nurse 7")
    assert carried_out_act(everything, [], "", "mqtt", AT).subject == "all that was open"


def test_the_outcome_of_an_answer_is_what_it_changed_and_what_was_refused() -> None:
    mine = change(state=AlertState.ACKNOWLEDGED, acknowledged_by="nurse 7", alert_id="a1", n=5)
    other = change(state=AlertState.RAISED, alert_id="a9")
    words = outcome_of(ANSWER, other, mine, event(CommandRejected("it is over")))
    assert words == f"{mine.alert.rule_id} acknowledged (a1 5); refused: it is over"
    first = change(answered_first_by="nurse 7", alert_id="a1", n=5)
    assert "(a1 5)" in outcome_of(ANSWER, first), "a second person must answer, too"
    rejected = replace(ANSWER, kind=AnswerKind.REJECT)
    assert "a1 6" in outcome_of(rejected, change(rejected_by="nurse 7", alert_id="a1", n=6))


def test_the_outcome_of_an_entry_is_whether_it_was_entered() -> None:
    raised = change(state=AlertState.RAISED)
    assert outcome_of(ENTRY, raised, event(ContextEntered(ENTRY.entry))) == "entered"
    assert outcome_of(ENTRY, event(CommandRejected("entry 'e1': no"))) == "refused: entry 'e1': no"
    failed = event(EvaluationFailed("an entry", "KeyError", 1))
    assert outcome_of(ENTRY, failed) == "failed: an entry (KeyError)"
    act = carried_out_act(ENTRY, [], "nurse", "mqtt", AT)
    assert (act.act, act.subject, act.detail["kind"]) == (Act.ENTRY, "e1", "oxygen cpap")


def test_the_outcome_of_a_test_is_its_alert() -> None:
    act = carried_out_act(TEST, [change(is_test=True, alert_id="t1", n=1)], "nurse", "socket", AT)
    assert (act.act, act.subject) == (Act.TEST_ALERT, "")
    assert "(t1 1)" in act.detail["outcome"]


def test_a_refusal_is_recorded_and_an_entrys_sender_recognises_it() -> None:
    act = refused_act(ENTRY, "there is no account 'x'", "", "mqtt", AT)
    assert (act.act, act.by, act.subject) == (Act.COMMAND_REFUSED, "nurse 7", "e1")
    assert act.detail["reason"] == "there is no account 'x'"
    assert refusal_words(ENTRY, "no") == "entry 'e1': no"
    assert refusal_words(ANSWER, "no") == "no"
