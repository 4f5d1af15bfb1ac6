"""Replies to people at a ward's board, from the events of the bed that their commands are about."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

_WAIT_S: Final = 5.0
"""Wall seconds after which an event is no reply; the board itself waits for a shorter time."""
_MOST_WAITING: Final = 64
_MOST_REASON_CHARS: Final = 300
_REFUSED: Final = "command_rejected"


class _Entry(msgspec.Struct, frozen=True):
    entry_id: str = ""


class _Event(msgspec.Struct, frozen=True):
    event: str = ""
    gateway_id: str = ""
    reason: str = ""
    answer_id: str = ""
    entry: _Entry = _Entry()
    is_test: bool = False


_decoder: Final = msgspec.json.Decoder(_Event)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A command of a person that was sent, and whom to tell."""

    bed_id: str
    gateway_id: str
    """Gateway of the bed; only its refusals count."""
    command_id: str
    """Id of the answer or the entry; empty for a test."""
    reply: Callable[[str], None]
    """Receives why the command was refused; empty where its effect was seen."""


class WaitingReplies:
    """Commands whose effect has not been seen yet.

    A refusal before a command was read carries no id; it counts for every command that waits at the
    bed then.
    """

    def __init__(self) -> None:
        self._waiting: tuple[tuple[float, Waiting], ...] = ()
        """Commands with the time of sending; replaced as a whole, by the sending thread alone."""

    def add(self, command: Waiting) -> None:
        """Wait for the effect of a command; before it is sent."""
        now_s = time.monotonic()
        recent = (each for each in self._waiting if now_s - each[0] < _WAIT_S)
        self._waiting = (*recent, (now_s, command))[-_MOST_WAITING:]

    def note(self, topic: str, payload: bytes) -> None:
        """Reply to the commands whose effect or refusal a message of the ward reports."""
        bed_id, *kind = topic.split("/")[4:] or [""]
        now_s = time.monotonic()
        waiting = [
            each
            for at_s, each in self._waiting
            if kind == ["events"] and each.bed_id == bed_id and now_s - at_s < _WAIT_S
        ]
        if not waiting:
            return
        try:
            event = _decoder.decode(payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        for command in waiting:
            if command.gateway_id == event.gateway_id:
                _settle(command, event)


def _settle(command: Waiting, event: _Event) -> None:
    own_id = command.command_id
    if event.event == _REFUSED:
        if event.answer_id in {"", own_id}:
            command.reply(event.reason[:_MOST_REASON_CHARS])
    elif event.is_test if not own_id else own_id in {event.answer_id, event.entry.entry_id}:
        command.reply("")
