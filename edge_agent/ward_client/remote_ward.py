"""A ward as its broker shows it: the gateways' messages in, people's answers out."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final, Self

from edge_agent.board.mqtt_bodies import body_of_message
from edge_agent.board.shapes import Snapshot
from edge_agent.board.ward_picture import WardPicture
from edge_agent.board.ward_state import WardPlace
from edge_agent.config.gateway_file import AgentConfig, MqttSection
from edge_agent.model.alerts import Alert
from edge_agent.model.answers import Answer
from edge_agent.model.errors import LinkError
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.answers import encode_answer
from edge_agent.payloads.common import UNREADABLE
from edge_agent.payloads.events import RejectedCommandEvent, decode_event
from edge_agent.payloads.topics import Topics, is_alert
from edge_agent.vitals.canonical import max_age_s
from edge_agent.ward_client.answer_words import AnswerEffect
from edge_agent.ward_client.client import Arrival, WardClient

_QUIET_S: Final = 0.5
"""Wall seconds without a held state after which the broker has sent all of them."""
_STATES_WITHIN_S: Final = 5.0
_EFFECT_WAIT_S: Final = 10.0
"""Wall seconds for an answer's effect, which passes the broker twice and the gateway once."""


class RemoteWard:
    """The ward of a broker.

    Parameters
    ----------
    section
        The broker.

    Raises
    ------
    LinkError
        On entry, if the broker cannot be reached or refuses us.
    """

    def __init__(self, config: AgentConfig, section: MqttSection) -> None:
        gateway = config.gateway
        self._topics = Topics(gateway.site, gateway.ward, gateway.id)
        everything = f"crswatch/v1/{gateway.site}/{gateway.ward}/#"
        self._client = WardClient(section, everything)
        place = WardPlace(gateway.site, gateway.ward, gateway.zone)
        self._picture = WardPicture(place, max_age_s, lambda: time.time_ns() // 1_000_000)

    def __enter__(self) -> Self:
        self._client.__enter__()
        until_s = time.monotonic() + _STATES_WITHIN_S
        while self._take(_QUIET_S) and time.monotonic() < until_s:
            pass
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.__exit__(kind, error, trace)

    def snapshot(self) -> Snapshot:
        """Return the ward as it is now; raise LinkError while the broker is away."""
        if not self._client.is_connected:
            raise LinkError("the broker is away", retryable=True)
        self._take(0.0)
        return self._picture.snapshot()

    def answer(self, answer: Answer) -> AnswerEffect:
        """Give an answer, and return its effect; raise LinkError if none was seen."""
        waiting = {seen.alert_id for seen in answer.seen}
        changed: dict[str, Alert] = {}
        refused: list[RejectedCommandEvent] = []
        self._client.publish(self._topics.answers(answer.bed_id), encode_answer(answer))
        until_s = time.monotonic() + _EFFECT_WAIT_S
        while waiting and (left_s := until_s - time.monotonic()) > 0:
            for arrival in self._take(left_s):
                found = _effect_in(arrival, answer)
                if isinstance(found, Alert):
                    changed[found.alert_id] = found
                    waiting.discard(found.alert_id)
                elif found is not None:
                    refused.append(found)
                    waiting -= set(found.alert_ids) or waiting.copy()
        if not (changed or refused):
            raise LinkError(f"no effect was seen in {_EFFECT_WAIT_S:g} s", retryable=True)
        return AnswerEffect(tuple(changed.values()), tuple(refused))

    def _take(self, wait_s: float) -> list[Arrival]:
        """Take what has arrived into the picture; wait for the first message."""
        arrivals = list(self._client.messages(wait_s))
        for arrival in arrivals:
            body = body_of_message(arrival.topic, arrival.payload)
            if body is not None:
                self._picture.feed.put(body)
        return arrivals


def _effect_in(arrival: Arrival, answer: Answer) -> Alert | RejectedCommandEvent | None:
    """Return the effect of an answer that a message reports; None for any other message."""
    if is_alert(arrival.topic) and arrival.payload:
        try:
            alert = decode_alert(arrival.payload)
        except UNREADABLE:
            return None
        return alert if alert.answer_id == answer.answer_id else None
    try:
        event = decode_event(arrival.payload)
    except UNREADABLE:
        return None
    if not isinstance(event, RejectedCommandEvent) or event.bed_id != answer.bed_id:
        return None
    # A refusal before the answer was read does not carry its id.
    return event if event.answer_id in {answer.answer_id, ""} else None
