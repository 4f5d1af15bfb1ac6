"""Messages of a broker as bodies for the board: the same JSON, and its place from the topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from edge_agent.board.feed import BodyKind, FeedBody

_GATEWAY: Final = "_gateway"
_KINDS: Final[Mapping[str, BodyKind]] = {
    "vitals": BodyKind.VITALS,
    "status": BodyKind.STATUS,
    "alerts": BodyKind.ALERTS,
    "events": BodyKind.CONTEXT,
    "calls": BodyKind.CALLS,
}
"""Kind by the part of a topic after the bed; events other than entries are left out when folded."""
_GATEWAY_KINDS: Final[Mapping[str, BodyKind]] = {
    "": BodyKind.GATEWAY,
    "auditor": BodyKind.AUDITOR,
    "ways": BodyKind.WAYS,
}


class _Origin(msgspec.Struct, frozen=True):
    gateway_id: str = ""


_origin_decoder: Final = msgspec.json.Decoder(_Origin)


def body_of_message(topic: str, payload: bytes) -> FeedBody | None:
    """Return a message of a ward as a body for its board; None for one that no board shows.

    Parameters
    ----------
    topic
        `crswatch/v1/<site>/<ward>/...`; see `payloads.topics`.
    payload
        JSON; empty where the broker holds the state no longer.
    """
    place, name, what, detail = [*topic.split("/")[4:], "", "", "", ""][:4]
    if place == _GATEWAY:
        kind = _GATEWAY_KINDS.get(what)
        return None if kind is None else FeedBody(kind, name, "", payload, detail)
    kind = _KINDS.get(name)
    if kind is None or not (payload or kind is BodyKind.ALERTS):
        return None
    return FeedBody(kind, _gateway_of(payload), place, payload, what)


def _gateway_of(payload: bytes) -> str:
    try:
        return _origin_decoder.decode(payload).gateway_id
    except msgspec.MsgspecError:
        return ""
