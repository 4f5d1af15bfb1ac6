"""Notices to people as JSON, the heartbeat of their way, and people's replies to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from edge_agent.model.calls import Notice, ReceiptFact
from edge_agent.model.clock import Instant
from edge_agent.model.names import MAX_ID_CHARS, MAX_NAME_CHARS, is_id, names_somebody
from edge_agent.payloads.common import MAX_COMMAND_BYTES, NOTE, SCHEMA, encode_json, rfc3339

_MAX_REASON_CHARS: Final = 200
_REPLIES: Final = frozenset(
    {ReceiptFact.DELIVERED, ReceiptFact.SEEN, ReceiptFact.ACCEPTED, ReceiptFact.REJECTED}
)


@dataclass(frozen=True, slots=True)
class GatewayPlace:
    """The gateway that sends notices, and its ward."""

    site: str
    ward: str
    gateway_id: str


def notice_message(notice: Notice, place: GatewayPlace) -> bytes:
    """Return a notice for a machine that brings it to a person."""
    return encode_json(
        {
            "schema": SCHEMA,
            "note": NOTE,
            "kind": "notice",
            **_of_place(place),
            "notice_id": notice.notice_id,
            "call_id": notice.call_id,
            "bed_id": notice.bed_id,
            "person_id": notice.person_id,
            "duty": notice.duty,
            "reason": notice.reason,
            "priority": notice.priority.name.lower(),
            "alert_kind": notice.kind.value,
            "headline": notice.headline,
            "sentence": notice.sentence,
            "alert_id": notice.alert_id,
            "seen": [{"alert_id": seen.alert_id, "n": seen.n} for seen in notice.seen],
            "at": rfc3339(notice.at.utc_ns),
            "since": None if notice.since is None else rfc3339(notice.since.utc_ns),
            "is_over": notice.is_over,
            "answered_by": notice.answered_by,
            "is_test": notice.is_test,
        }
    )


def beat_message(way: str, place: GatewayPlace, at: Instant, next_within_s: float) -> bytes:
    """Return the heartbeat of a way; its receiver alarms when the next one does not come in time.

    Parameters
    ----------
    next_within_s
        Seconds within which the next heartbeat comes while all is well.
    """
    return encode_json(
        {
            "schema": SCHEMA,
            "note": NOTE,
            "kind": "heartbeat",
            **_of_place(place),
            "way": way,
            "at": rfc3339(at.utc_ns),
            "next_within_s": next_within_s,
        }
    )


def _of_place(place: GatewayPlace) -> dict[str, str]:
    return {"site": place.site, "ward": place.ward, "gateway": place.gateway_id}


class Reply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Reply of a person, or a person's device, to one notice."""

    notice_id: str
    fact: ReceiptFact
    by: str = ""
    """Person; empty where only a device is known."""
    reason: str = ""


def parse_reply(payload: bytes) -> Reply:
    """Return the reply in a message.

    Raises
    ------
    ValueError
        If it is not a reply, with the reason in words.
    """
    if len(payload) > MAX_COMMAND_BYTES:
        raise ValueError(f"{len(payload)} bytes; want at most {MAX_COMMAND_BYTES}")
    try:
        reply = msgspec.json.decode(payload, type=Reply)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(f"not a reply: {error}") from error
    if not is_id(reply.notice_id):
        raise ValueError(f"notice_id has up to {MAX_ID_CHARS} printable characters")
    if reply.fact not in _REPLIES:
        raise ValueError(f"fact is {reply.fact}; want one of {', '.join(sorted(_REPLIES))}")
    is_by_somebody = names_somebody(reply.by)
    if reply.fact in {ReceiptFact.ACCEPTED, ReceiptFact.REJECTED} and not is_by_somebody:
        raise ValueError(f"by is a person's name of 1 to {MAX_NAME_CHARS} characters")
    if reply.by and not is_by_somebody:
        raise ValueError(f"by has up to {MAX_NAME_CHARS} characters that can be seen")
    if len(reply.reason) > _MAX_REASON_CHARS or not reply.reason.isprintable():
        raise ValueError(f"reason has up to {_MAX_REASON_CHARS} characters that can be seen")
    return reply
