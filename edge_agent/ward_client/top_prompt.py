"""Keys of the terminal's board: asking which bed, who, and whether it is meant.

An answer is about the problem as it stood when its bed was named: it is shown from then on until
the last key, and a sign that comes in between stays unanswered.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from edge_agent.board.shapes import Snapshot
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.names import MAX_NAME_CHARS, names_somebody
from edge_agent.ward_client.answer_words import AnsweredBed
from edge_agent.ward_client.bed_names import bed_labels, beds_meant
from edge_agent.ward_client.reader import Reader

_ENTER: Final = frozenset("\r\n")
_RUBBED_OUT: Final = frozenset("\x7f\b")
_ESCAPE: Final = frozenset("\x1b\x03\x04")
_YES: Final = frozenset("yYjJ")


class _Step(Enum):
    IDLE = auto()
    BED = auto()
    NAME = auto()
    SURE = auto()


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to send, with the bed as the person saw it."""

    answer: Answer
    seen: AnsweredBed


class TopPrompt:
    """The question that the terminal asks at the moment.

    Parameters
    ----------
    by
        Name of the person, offered until another is typed; empty for none.
    """

    def __init__(self, by: str = "") -> None:
        self._step = _Step.IDLE
        self._typed = ""
        self._by = by
        self._seen: AnsweredBed | None = None
        self._note = ""
        self.is_over = False
        """True once the person wants to leave."""

    def press(self, key: str, snapshot: Snapshot, reader: Reader) -> GivenAnswer | None:
        """Take one key; return the answer that it completes."""
        self._note = ""
        if self._step is _Step.IDLE:
            self._begin(key)
        elif key in _ESCAPE:
            self._step = _Step.IDLE
        elif self._step is _Step.SURE:
            return self._decide(key)
        elif key in _ENTER:
            self._end_line(snapshot, reader)
        elif key in _RUBBED_OUT:
            self._typed = self._typed[:-1]
        elif key.isprintable() and len(self._typed) < MAX_NAME_CHARS:
            self._typed += key
        return None

    def footer(self, reader: Reader) -> str:
        """Return the question, or the note about the last act; empty for neither."""
        if self._step is _Step.BED:
            return reader.say("ask_bed", typed=self._typed)
        if self._seen is None or self._step is _Step.IDLE:
            return self._note
        words = {"bed": self._seen.label, "title": self._seen.titles((), reader)}
        if self._step is _Step.NAME:
            return reader.say("ask_by", typed=self._typed, **words)
        return reader.say("ask_sure", by=self._by, **words)

    def note(self, words: str) -> None:
        """Show words in place of the keys until the next one."""
        self._note = words

    def _begin(self, key: str) -> None:
        if key in {"q", "Q", "\x03", "\x04"}:
            self.is_over = True
        elif key in {"a", "A"}:
            self._step, self._typed = _Step.BED, ""

    def _end_line(self, snapshot: Snapshot, reader: Reader) -> None:
        typed, self._typed = self._typed.strip(), ""
        if self._step is _Step.BED:
            self._choose(typed, snapshot, reader)
        elif names_somebody(typed):
            self._by, self._step = typed, _Step.SURE

    def _choose(self, typed: str, snapshot: Snapshot, reader: Reader) -> None:
        """Take the bed that was typed, with its problem as it is now."""
        beds = {bed.id: bed for bed in snapshot.beds if bed.problem is not None}
        found = beds_meant(typed, list(beds))
        if len(found) != 1:
            self._step, self._note = _Step.IDLE, reader.say("no_such_bed", typed=typed)
            return
        labels = bed_labels([bed.id for bed in snapshot.beds], reader.say("bed"))
        self._seen = AnsweredBed(beds[found[0]], labels[found[0]])
        self._step, self._typed = _Step.NAME, self._by

    def _decide(self, key: str) -> GivenAnswer | None:
        self._step = _Step.IDLE
        seen = self._seen
        if key not in _YES or seen is None or seen.bed.problem is None:
            return None
        signs = tuple(SeenAlert(sign.alert_id, sign.n) for sign in seen.bed.problem.signs)
        answer = Answer(
            seen.bed.id, AnswerKind.ACKNOWLEDGE, self._by, signs, answer_id=uuid.uuid4().hex
        )
        return GivenAnswer(answer, seen)
