"""Notices of one evaluation of a call: at most one for each person and way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from edge_agent.alerting.bed_signs import reason_of
from edge_agent.model.alerts import Alert, AlertKind, SignalReason
from edge_agent.model.calls import Call, CallState, Notice, NoticeKey
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
        self._say = say
        self._at = at
        self._found: dict[tuple[str, str], Notice] = {}

    def all(self) -> tuple[Notice, ...]:
        """Return the notices in the order of their people."""
        return tuple(self._found.values())

    def ring(self, call: Call, index: int, reason: SignalReason, sign: Alert) -> None:
        """Call a person of `call.called`, for the first time or again."""
        self._add(call, index, sign, reason=reason)

    def has_rung(self, person_id: str) -> bool:
        """Return True if a person gets a notice already."""
        return any(known == person_id for known, _ in self._found)

    def end(self, call: Call, index: int, sign: Alert | None) -> None:
        """Tell a person of `call.called` that nobody has to come for this call any longer."""
        by = ", ".join(call.answered_by)
        self._add(call, index, sign, reason=SignalReason.FIRST, is_over=True, answered_by=by)

    def second(self, call: Call, index: int, sign: Alert) -> None:
        """Tell a person of `call.called` that one has answered, and that a second one must."""
        by = ", ".join(call.answered_by)
        self._add(call, index, sign, reason=SignalReason.SECOND_ANSWER, answered_by=by)

    def recorded(self, call: Call) -> Call:
        """Return a call that records whom it has told with its present change."""
        keys = [NoticeKey.read(notice.notice_id) for notice in self._found.values()]
        told = {
            key.index for key in keys if key and (key.call_id, key.call_n) == (call.call_id, call.n)
        }
        called = tuple(
            replace(person, told_n=call.n) if index in told else person
            for index, person in enumerate(call.called)
        )
        return replace(call, called=called)

    def _add(self, call: Call, index: int, sign: Alert | None, **facts: Any) -> None:  # noqa: ANN401 - facts of a notice
        person = call.called[index]
        for way in person.ways:
            key = NoticeKey(call.call_id, call.n, index, way)
            notice = notice_about(call, key, sign, self._say)
            self._found[person.person_id, way] = replace(notice, at=self._at, **facts)


def notice_about(call: Call, key: NoticeKey, sign: Alert | None, say: Say) -> Notice:
    """Return the notice of an id, with the texts about an alert of its call as it stands now."""
    said = Said(call.bed_id, "") if sign is None else say(sign)
    person = call.called[key.index]
    return Notice(
        notice_id=str(key),
        call_id=call.call_id,
        bed_id=call.bed_id,
        way=key.way,
        person_id=person.person_id,
        duty=person.duty,
        reason=SignalReason.FIRST if sign is None else reason_of([sign]),
        priority=call.priority,
        headline=said.headline,
        sentence=said.sentence,
        alert_id=call.alert_ids[0] if sign is None else sign.alert_id,
        at=person.at,
        is_over=call.state is not CallState.CALLING,
        answered_by=", ".join(call.answered_by),
        is_test=call.is_test,
        kind=AlertKind.PHYSIOLOGICAL if sign is None else sign.kind,
        seen=call.seen_at(key.call_n),
        since=call.began_at,
    )
