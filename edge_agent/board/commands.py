"""Commands of people on the board, as their receiver gets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge_agent.model.answers import Answer
from edge_agent.model.patient import BedEntry


@dataclass(frozen=True, slots=True)
class Signature:
    """Person behind an act, for the audit trail."""

    by: str
    role: str
    """Empty without accounts."""
    via: str
    """`board` and the browser's address."""


Reply = Callable[[str], None]
"""Receiver of what became of a command: empty where it was carried out, else why not; any thread
may call it."""


class BoardCommands(Protocol):
    """Receiver of people's commands; never waits, and its effect comes back on the feed.

    A command raises ValueError, with the reason, where the person may not give it.
    """

    def answer(self, answer: Answer, signature: Signature, reply: Reply) -> bool:
        """Pass on an answer; return True if it was accepted for evaluation."""

    def enter(self, entry: BedEntry, signature: Signature, reply: Reply) -> bool:
        """Pass on an entry; return True if it was accepted for evaluation."""

    def test_alert(self, bed_id: str, signature: Signature, reply: Reply) -> bool:
        """Begin a test of the whole chain; return True if it was accepted for evaluation."""

    def note_pause(self, for_s: float, signature: Signature) -> None:
        """Record that a person paused the sound of every screen."""

    def note_seen(self, bed_id: str, by: str) -> None:
        """Record that a person has opened the problem of a bed."""

    def note_shown(self, bed_id: str, screen: str) -> None:
        """Record that a screen shows the problem of a bed."""
