"""The sender's own verdict on a value: its marks in OBX-8 and its status in OBX-11."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from edge_agent.drivers.hl7_oru.er7 import Segment, Syntax, split
from edge_agent.model.measurements import GenerationMode, Validity

FLAGS: Final = 8
_STATUS: Final = 11

_STATUSES: Final = {
    "": Validity.VALID,
    "F": Validity.VALID,
    "R": Validity.VALID,
    "P": Validity.VALID,
    "C": Validity.VALID,
    "U": Validity.VALID,
    "S": Validity.QUESTIONABLE,
    "B": Validity.QUESTIONABLE,
    "A": Validity.QUESTIONABLE,
    "V": Validity.QUESTIONABLE,
    "X": Validity.INVALID,
    "D": Validity.INVALID,
    "W": Validity.INVALID,
    "N": Validity.NOT_AVAILABLE,
    "O": Validity.NOT_AVAILABLE,
    "I": Validity.NOT_AVAILABLE,
}
"""Verdict by OBX-11 (HL7 table 0085); any other letter is questionable."""

_VERDICTS: Final = {
    "INV": Validity.INVALID,
    "OFF": Validity.INVALID,
    "NAV": Validity.NOT_AVAILABLE,
    "CAL": Validity.CALIBRATING,
    "BUSY": Validity.MEASURING,
    "QUES": Validity.QUESTIONABLE,
    "EARLY": Validity.QUESTIONABLE,
    ">": Validity.ABOVE_RANGE,
    "<": Validity.BELOW_RANGE,
}
"""Verdict by a mark in OBX-8: MeasurementStatus of IHE Patient Care Device Technical Framework,
volume 2, appendix B.8; > and < of HL7 table 0078 (beyond the instrument's scale)."""
_MODES: Final = {
    "DEMO": GenerationMode.DEMO,
    "SIM": GenerationMode.DEMO,
    "SIMULATED": GenerationMode.DEMO,
    "SIMULATION": GenerationMode.DEMO,
    "TEST": GenerationMode.TEST,
    "TRAINING": GenerationMode.TEST,
}
"""Mode by mark: DEMO and TEST are IHE's; the other words mean the same and can only make a value
less usable."""
_WITHOUT_MEANING: Final = frozenset(
    {
        *("L", "H", "LL", "HH", "N", "A", "AA", "U", "D", "B", "W", "NULL"),  # HL7 table 0078
        *("S", "R", "I", "MS", "VS"),  # of the same table
        *("PH", "PM", "PL", "PN", "ST", "SP", "SA", "ACK", "VALID"),  # IHE PCD-01 and PCD-04
    }
)
"""Marks about the state of the patient or the alarm, not about the quality of the value."""

_WORSE_FIRST: Final = (
    Validity.INVALID,
    Validity.NOT_AVAILABLE,
    Validity.CALIBRATING,
    Validity.MEASURING,
    Validity.ABOVE_RANGE,
    Validity.BELOW_RANGE,
    Validity.QUESTIONABLE,
    Validity.VALID,
)
_WORD: Final = re.compile(r"[^\s;,/]+")


class RowMarks(NamedTuple):
    """The evaluated marks of one row."""

    mode: GenerationMode
    validity: Validity
    unknown: tuple[str, ...]
    """Marks that are in no list; they change nothing and are reported."""


UNMARKED: Final = RowMarks(GenerationMode.REAL, Validity.VALID, ())


def flags(row: Segment) -> tuple[str, ...]:
    """Return the marks in OBX-8 in capitals: the codes of all its repetitions."""
    return _words(row.field(FLAGS), row.syntax)


def mode_of(words: Iterable[str]) -> GenerationMode:
    """Return the mode of values with these marks; demonstration takes precedence over test."""
    modes = {_MODES[word] for word in words if word in _MODES}
    found = (mode for mode in (GenerationMode.DEMO, GenerationMode.TEST) if mode in modes)
    return next(found, GenerationMode.REAL)


def marks(row: Segment) -> RowMarks:
    """Return the evaluated marks of a row."""
    return _marks(row.field(FLAGS), row.syntax) if row.field(FLAGS) else UNMARKED


# a monitor uses some ten combinations of marks
@lru_cache(maxsize=256)
def _words(text: str, syntax: Syntax) -> tuple[str, ...]:
    firsts = (code.split(syntax.component)[0] for code in split(text, syntax.repetition))
    return tuple(word.upper() for first in firsts for word in _WORD.findall(first))


@lru_cache(maxsize=256)
def _marks(text: str, syntax: Syntax) -> RowMarks:
    words = _words(text, syntax)
    verdicts = (_VERDICTS[word] for word in words if word in _VERDICTS)
    known = _VERDICTS.keys() | _MODES.keys() | _WITHOUT_MEANING
    return RowMarks(
        mode_of(words),
        worst(Validity.VALID, *verdicts),
        tuple(word for word in words if word not in known),
    )


def worst(*verdicts: Validity) -> Validity:
    """Return the verdict that leaves least of a value."""
    return min(verdicts, key=_WORSE_FIRST.index)


def status(row: Segment) -> str:
    """Return the letter in OBX-11, in capitals."""
    text = row.field(_STATUS)
    return text if text in _STATUSES else row.component(_STATUS, 1).strip().upper()


def status_verdict(letter: str, *, x_is_invalid: bool) -> Validity:
    """Return the verdict of the letter in OBX-11; `x_is_invalid` as in the profile."""
    if letter == "X" and not x_is_invalid:
        return Validity.VALID
    return _STATUSES.get(letter, Validity.QUESTIONABLE)
