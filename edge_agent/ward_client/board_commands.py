"""Commands of people at a ward's board, sent to the gateway of the bed through the broker."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.board.commands import Reply, Signature
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.answers import encode_answer, encode_test
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.topics import ACKNOWLEDGEMENT, CONTEXT
from edge_agent.ward_client.waiting_replies import Waiting, WaitingReplies
from edge_agent.ward_client.ward_feed import WardFeed


class BrokerCommands:
    """Sends each command as if the person had sent it; the gateway decides and records.

    A refusal, or the effect, comes back as an event of the bed: see `waiting_replies`.
    Facts about screens go to the gateways as reports: see `screen_reports`.

    Parameters
    ----------
    gateway_of
        Returns the gateway of a bed.
    """

    def __init__(self, ward: WardFeed, gateway_of: Callable[[str], str]) -> None:
        self._ward = ward
        self._gateway_of = gateway_of
        self._replies = WaitingReplies()
        ward.on_arrival = self._replies.note

    def answer(self, answer: Answer, _signature: Signature, reply: Reply) -> bool:
        """Send an answer; return False where the broker is not connected."""
        self._await(answer.bed_id, answer.answer_id, reply)
        return self._ward.publish(answer.bed_id, ACKNOWLEDGEMENT, encode_answer(answer))

    def enter(self, entry: BedEntry, _signature: Signature, reply: Reply) -> bool:
        """Send an entry; return False where the broker is not connected."""
        self._await(entry.bed_id, entry.entry.entry_id, reply)
        return self._ward.publish(entry.bed_id, CONTEXT, encode_entry(entry.entry))

    def test_alert(self, bed_id: str, signature: Signature, reply: Reply) -> bool:
        """Send the wish for a test; return False where the broker is not connected."""
        self._await(bed_id, "", reply)
        payload = encode_test(AlertTest(bed_id, signature.by))
        return self._ward.publish(bed_id, ACKNOWLEDGEMENT, payload)

    def _await(self, bed_id: str, command_id: str, reply: Reply) -> None:
        self._replies.add(Waiting(bed_id, self._gateway_of(bed_id), command_id, reply))

    def note_pause(self, _for_s: float, _signature: Signature) -> None:
        """Do nothing: the pause is this board's own."""

    def note_seen(self, _bed_id: str, _by: str) -> None:
        """Do nothing: it is in the next report."""

    def note_shown(self, _bed_id: str, _screen: str) -> None:
        """Do nothing: it is in the next report."""
