"""Messages to the broker about calls: each bed's present call, receipts, the auditor's pulse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge_agent.journal.entries import JournalEntry
from edge_agent.model.calls import CallState, Receipt
from edge_agent.model.oversight import AuditorPulse
from edge_agent.payloads.calls import call_message, decode_call_entry
from edge_agent.payloads.topics import Topics
from edge_agent.sinks.mqtt_publication import Publication

_OVER_EXPIRY_S: Final = 3600
"""Lifetime on the broker of a call that is over, seconds, as that of a resolved alert; design start
value, unvalidated."""
_PULSE_EXPIRY_S: Final = 15
"""Lifetime on the broker of the auditor's pulse, seconds (five audits), after which the auditor is
silent; design start value, unvalidated."""


class CallStates:
    """Converter of calls, receipts and pulses to messages; remembers each bed's newest call."""

    def __init__(self, topics: Topics, gateway_id: str) -> None:
        self._topics = topics
        self._gateway_id = gateway_id
        # Replaced as a whole by the delivering thread, read by paho's.
        self._held: Mapping[str, Publication] = {}

    def of_entry(self, entry: JournalEntry, *, is_ours: bool) -> list[Publication]:
        """Return the messages to publish for one entry.

        Parameters
        ----------
        is_ours
            False for a bed of another gateway, whose calls only belong to the history.
        """
        found = decode_call_entry(entry.body)
        payload = call_message(entry.body, self._gateway_id)
        if isinstance(found, AuditorPulse):
            topic = self._topics.auditor()
            return [Publication(topic, payload, is_retained=True, expiry_s=_PULSE_EXPIRY_S)]
        history = Publication(self._topics.events(entry.bed_id), payload)
        if isinstance(found, Receipt) or not is_ours:
            return [history]
        is_over = found.state is CallState.OVER
        state = Publication(
            self._topics.calls(entry.bed_id),
            payload,
            is_retained=True,
            expiry_s=_OVER_EXPIRY_S if is_over else None,
        )
        self._held = {**self._held, entry.bed_id: state}
        return [state]

    def held(self) -> list[Publication]:
        """Return the newest call of every bed, for the broker to hold."""
        return list(self._held.values())
