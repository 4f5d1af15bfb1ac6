"""Notices of one evaluation of a call: at most one for each person and way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.calls import Call, CalledPerson, Notice, NoticeKey
from edge_agent.model.clock import Instant


@dataclass(frozen=True, slots=True)
class Said:
    """Texts of a notice."""

    headline: str
    """Priority, bed and sign, without any name."""
    sentence: str
    """Values with units and times."""


Say = Callable[[Alert], Said]
"""Function that returns the texts about an alert."""


class Notices:
    """Notices so far; a later one to the same person replaces an earlier one.

    Parameters
    ----------
    say
        Returns the texts about an alert.
    """

    def __init__(self, say: Say, at: Instant) -> None:
        self._say: Final = say
        self._at: Final = at
        self._found: dict[tuple[str, str], Notice] = {}

    def all(self) -> tuple[Notice, ...]:
        """Return the notices in the order of their people."""
        return tuple(self._found.values())

    def ring(self, call: Call, person: CalledPerson, reason: SignalReason, sign: Alert) -> None:
        """Call a person, or call them again."""
        self._add(call, person, reason, sign)

    def has_rung(self, person_id: str) -> bool:
        """Return True if a person gets a notice already."""
        return any(known == person_id for known, _ in self._found)

    def end(
        self, call: Call, person: CalledPerson, sign: Alert | None, answered_by: str = ""
    ) -> None:
        """Tell a person that nobody has to come for this call any longer."""
        self._add(call, person, SignalReason.FIRST, sign, is_over=True, answered_by=answered_by)

    def second(self, call: Call, person: CalledPerson, sign: Alert, answered_by: str) -> None:
        """Tell a person that somebody has answered, and that a second person must."""
        self._add(call, person, SignalReason.SECOND_ANSWER, sign, answered_by=answered_by)

    def _add(  # noqa: PLR0913 - the facts of one notice
        self,
        call: Call,
        person: CalledPerson,
        reason: SignalReason,
        sign: Alert | None,
        *,
        is_over: bool = False,
        answered_by: str = "",
    ) -> None:
        said = Said(call.bed_id, "") if sign is None else self._say(sign)
        for way in person.ways:
            key = NoticeKey(call.call_id, call.n, call.called.index(person), way)
            self._found[person.person_id, way] = Notice(
                notice_id=str(key),
                call_id=call.call_id,
                bed_id=call.bed_id,
                way=way,
                person_id=person.person_id,
                duty=person.duty,
                reason=reason,
                priority=call.priority,
                headline=said.headline,
                sentence=said.sentence,
                alert_id=call.alert_ids[0] if sign is None else sign.alert_id,
                at=self._at,
                is_over=is_over,
                answered_by=answered_by,
                is_test=call.is_test,
            )
