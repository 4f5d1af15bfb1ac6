"""Requests of commands on this machine, carried out by the running agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

import msgspec

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.gateway.control_socket import Reply
from edge_agent.gateway.staff import Staff
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.bed_events import BedEvent, CommandRejected, ContextEntered
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.answers import parse_answer
from edge_agent.payloads.control import (
    AnswerRequest,
    CommandEffect,
    EntryRequest,
    SnapshotRequest,
    TestRequest,
    encode_effect,
    encode_refusal,
    encode_reply,
    parse_request,
    wanted_test,
)
from edge_agent.payloads.entries import parse_entry
from edge_agent.payloads.events import RejectedCommandEvent, decode_event, encode_event
from edge_agent.ward.beds import Outcome

_VIA: Final = "socket"
_ENTRIES_SHARE: Final = 0.75
"""Share of the pipeline's queue for entries, so that answers always fit."""
_TOO_BUSY: Final = "the gateway is too busy; send it again"


class ControlDesk:
    """Hands people's commands to the pipeline, and their outcomes back.

    Parameters
    ----------
    staff
        Takes the commands.
    look
        Takes what has happened on the ward; called about once a second.
    snapshot
        Function that returns the ward as the board shows it, as JSON on one line.
    """

    def __init__(
        self,
        staff: Staff,
        look: Callable[[], None],
        snapshot: Callable[[], bytes],
    ) -> None:
        self._staff = staff
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
                    answer = parse_answer(request.bed_id, bytes(request.answer))
                    self._ask(answer, partial(_reply_effect, reply))
                case TestRequest():
                    self._ask(wanted_test(request), partial(_reply_effect, reply))
                case EntryRequest():
                    entry = parse_entry(request.bed_id, bytes(request.entry))
                    self._ask(entry, partial(_reply_entered, reply), _ENTRIES_SHARE)
        except ValueError as error:
            reply(encode_refusal(str(error)))

    def _ask(
        self,
        command: Answer | AlertTest | BedEntry,
        take: Callable[[Sequence[Outcome]], None],
        share: float = 1.0,
    ) -> None:
        """Get a command evaluated; `take` receives its outcomes on the pipeline's thread."""
        if not self._staff.command(command, _VIA, take, share):
            raise ValueError(_TOO_BUSY)


def _reply_effect(reply: Reply, outcomes: Sequence[Outcome]) -> None:
    """Reply with the alerts that a command changed, and its refused parts."""
    alerts = tuple(
        msgspec.Raw(encode_alert(outcome.alert))
        for outcome in outcomes
        if isinstance(outcome, AlertChange)
    )
    reply(encode_reply(encode_effect(CommandEffect(alerts, tuple(_refused(outcomes))))))


def _reply_entered(reply: Reply, outcomes: Sequence[Outcome]) -> None:
    """Reply with what was entered, or the reason why not."""
    entered = [
        o for o in outcomes if isinstance(o, BedEvent) and isinstance(o.event, ContextEntered)
    ]
    if entered:
        reply(encode_reply(encode_event(entered[0])))
    else:
        reply(encode_refusal("; ".join(refusal.reason for refusal in _refused(outcomes))))


def _refused(outcomes: Sequence[Outcome]) -> Iterator[RejectedCommandEvent]:
    for outcome in outcomes:
        if isinstance(outcome, BedEvent) and isinstance(outcome.event, CommandRejected):
            event = decode_event(encode_event(outcome))
            assert isinstance(event, RejectedCommandEvent), "it was rejected"
            yield event
