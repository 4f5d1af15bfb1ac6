"""Messages of a broker as bodies for the board: the same JSON, and its place from the topic."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.board.feed import BodyKind, FeedBody

_ENTERED: Final = "context_entered"


class _Owner(msgspec.Struct, frozen=True):
    gateway_id: str = ""
    event: str = ""


_owner_decoder: Final = msgspec.json.Decoder(_Owner)


def body_of_message(topic: str, payload: bytes) -> FeedBody | None:
    """Return a message of a ward as a body for its board; None for one that no board shows.

    Parameters
    ----------
    topic
        `crswatch/v1/<site>/<ward>/...`; see `payloads.topics`.
    payload
        JSON; empty where the broker holds the state no longer.
    """
    match topic.split("/")[4:]:
        case ["_gateway", gateway_id, *rest]:
            return _about_gateway(gateway_id, rest, payload)
        case ["_board", *_]:
            return None
        case [bed_id, "alerts", rule_id]:
            return FeedBody(BodyKind.ALERTS, _owner(payload).gateway_id, bed_id, payload, rule_id)
        case [bed_id, "vitals" | "calls" | "status" as kind] if payload:
            return FeedBody(BodyKind(kind), _owner(payload).gateway_id, bed_id, payload)
        case [bed_id, "events"] if _owner(payload).event == _ENTERED:
            return FeedBody(BodyKind.CONTEXT, _owner(payload).gateway_id, bed_id, payload)
    return None


def _about_gateway(gateway_id: str, rest: list[str], payload: bytes) -> FeedBody | None:
    if not payload:
        return None
    match rest:
        case []:
            return FeedBody(BodyKind.GATEWAY, gateway_id, "", payload)
        case ["auditor"]:
            return FeedBody(BodyKind.AUDITOR, gateway_id, "", payload)
        case ["ways", name]:
            return FeedBody(BodyKind.WAYS, gateway_id, "", payload, name)
    return None


def _owner(payload: bytes) -> _Owner:
    """Return the gateway and the kind of a message; empty for one that is no JSON object."""
    try:
        return _owner_decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Owner()
