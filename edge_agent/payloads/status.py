"""The state of a gateway and its links as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec

from edge_agent.model.session_events import LinkState
from edge_agent.payloads.common import NOTE, SCHEMA, encode_json, record_of
from edge_agent.payloads.events import AssessmentEvent, LinkEvent


class _LinkWire(msgspec.Struct, frozen=True):
    device_id: str
    state: LinkState
    reason: str
    since: str


class StatusWire(msgspec.Struct, frozen=True):
    """Present state of a bed, for subscribers."""

    bed_id: str
    links: tuple[_LinkWire, ...]
    assessment: AssessmentEvent | None
    """None before the first assessment."""
    note: str = NOTE
    schema: int = SCHEMA


_status_decoder: Final = msgspec.json.Decoder(StatusWire)


def status_message(
    bed_id: str, links: Sequence[LinkEvent], assessment: AssessmentEvent | None = None
) -> bytes:
    """Return the present state of every link of a bed, and its assessment."""
    devices = tuple(record_of(_LinkWire, link, since=link.at) for link in links)
    return encode_json(StatusWire(bed_id, devices, assessment))


def decode_status_message(payload: bytes) -> StatusWire:
    """Return the content of a received message; raise MsgspecError for another payload."""
    return _status_decoder.decode(payload)


@dataclass(frozen=True, slots=True)
class GatewayIdentity:
    """A gateway's identity in its birth message."""

    gateway_id: str
    version: str
    boot_id: str
    config_hash: str


def gateway_message(
    identity: GatewayIdentity, state: str, bed_ids: Sequence[str] | None = None
) -> bytes:
    """Return the message for birth (`online`), last will (`lost`) or a clean end (`stopped`).

    Parameters
    ----------
    bed_ids
        Beds of the gateway; None to leave them out.
    """
    beds = {} if bed_ids is None else {"beds": bed_ids}
    return encode_json({"schema": SCHEMA, "state": state, "note": NOTE} | asdict(identity) | beds)


class _Boot(msgspec.Struct, frozen=True):
    boot_id: str


_boot_decoder: Final = msgspec.json.Decoder(_Boot)


def boot_of(payload: bytes) -> str | None:
    """Return the boot_id in a `gateway_message`; None for any other payload."""
    try:
        return _boot_decoder.decode(payload).boot_id
    except msgspec.MsgspecError:
        return None
