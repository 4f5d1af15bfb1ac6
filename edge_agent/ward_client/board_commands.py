"""Commands of people at a ward's board, sent to the gateway of the bed through the broker."""

from __future__ import annotations

from edge_agent.board.commands import Reply, Signature
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.patient import BedEntry
from edge_agent.payloads.answers import encode_answer, encode_test
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.topics import ACKNOWLEDGEMENT, CONTEXT
from edge_agent.ward_client.ward_feed import WardFeed


class BrokerCommands:
    """Sends each command as if the person had sent it; the gateway decides and records.

    Facts about screens go to the gateways as reports: see `screen_reports`.
    """

    def __init__(self, ward: WardFeed) -> None:
        self._ward = ward

    def answer(self, answer: Answer, _signature: Signature, reply: Reply) -> bool:
        """Send an answer; return False where the broker is not connected."""
        return self._send(answer.bed_id, ACKNOWLEDGEMENT, encode_answer(answer), reply)

    def enter(self, entry: BedEntry, _signature: Signature, reply: Reply) -> bool:
        """Send an entry; return False where the broker is not connected."""
        return self._send(entry.bed_id, CONTEXT, encode_entry(entry.entry), reply)

    def test_alert(self, bed_id: str, signature: Signature, reply: Reply) -> bool:
        """Send the wish for a test; return False where the broker is not connected."""
        payload = encode_test(AlertTest(bed_id, signature.by))
        return self._send(bed_id, ACKNOWLEDGEMENT, payload, reply)

    def _send(self, bed_id: str, subject: str, payload: bytes, reply: Reply) -> bool:
        is_sent = self._ward.publish(bed_id, subject, payload)
        reply("")  # a refusal comes as an event of the bed, if at all
        return is_sent

    def note_pause(self, _for_s: float, _signature: Signature) -> None:
        """Do nothing: the pause is this board's own."""

    def note_seen(self, _bed_id: str, _by: str) -> None:
        """Do nothing: it is in the next report."""

    def note_shown(self, _bed_id: str, _screen: str) -> None:
        """Do nothing: it is in the next report."""
