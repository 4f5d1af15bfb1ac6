"""Requests of commands on the same machine to a running agent, and its replies: lines of JSON."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.payloads.common import MAX_COMMAND_BYTES, encode_json

MAX_REQUEST_BYTES: Final = 2 * MAX_COMMAND_BYTES
"""Longest line of a request: one command with its bed and its purpose."""


class SnapshotRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="snapshot", forbid_unknown_fields=True
):
    """Request for the whole ward as the board shows it."""


class AnswerRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="answer", forbid_unknown_fields=True
):
    """A person's answer to the problem of a bed."""

    bed_id: str
    answer: msgspec.Raw
    """The command as it goes over MQTT."""


class EntryRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="enter", forbid_unknown_fields=True
):
    """A person's entry about the patient of a bed."""

    bed_id: str
    entry: msgspec.Raw
    """The command as it goes over MQTT."""


ControlRequest = SnapshotRequest | AnswerRequest | EntryRequest


class ControlReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reply to one request."""

    ok: msgspec.Raw = msgspec.Raw(b"")
    """Result as JSON; empty if the request was refused."""
    error: str = ""
    """Reason of a refusal in words; empty otherwise."""


_request_decoder: Final[msgspec.json.Decoder[ControlRequest]] = msgspec.json.Decoder(ControlRequest)
_reply_decoder: Final = msgspec.json.Decoder(ControlReply)


def encode_request(request: ControlRequest) -> bytes:
    """Return a request as one line."""
    return encode_json(request) + b"\n"


def parse_request(line: bytes) -> ControlRequest:
    """Return the request in a line.

    Raises
    ------
    ValueError
        With the mistake and the values allowed.
    """
    try:
        return _request_decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"request of {len(line)} bytes: {error}; want do (snapshot, answer or enter)"
            " and its fields"
        ) from error


def encode_reply(ok: bytes) -> bytes:
    """Return the reply with a result, which is JSON on one line, as one line."""
    return b'{"ok":' + ok + b"}\n"


def encode_refusal(words: str) -> bytes:
    """Return the reply of a refusal as one line."""
    return encode_json(ControlReply(error=words)) + b"\n"


def decode_reply(line: bytes) -> ControlReply:
    """Return the reply in a line; raise MsgspecError for another line."""
    return _reply_decoder.decode(line)
