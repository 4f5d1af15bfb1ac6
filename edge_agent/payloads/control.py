"""Requests of commands on the same machine to a running agent, and its replies: lines of JSON."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.answers import AlertTest
from edge_agent.model.names import WANTED_NAME, names_somebody
from edge_agent.payloads.common import MAX_COMMAND_BYTES, encode_json
from edge_agent.payloads.events import RejectedCommandEvent

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


class TestRequest(
    msgspec.Struct, frozen=True, tag_field="do", tag="test_alert", forbid_unknown_fields=True
):
    """A person's wish to test the whole chain of an alert at a bed."""

    bed_id: str
    by: str


ControlRequest = SnapshotRequest | AnswerRequest | EntryRequest | TestRequest


class ControlReply(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reply to one request."""

    ok: msgspec.Raw = msgspec.Raw(b"")
    """Result as JSON; empty if the request was refused."""
    error: str = ""
    """Reason of a refusal in words; empty otherwise."""
    is_late: bool = False
    """True if the command was handed on, but its effect was not seen in time."""


class CommandEffect(msgspec.Struct, frozen=True):
    """Effect of a command on the alerts of a bed."""

    alerts: tuple[msgspec.Raw, ...] = ()
    """Alerts that changed, as `encode_alert` writes them."""
    refused: tuple[RejectedCommandEvent, ...] = ()
    """Refused parts of the command."""


_effect_decoder: Final = msgspec.json.Decoder(CommandEffect)
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
            f"request of {len(line)} bytes: {error}; want do (snapshot, answer, "
            "enter or test_alert) and its fields"
        ) from error


def wanted_test(request: TestRequest) -> AlertTest:
    """Return the test that a person wants; raise ValueError if nobody is named."""
    by = request.by.strip()
    if not names_somebody(by):
        raise ValueError(f"by is {request.by[:80]!r}; want {WANTED_NAME}")
    return AlertTest(request.bed_id, by)


def encode_reply(ok: bytes) -> bytes:
    """Return the reply with a result, which is JSON on one line, as one line."""
    return b'{"ok":' + ok + b"}\n"


def encode_refusal(words: str, *, is_late: bool = False) -> bytes:
    """Return the reply of a refusal as one line.

    Parameters
    ----------
    is_late
        True if the command may still have its effect.
    """
    return encode_json(ControlReply(error=words, is_late=is_late)) + b"\n"


def decode_reply(line: bytes) -> ControlReply:
    """Return the reply in a line; raise MsgspecError for another line."""
    return _reply_decoder.decode(line)


def encode_effect(effect: CommandEffect) -> bytes:
    """Return the effect of a command as the result of a reply."""
    return encode_json(effect)


def decode_effect(body: bytes) -> CommandEffect:
    """Return the effect in the result of a command; raise MsgspecError for another result."""
    return _effect_decoder.decode(body)
