"""The ward of an agent on this machine, reached through its control socket."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from edge_agent.board.shapes import Snapshot
from edge_agent.model.answers import Answer
from edge_agent.model.errors import LinkError
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.answers import encode_answer
from edge_agent.payloads.control import (
    AnswerRequest,
    ControlRequest,
    SnapshotRequest,
    TestRequest,
    decode_effect,
)
from edge_agent.payloads.events import RejectedCommandEvent
from edge_agent.ward_client.answer_words import AnswerEffect
from edge_agent.ward_client.control_client import ask_agent

_GONE: Final = "the agent has ended"
_LOOK_WAIT_S: Final = 2.0
"""Wall seconds for a look: a picture must not look live for longer while the agent hangs."""
_snapshot_decoder: Final = msgspec.json.Decoder(Snapshot)


class LocalWard:
    """The ward of one agent: a view of it, and the way to answer it.

    Parameters
    ----------
    journal
        Path of its journal, beside which it listens.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def is_there(self) -> bool:
        """Return True if the agent runs on this machine.

        Raises
        ------
        LinkError
            If it runs, but does not answer.
        """
        return ask_agent(self._journal, SnapshotRequest()) is not None

    def snapshot(self) -> Snapshot:
        """Return the ward as it is now; raise LinkError without an answer."""
        reply = ask_agent(self._journal, SnapshotRequest(), _LOOK_WAIT_S)
        if reply is None or not reply.ok:
            raise LinkError(_GONE if reply is None else reply.error, retryable=True)
        try:
            return _snapshot_decoder.decode(bytes(reply.ok))
        except msgspec.MsgspecError as error:
            words = f"the agent is of another version than this command: {error}"
            raise LinkError(words, retryable=False) from error

    def answer(self, answer: Answer) -> AnswerEffect:
        """Give an answer, and return its effect; raise LinkError if none was seen."""
        request = AnswerRequest(answer.bed_id, msgspec.Raw(encode_answer(answer)))
        effect = self._effect(request, answer.bed_id)
        own = tuple(a for a in effect.changed if a.answer_id == answer.answer_id)
        return AnswerEffect(own, effect.refused)

    def test(self, bed_id: str, by: str) -> AnswerEffect:
        """Begin a test of the whole chain, and return its effect; raise LinkError without one."""
        effect = self._effect(TestRequest(bed_id, by), bed_id)
        return AnswerEffect(tuple(a for a in effect.changed if a.is_test), effect.refused)

    def _effect(self, request: ControlRequest, bed_id: str) -> AnswerEffect:
        reply = ask_agent(self._journal, request)
        if reply is None:
            raise LinkError(_GONE, retryable=True)
        if not reply.ok:
            return AnswerEffect((), (RejectedCommandEvent(bed_id, reply.error, ""),))
        found = decode_effect(bytes(reply.ok))
        alerts = tuple(decode_alert(bytes(alert)) for alert in found.alerts)
        return AnswerEffect(alerts, found.refused)
