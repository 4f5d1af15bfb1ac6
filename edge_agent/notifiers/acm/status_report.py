"""Report of alert status (PCD-05, trigger R41): what became of an alert, and with whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.hl7_oru.er7 import Er7Message, Segment
from edge_agent.model.calls import ReceiptFact
from edge_agent.notifiers.acm.codes import STATUS_WORDS, URN, whole_in

_PLACER, _FILLER, _PARENT = 2, 3, 29
_REASON, _PERSON = 3, 5
_VALUE: Final = 5


@dataclass(frozen=True, slots=True)
class StatusKind:
    """MSH-9 of a report of status, as the alert manager writes it."""

    trigger: str = "R41"
    structure: str = "ORA_R41"

    def is_in(self, message: Er7Message) -> bool:
        """Return True if a message is a report of status."""
        header = message.header
        return header.component(9, 2) == self.trigger or header.component(9, 3) == self.structure


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """Status of an alert at one person or device."""

    word: str
    """As it was sent."""
    person: str
    """Staff id; empty where none is named."""

    @property
    def is_known(self) -> bool:
        """True where the word is one that we know."""
        return _key(self.word) in STATUS_WORDS

    @property
    def fact(self) -> ReceiptFact | None:
        """Fact for the record; None for a word that says nothing about a person."""
        return STATUS_WORDS.get(_key(self.word))


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One report of status."""

    control_id: str
    answered_id: str
    """Control id of the alert message to which it answers; empty where it names none."""
    notice_id: str
    """Placer's number, as sent with the alert; empty where it is not repeated."""
    alert_id: str
    n: int | None
    """Number of the message about the alert; None where it is not said."""
    bed_id: str
    """Empty where no place is named."""
    statuses: tuple[PersonStatus, ...]


def read_status(message: Er7Message) -> StatusReport:
    """Return the report in a message; a field that is missing is empty."""
    request, visit, answer = (_first(message, name) for name in ("OBR", "PV1", "MSA"))
    filler = [*(request.components(_FILLER) if request is not None else []), "", ""]
    parent = ["", "", ""] if request is None else [*request.subcomponents(_PARENT, 2), "", ""]
    location = [] if visit is None else visit.components(3)
    return StatusReport(
        control_id=message.header.text(10),
        answered_id="" if answer is None else answer.text(2).strip(),
        notice_id="" if request is None else request.component(_PLACER, 1),
        alert_id=(filler[1] or filler[0] or parent[1] or parent[0]).removeprefix(URN),
        n=whole_in(filler[0]) if filler[1] else None,
        bed_id=next((part for part in (*location[2:3], *location[1:2]) if part), ""),
        statuses=_statuses(message),
    )


def _statuses(message: Er7Message) -> tuple[PersonStatus, ...]:
    """Return the statuses: one for each PRT, or else those among the results."""
    people = [segment for segment in message.segments if segment.name == "PRT"]
    found = tuple(PersonStatus(_word(row, _REASON), _person(row)) for row in people)
    if any(status.word for status in found):
        return tuple(status for status in found if status.word)
    person = next((status.person for status in found if status.person), "")
    words = [_word(row, _VALUE) for row in message.segments if row.name == "OBX"]
    return tuple(PersonStatus(word, person) for word in words if _key(word) in STATUS_WORDS)


def _word(row: Segment, n: int) -> str:
    """Return the first component of a field that is a known word, else the first of all."""
    parts = [part.strip() for part in row.components(n)]
    return next((part for part in parts if _key(part) in STATUS_WORDS), parts[0])


def _person(row: Segment) -> str:
    """Return the id of a person, or else the family name."""
    parts = [*row.components(_PERSON), ""]
    return (parts[0] or parts[1]).strip()


def _key(word: str) -> str:
    return "".join(word.split()).lower()


def _first(message: Er7Message, name: str) -> Segment | None:
    return next((segment for segment in message.segments if segment.name == name), None)
