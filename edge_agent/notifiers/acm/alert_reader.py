"""Reader of IHE PCD alert messages (ORU^R40), as different senders write them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from enum import StrEnum
from typing import Final, TypeVar

from edge_agent.drivers.hl7_oru.er7 import Er7Message, Segment
from edge_agent.drivers.hl7_oru.timestamps import wall_ns
from edge_agent.notifiers.acm.alert_report import AlertReport
from edge_agent.notifiers.acm.codes import (
    ADVISORY,
    BEAT_EVENTS,
    FACETS,
    NO_PRIORITY,
    TEST,
    URN,
    AlarmState,
    Facet,
    Inactivation,
    Phase,
    whole_in,
)

_ROW_CODE, _ROW_VALUE, _ROW_FLAGS = 3, 5, 8
_FILLER, _TIME, _COPIES, _PARENT = 3, 7, 28, 29
_PERSON: Final = 5
_PRIORITIES: Final = ("PH", "PM", "PL", NO_PRIORITY)
_TYPES: Final = ("SP", "ST", ADVISORY)
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """An alert message as it was received."""

    report: AlertReport
    control_id: str
    profile: str
    """Profile that the message names; some senders put it into MSH-20."""
    has_parent: bool
    """True where it refers to the first message about the alert."""
    sender: str
    """MSH-3 and MSH-4."""


def read_alert(message: Er7Message) -> ReceivedAlert:
    """Return the alert in a message.

    Raises
    ------
    ValueError
        If it is not an alert message, or holds no alert.
    """
    header = message.header
    if header.component(9, 1) != "ORU" or header.component(9, 2) != "R40":
        raise ValueError(f"MSH-9 is {header.field(9)!r}; want ORU^R40^ORU_R40")
    request = _first(message, "OBR")
    rows = [segment for segment in message.segments if segment.name == "OBX"]
    if request is None or not rows:
        raise ValueError("there is no alert in it: want OBR and OBX")
    filler = [*request.components(_FILLER), "", ""]
    visit, person = _first(message, "PV1"), _first(message, "PRT")
    location = [] if visit is None else visit.components(3)
    report = AlertReport(
        alert_id=(filler[1] or filler[0]).removeprefix(URN),
        n=(whole_in(filler[0]) or 0) if filler[1] else 0,
        at_ns=wall_ns(header.field(7), UTC) or 0,
        bed_id=next((part for part in (*location[2:3], *location[1:2]) if part), ""),
        person_id=request.component(_COPIES, 1) if person is None else person.component(_PERSON, 1),
        notice_id=request.component(2, 1),
        since_ns=wall_ns(request.field(_TIME), UTC),
        phase=None,
        state=None,
        inactivation=(),
    )
    return ReceivedAlert(
        report=_with_rows(report, rows),
        control_id=header.text(10),
        profile=next((text for n in (21, 20) if (text := header.component(n, 1))), ""),
        has_parent=bool(request.field(_PARENT).strip("^")),
        sender=" ".join(header.text(n) for n in (3, 4)).strip(),
    )


def _first(message: Er7Message, name: str) -> Segment | None:
    return next((segment for segment in message.segments if segment.name == name), None)


def _with_rows(report: AlertReport, rows: Iterable[Segment]) -> AlertReport:
    """Return the report with what its rows say; the first row without a facet is the event."""
    has_event = False
    for row in rows:
        number = _number(row)
        facet = FACETS.get(number)
        if facet is not None:
            report = _with_facet(report, facet, row)
        elif not has_event and (number >> 16 == 3 or row.field(_ROW_VALUE)):
            has_event = True
            report = _with_event(report, row, is_beat=number in BEAT_EVENTS)
    return report


def _number(row: Segment) -> int:
    """Return the code of a row; some senders put the name before it."""
    numbers = (whole_in(part) for part in row.components(_ROW_CODE)[:2])
    return next((number for number in numbers if number is not None), 0)


def _with_event(report: AlertReport, row: Segment, *, is_beat: bool) -> AlertReport:
    flags = {flag.strip() for flag in row.repetitions(_ROW_FLAGS)}
    value = row.components(_ROW_VALUE)
    is_coded = row.field(2) in {"CWE", "CE"} and len(value) > 1
    return replace(
        report,
        headline=value[1] if is_coded else row.text(_ROW_VALUE),
        priority=next((word for word in _PRIORITIES if word in flags), report.priority),
        alert_type=next((word for word in _TYPES if word in flags), report.alert_type),
        is_test=TEST in flags,
        is_beat=is_beat,
    )


def _with_facet(report: AlertReport, facet: Facet, row: Segment) -> AlertReport:
    value = row.text(_ROW_VALUE)
    words = (_word(Inactivation, word) for word in row.repetitions(_ROW_VALUE))
    found: dict[Facet, Mapping[str, object]] = {
        Facet.PHASE: {"phase": _word(Phase, value)},
        Facet.STATE: {"state": _word(AlarmState, value)},
        Facet.INACTIVATION: {"inactivation": tuple(word for word in words if word is not None)},
        Facet.PRIORITY: {"priority": _known(value, _PRIORITIES) or report.priority},
        Facet.TYPE: {"alert_type": _known(value, _TYPES) or report.alert_type},
        Facet.TEXT: {"text": value},
        Facet.CONFIRM_TIMEOUT: {"confirm_s": _seconds(value)},
    }
    return replace(report, **found.get(facet, {}))  # type: ignore[arg-type]


def _known(text: str, words: Sequence[str]) -> str:
    """Return a text that is one of some words, else an empty one."""
    return text.strip() if text.strip() in words else ""


def _word(kind: type[_Word], text: str) -> _Word | None:
    """Return the member that a text names; None for an unknown word."""
    found: dict[str, _Word] = {str(member): member for member in kind}
    return found.get(text.strip().lower())


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) else None
