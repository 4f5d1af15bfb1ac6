"""Parser of one text line, by a grammar of the whole line.

The lines have no checksum: only keys, widths and ranges separate a sound line from a damaged one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from edge_agent.drivers.framing import AROUND_LINES, without_parity
from edge_agent.drivers.masimo_ascii.values import ROWS
from edge_agent.model.local_time import candidates_ns, nearest_ns

MAX_TEXT: Final = 400
"""Longest line in bytes: the longest known one has 172, and newer models add parameters."""

BEGINNING: Final = re.compile(rb"\d\d/\d\d/\d\d \d\d:\d\d:\d\d ")
"""Date and time, with which a line begins."""
_LINE: Final = re.compile(
    r"(?P<stamp>\d\d/\d\d/\d\d \d\d:\d\d:\d\d)(?P<fields>(?: [A-Z][A-Z0-9]*=[!-<>-~]+){2,}) *"
)
_ASCII_2: Final = re.compile(
    r"\d\d[/\\]\d\d[/\\]\d\d \d\d:\d\d:\d\d .*(?:SpO2=|PR=|EXC=[0-9A-F]{3}:).*"
    r"|[\d.-]{1,7}(?:,[\d.-]{0,7}){2,}"
)
_NEEDED: Final = frozenset({"SPO2", "BPM", "EXC"})
_STRICT: Final = frozenset({"SPO2", "BPM", "ALARM", "EXC"})
"""Keys on which a line depends: a wrong spelling of such a value rejects the whole line."""
_IGNORED: Final = frozenset({"RESVD", "EXC1"})
"""Keys of published lines whose meaning is not documented."""
_VALUES: Final = {
    "SN": re.compile(r"[0-9A-Z]{10}|-{10}"),
    "ALARM": re.compile(r"[0-9A-F]{2,8}"),
    "EXC": re.compile(r"[0-9A-F]{3,8}"),
} | {key: re.compile(row.pattern()) for key, row in ROWS.items()}
"""Spelling of the value of each known key; keys of other models may hold anything."""


@dataclass(frozen=True, slots=True)
class SoundLine:
    """Content of a sound line."""

    month_first_ns: int | None
    """Oximeter's clock in UTC, ns since 1970, read with the month before the day; None where no
    such day exists."""
    day_first_ns: int | None
    """The same, read with the day before the month."""
    serial: str | None
    """Serial number; empty where the oximeter shows dashes, None where the line has none."""
    values: dict[str, float | None]
    """Value by key, in the order of the line; None where the oximeter shows dashes."""
    alarms: int | None
    """Bits of ALARM; None where the line has none."""
    exceptions: int
    """Bits of EXC."""
    status_widths: tuple[int, int]
    """Numbers of digits of ALARM and of EXC."""
    odd: frozenset[str] = frozenset()
    """Other known keys whose value is misspelled or out of range; such numbers are not in
    `values`."""
    unknown: frozenset[str] = frozenset()
    """Keys unknown to this driver."""

    @property
    def is_day_first(self) -> bool | None:
        """True where the day comes first, False for the month; None where both orders fit."""
        if None not in {self.month_first_ns, self.day_first_ns}:
            return None
        return self.month_first_ns is None


def parse(raw: bytes, zone: tzinfo, now_ns: int = 0) -> SoundLine | str:
    """Return the content of a line, or the reason for its rejection.

    Parameters
    ----------
    raw
        The line, with the line ends around it.
    now_ns
        Time of arrival, UTC; decides between the two readings of the hour that autumn repeats. 0
        selects the earlier one.
    """
    text = without_parity(raw.strip(AROUND_LINES)).strip(b"\r\n").decode("latin-1")
    whole = _LINE.fullmatch(text)
    if whole is None:
        return (
            "ASCII 2 output: set the oximeter to ASCII 1"
            if _ASCII_2.fullmatch(text)
            else "not a line of ASCII 1: want date, time and KEY=VALUE fields"
        )
    pairs = [field.split("=") for field in whole["fields"].split()]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        return "a key occurs twice in the line"
    if not fields.keys() >= _NEEDED:
        return "SPO2, BPM or EXC is missing in the line"
    odd = frozenset(
        key for key, value in fields.items() if key in _VALUES and not _VALUES[key].fullmatch(value)
    )
    if wrong := sorted(odd & _STRICT):
        return f"the value of {wrong[0]} is malformed"
    clocks = [_clock_ns(whole["stamp"], order, zone, now_ns) for order in _DATE_ORDERS]
    if clocks == [None, None]:
        return "the date and time do not exist"
    return _line(clocks, fields, odd)


_DATE_ORDERS: Final = ("%m/%d/%y %H:%M:%S", "%d/%m/%y %H:%M:%S")


def _clock_ns(stamp: str, order: str, zone: tzinfo, now_ns: int) -> int | None:
    try:
        clock = datetime.strptime(stamp, order).replace(tzinfo=zone)
    except ValueError:
        return None
    return nearest_ns(candidates_ns(clock), now_ns)


def _line(clocks: list[int | None], fields: dict[str, str], odd: frozenset[str]) -> SoundLine | str:
    read = {key: _number(fields[key]) for key in fields if key in ROWS and key not in odd}
    beyond = {k for k, value in read.items() if value is not None and value > ROWS[k].highest}
    if wrong := sorted(beyond & _STRICT):
        return f"{wrong[0]} is out of its range"
    odd |= beyond
    values = {key: value for key, value in read.items() if key not in odd}
    alarms, exceptions = fields.get("ALARM", ""), fields["EXC"]
    return SoundLine(
        month_first_ns=clocks[0],
        day_first_ns=clocks[1],
        serial=fields["SN"].strip("-") if "SN" in fields else None,
        values=values,
        alarms=int(alarms, 16) if alarms else None,
        exceptions=int(exceptions, 16),
        status_widths=(len(alarms), len(exceptions)),
        odd=odd,
        unknown=frozenset(fields.keys() - _VALUES.keys() - _IGNORED),
    )


def _number(text: str) -> float | None:
    digits = text.rstrip("%")
    return None if digits.endswith("-") else float(digits)
