"""People's answers to alerts as JSON."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.answers import AlertTest, Answer, AnswerKind, SeenAlert
from edge_agent.model.names import MAX_ID_CHARS, MAX_NAME_CHARS, is_id, names_somebody
from edge_agent.payloads.common import MAX_COMMAND_BYTES, encode_json

_MOST_SEEN: Final = 64
"""Most alerts of one answer; a bed has one alert for each rule."""
_MOST_REASON_CHARS: Final = 200
_WANTED: Final = "want by and alert_id as text, or by, kind and seen"
_ID: Final = f"at most {MAX_ID_CHARS} printable characters"


class _AnswerCommand(msgspec.Struct, frozen=True):
    by: str
    alert_id: str | None = None
    kind: AnswerKind = AnswerKind.ACKNOWLEDGE
    seen: tuple[SeenAlert, ...] | None = None
    reason: str = ""
    for_s: float | None = None
    answer_id: str = ""


_decoder: Final = msgspec.json.Decoder(_AnswerCommand)


def encode_answer(answer: Answer) -> bytes:
    """Return an answer as `parse_answer` reads it; the bed is in the topic."""
    plain = msgspec.to_builtins(answer)
    del plain["bed_id"]
    return encode_json(plain)


def parse_answer(bed_id: str, payload: bytes) -> Answer:
    """Return the answer in `payload`.

    Either one alert as it stands, ``{"alert_id": "...", "by": "nurse 7"}``, or a bed's problem,
    ``{"kind": "acknowledge", "seen": [{"alert_id": "...", "n": 3}], "by": "nurse 7"}``, with
    `reason`, `for_s` and `answer_id` where they matter. An empty `seen` means everything open.

    Raises
    ------
    ValueError
        With the mistake, the value seen and the values allowed.
    """
    if len(payload) > MAX_COMMAND_BYTES:
        raise ValueError(f"command has {len(payload)} bytes; at most {MAX_COMMAND_BYTES} allowed")
    try:
        command = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"command {payload[:80]!r}: {error}; {_WANTED}") from error
    by = command.by.strip()
    if not names_somebody(by):
        raise ValueError(
            f"by is {command.by[:80]!r}; want a name of 1 to {MAX_NAME_CHARS} characters that can "
            "be seen"
        )
    if len(command.reason) > _MOST_REASON_CHARS or not command.reason.isprintable():
        raise ValueError(
            f"reason is {command.reason[:80]!r}; want at most {_MOST_REASON_CHARS} characters that "
            "can be seen"
        )
    if command.answer_id and not is_id(command.answer_id):
        raise ValueError(f"answer_id {command.answer_id[:80]!r}; want {_ID} or nothing")
    seen = _seen(command)
    reason = command.reason.strip()
    return Answer(bed_id, command.kind, by, seen, reason, command.for_s, command.answer_id)


class _TestCommand(msgspec.Struct, frozen=True):
    by: str
    test: bool = False


_test_decoder: Final = msgspec.json.Decoder(_TestCommand)


def encode_test(test: AlertTest) -> bytes:
    """Return the wish for a test as `parse_command` reads it; the bed is in the topic."""
    return encode_json(_TestCommand(test.by, test=True))


def parse_command(bed_id: str, payload: bytes) -> Answer | AlertTest:
    """Return the answer in `payload`, or the wish for a test: ``{"test": true, "by": "nurse 7"}``.

    Raises
    ------
    ValueError
        As for `parse_answer`.
    """
    try:
        wish = _test_decoder.decode(payload[:MAX_COMMAND_BYTES])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return parse_answer(bed_id, payload)
    if not wish.test:
        return parse_answer(bed_id, payload)
    by = wish.by.strip()
    if not names_somebody(by):
        raise ValueError(f"by is {wish.by[:80]!r}; want 1 to {MAX_NAME_CHARS} visible characters")
    return AlertTest(bed_id, by)


def _seen(command: _AnswerCommand) -> tuple[SeenAlert, ...]:
    """Return the alerts that an answer is about, checked."""
    if (command.alert_id is None) == (command.seen is None):
        raise ValueError("want either alert_id or seen")
    seen = command.seen if command.seen is not None else (SeenAlert(command.alert_id or ""),)
    if len(seen) > _MOST_SEEN:
        raise ValueError(f"seen names {len(seen)} alerts; at most {_MOST_SEEN} allowed")
    for alert in seen:
        if not alert.alert_id:
            raise ValueError("alert_id is empty; want the id of an alert")
        if not is_id(alert.alert_id):
            raise ValueError(f"alert_id {alert.alert_id[:80]!r}; want the id of an alert, {_ID}")
        if alert.n < 0:
            raise ValueError(f"n is {alert.n}; want 0 or the number of a transition")
    return seen
