"""People's answers to the alerts of a bed, and their tests of the whole chain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class AnswerKind(StrEnum):
    """The answers that a person can give."""

    ACKNOWLEDGE = "acknowledge"
    """The person takes responsibility for the condition as it stands."""
    REJECT = "reject"
    """The person cannot come; the next one is called at once."""
    SILENCE = "silence"
    """No sound for a limited time; nobody has taken responsibility."""


@dataclass(frozen=True, slots=True)
class SeenAlert:
    """An alert in the form in which the person saw it."""

    alert_id: str
    n: int = 0
    """Transition that the person saw; 0 for the newest when the answer arrives."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer to one problem of one bed.

    It applies to what the person saw: an alert that has signalled news since then stays unanswered.
    """

    bed_id: str
    kind: AnswerKind
    by: str
    """Name or staff id of the person; never empty."""
    seen: tuple[SeenAlert, ...] = ()
    """Alerts that it answers; empty for everything open on the bed when it arrives."""
    reason: str = ""
    """Reason of a rejection or a silencing."""
    for_s: float | None = None
    """Seconds of silence; None for the longest that the priority allows."""
    answer_id: str = ""
    """Unique id from the sender, so that an answer sent twice counts once; empty without one."""

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise ValueError("an answer carries a name; got an empty one")
        if self.for_s is not None and not (math.isfinite(self.for_s) and self.for_s > 0):
            raise ValueError(f"a silence lasts more than 0 s; got {self.for_s} s")


@dataclass(frozen=True, slots=True)
class AlertTest:
    """One person's wish to test the whole chain of an alert at one bed."""

    bed_id: str
    by: str
    """Name or staff id of the person; never empty."""

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise ValueError("a test carries a name; got an empty one")
