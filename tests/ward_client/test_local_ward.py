"""The ward of an agent on this machine, and the answers that reach it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge_agent.__main__ import main
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.errors import LinkError
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.answers import parse_answer
from edge_agent.payloads.control import (
    AnswerRequest,
    CommandEffect,
    encode_effect,
    encode_refusal,
    encode_reply,
    parse_request,
)
from edge_agent.ward_client.local_ward import LocalWard
from tests.support.control_sockets import EchoDesk, opened_socket
from tests.support.gateways import write_config
from tests.support.samples import an_alert
from tests.support.shown_snapshots import bed_of, every_state

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.gateway.control_socket import Reply

WARD = every_state()
ANSWER = Answer("bed-1", AnswerKind.ACKNOWLEDGE, "N12", (SeenAlert("a-1", 2),), answer_id="x")


class ScriptedDesk(EchoDesk):
    """Replies with a line of the test to each snapshot, and with one to each command."""

    def __init__(self, snapshot: bytes, effect: bytes = b"") -> None:
        super().__init__()
        self.answers: list[Answer] = []
        self._snapshot = snapshot
        self._effect = effect

    def serve(self, line: bytes, reply: Reply) -> None:
        """Reply, and keep the answer that came."""
        request = parse_request(line)
        if isinstance(request, AnswerRequest):
            self.answers.append(parse_answer(request.bed_id, bytes(request.answer)))
            reply(self._effect)
        else:
            reply(self._snapshot)


SHOWN = encode_reply(msgspec.json.encode(WARD))


def effect(*answer_ids: str) -> bytes:
    alerts = [replace(an_alert(), answer_id=answer_id) for answer_id in answer_ids]
    raw = tuple(msgspec.Raw(encode_alert(alert)) for alert in alerts)
    return encode_reply(encode_effect(CommandEffect(raw)))


def test_a_ward_is_read_as_it_was_sent(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    ward = LocalWard(journal)
    assert not ward.is_there()
    with opened_socket(journal, ScriptedDesk(SHOWN)):
        assert ward.is_there()
        assert ward.snapshot() == WARD
    with pytest.raises(LinkError, match="the agent has ended"):
        ward.snapshot()
    with pytest.raises(LinkError, match="the agent has ended"):
        ward.answer(ANSWER)


def test_a_reply_that_is_no_ward_is_said(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    busy, strange = ScriptedDesk(encode_refusal("not now")), ScriptedDesk(encode_reply(b"{}"))
    with opened_socket(journal, busy), pytest.raises(LinkError, match="not now"):
        LocalWard(journal).snapshot()
    with opened_socket(journal, strange), pytest.raises(LinkError, match="of another version"):
        LocalWard(journal).snapshot()


def test_only_what_an_answer_changed_is_its_effect(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    with opened_socket(journal, ScriptedDesk(SHOWN, effect("x", "of another"))):
        found = LocalWard(journal).answer(ANSWER)
    assert [alert.answer_id for alert in found.changed] == ["x"]
    assert found.refused == ()


def test_a_command_that_is_refused_before_it_is_evaluated_is_a_refusal(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    with opened_socket(journal, ScriptedDesk(SHOWN, encode_refusal("too busy"))):
        found = LocalWard(journal).answer(ANSWER)
    assert [refusal.reason for refusal in found.refused] == ["too busy"]


def test_the_command_answers_the_signs_in_the_form_in_which_it_saw_them(tmp_path: Path) -> None:
    config = write_config(tmp_path, "/dev/null")
    desk = ScriptedDesk(SHOWN, effect("x"))
    with opened_socket(tmp_path / "journal.db", desk):
        main(["answer", "2", "--by", "N12", "--config", str(config)])
    (answer,) = desk.answers
    problem = bed_of(WARD, "bed-02").problem
    assert problem is not None
    assert answer.bed_id == "bed-02"
    assert [(s.alert_id, s.n) for s in answer.seen] == [(s.alert_id, s.n) for s in problem.signs]
    assert min(seen.n for seen in answer.seen) > 0
