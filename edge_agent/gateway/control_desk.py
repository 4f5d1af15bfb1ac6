"""Requests of commands on this machine, carried out by the running agent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from edge_agent.gateway.control_socket import Reply
from edge_agent.gateway.pipeline_thread import Asked, PipelineThread
from edge_agent.model.answers import Answer
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.answers import parse_answer
from edge_agent.payloads.control import (
    AnswerRequest,
    EntryRequest,
    SnapshotRequest,
    encode_refusal,
    encode_reply,
    parse_request,
)
from edge_agent.payloads.entries import parse_entry
from edge_agent.payloads.events import encode_event
from edge_agent.ward.beds import Outcome

_TOO_BUSY = "the gateway is too busy; send it again"


class ControlDesk:
    """Hands people's commands to the pipeline, and their outcomes back.

    Parameters
    ----------
    pipeline_thread
        Evaluates the commands.
    look
        Takes what has happened on the ward; called about once a second.
    snapshot
        Function that returns the ward as the board shows it, as JSON on one line.
    """

    def __init__(
        self,
        pipeline_thread: PipelineThread,
        look: Callable[[], None],
        snapshot: Callable[[], bytes],
    ) -> None:
        self._pipeline_thread = pipeline_thread
        self._look = look
        self._snapshot = snapshot

    def pass_time(self) -> None:
        """Keep the ward up to date between requests."""
        self._look()

    def serve(self, line: bytes, reply: Reply) -> None:
        """Carry out one request, and reply to it once its effect is known."""
        try:
            request = parse_request(line)
            match request:
                case SnapshotRequest():
                    reply(encode_reply(self._snapshot()))
                case AnswerRequest():
                    self._ask(parse_answer(request.bed_id, bytes(request.answer)), reply)
                case EntryRequest():
                    self._ask(parse_entry(request.bed_id, bytes(request.entry)), reply)
        except ValueError as error:
            reply(encode_refusal(str(error)))

    def _ask(self, command: Answer | BedEntry, reply: Reply) -> None:
        if not self._pipeline_thread.offer(Asked(command, partial(self._answer, reply))):
            reply(encode_refusal(_TOO_BUSY))

    def _answer(self, reply: Reply, outcomes: Sequence[Outcome]) -> None:
        """Reply with the effect of a command; on the pipeline's thread."""
        events = [outcome for outcome in outcomes if isinstance(outcome, BedEvent)]
        refusals = [e.event.reason for e in events if isinstance(e.event, CommandRejected)]
        entered = [event for event in events if isinstance(event.event, ContextEntered)]
        if refusals:
            reply(encode_refusal("; ".join(refusals)))
        elif entered:
            reply(encode_reply(encode_event(entered[0])))
        else:
            reply(encode_reply(self._snapshot()))
