"""Parser of one text line, by a grammar of the whole line and its columns.

The lines have no checksum: only columns and ranges separate a sound line from a damaged one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final

from edge_agent.drivers.framing import AROUND_LINES, without_parity
from edge_agent.drivers.nellcor_ascii.values import (
    PULSE_MARK,
    ROWS,
    SPO2_MARK,
    STATUS_CODES,
    UNKNOWN_CODE,
)
from edge_agent.model.local_time import candidates_ns, nearest_ns

MAX_TEXT: Final = 200
"""Longest line in bytes: the longest known one has 80, and other models may add settings."""
FULL_TEXT: Final = 61
"""Bytes of a data line that is padded with blanks (N-560, GitHub konz/cosmopusher)."""

_STATUS_COLUMN: Final = 44
_STATUS_WIDTH: Final = 3

BEGINNING: Final = re.compile(
    rb"\d\d-[A-Za-z]{3}-\d\d \d\d:\d\d:\d\d |N(?:PB)?-\d{3}[A-Za-z]? +VERSION "
)
"""Beginning of a data line or of a header."""
_STAMP: Final = r"(\d\d)-([^\W\d_]{3})-(\d\d) (\d\d:\d\d:\d\d)"
_NUMBER: Final = r"(  \d| \d\d|\d\d\d|---)"
_DATA: Final = re.compile(
    rf"{_STAMP} {{3}}{_NUMBER}([ *]) {{4}}{_NUMBER}([ *]) {{4}}{_NUMBER} {{4}}"
    r"((?:(?:[A-Z]{2}|  ) )*)"
)
_SHORT_NUMBER: Final = r"(\d{1,3}|---)"
_NARROW_DATA: Final = re.compile(
    rf"{_STAMP} {{2}}{_SHORT_NUMBER}(\*?) {{2}}{_SHORT_NUMBER}(\*?) {{2}}{_SHORT_NUMBER}"
    r"((?: {1,2}[A-Z]{2})*) {0,8}"
)
"""Columns of a PM1000N, two blanks apart and not padded; source: unknown, lines of a user."""
_LOOKS_LIKE_DATA: Final = re.compile(r"\d\d-\S{3}-\d\d .*")
_HEADER: Final = re.compile(
    r"(?P<model>N(?:PB)?-\d{3}[A-Za-z]?) +VERSION [0-9.]+ +(?P<kind>CRC: ?[0-9A-Z]{4}|TREND) +"
    r"SpO2 Limit: *(\d{1,3})- *(\d{1,3})% +PR Limit: *(\d{1,3})- *(\d{1,3})BPM *"
)
_MODE: Final = re.compile(r" *[A-Z]{2,8} +\d{1,3}SAT-S(?: +SPO2 RESP MODE: +[A-Z]{2,8})? *")
_LIVE_COLUMNS: Final = re.compile(r" *TIME +%S[Pp]O2 +BPM +PA +Status *")
_TREND_COLUMNS: Final = re.compile(r" *TIME +%S[Pp]O2 +BPM +PA *")
_TREND_END: Final = re.compile(r" *Output Complete *")

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "JAN ENE GEN",
            "FEB FEV FÉV",
            "MAR MRZ MÄR MRT",
            "APR ABR AVR",
            "MAY MAI MEI MAG MAJ",
            "JUN GIU",
            "JUL LUG",
            "AUG AGO AOU AOÛ",
            "SEP SET",
            "OCT OKT OTT OUT",
            "NOV",
            "DEC DÉC DEZ DIC",
        ),
        1,
    )
    for name in names.split()
}
"""Names in English, German, French, Spanish, Italian, Dutch, Portuguese and Swedish. Source of the
English ones: public lines; of the others: unknown, the usual three letters. JUI is missing: it is
June or July in French."""
_LOWEST_LIMIT: Final = 20
_HIGHEST_LIMITS: Final = (100, 300)


class WordLine(Enum):
    """A line without numbers."""

    LIVE = "column heading of the real-time printout"
    TREND = "column heading of the trend printout"
    TREND_END = "end of the trend printout"
    MODE = "alarm mode and SatSeconds"


@dataclass(frozen=True, slots=True)
class Heading:
    """First line of a heading."""

    model: str
    is_trend: bool
    spo2_limits: tuple[int, int]
    """Low and high alarm limit, percent."""
    pulse_limits: tuple[int, int]
    """Low and high alarm limit, per minute."""


@dataclass(frozen=True, slots=True)
class Data:
    """A line with numbers."""

    wall_ns: int
    """The oximeter's clock in UTC, ns since 1970."""
    values: tuple[int | None, ...]
    """Values in the order of `ROWS`; None where the oximeter shows dashes."""
    state: int
    """Bits of `STATUS_CODES` and marks."""
    size: int
    """Length of the text in bytes."""
    is_padded: bool
    """True where trailing blanks pad the line."""
    unknown_codes: tuple[str, ...] = ()
    """Status codes that are not in `STATUS_CODES`."""


def parse(raw: bytes, zone: tzinfo, now_ns: int = 0) -> Data | Heading | WordLine | str:
    """Return the content of a line, or the reason for its rejection.

    Parameters
    ----------
    raw
        The line, with `AROUND_LINES` around it.
    now_ns
        Time of arrival, UTC; decides between the two readings of the hour that autumn repeats. 0
        selects the earlier one.
    """
    text = without_parity(raw.strip(AROUND_LINES)).strip(b"\r\n").decode("latin-1")
    if _LOOKS_LIKE_DATA.fullmatch(text):
        return _data(text, zone, now_ns)
    if header := _HEADER.fullmatch(text):
        return _header(header)
    marks = (
        (_LIVE_COLUMNS, WordLine.LIVE),
        (_TREND_COLUMNS, WordLine.TREND),
        (_TREND_END, WordLine.TREND_END),
        (_MODE, WordLine.MODE),
    )
    for pattern, mark in marks:
        if pattern.fullmatch(text):
            return mark
    return "neither data nor heading of the printout"


def _data(text: str, zone: tzinfo, now_ns: int) -> Data | str:
    status_size = max(len(text) - _STATUS_COLUMN, 0)
    whole_size = _STATUS_COLUMN + -(-status_size // _STATUS_WIDTH) * _STATUS_WIDTH
    parts = _DATA.fullmatch(text.ljust(whole_size)) or _NARROW_DATA.fullmatch(text)
    if parts is None:
        return "the columns are not those of a data line"
    day, month, year, time, spo2, spo2_mark, pulse, pulse_mark, amplitude, status = parts.groups()
    if month.upper() not in _MONTHS:
        return "the month is named in an unknown language"
    try:
        clock = datetime.strptime(
            f"{day} {_MONTHS[month.upper()]} {year} {time}", "%d %m %y %H:%M:%S"
        ).replace(tzinfo=zone)
    except ValueError:
        return "the date and time do not exist"
    values = tuple(None if n == "---" else int(n) for n in (spo2, pulse, amplitude))
    for row, value in zip(ROWS, values, strict=True):
        if value is not None and value > row.highest:
            return f"{row.label} is out of its range"
    marks = SPO2_MARK * (spo2_mark == "*") | PULSE_MARK * (pulse_mark == "*")
    codes = set(status.split())
    unknown = tuple(sorted(codes - STATUS_CODES.keys()))
    state = marks | UNKNOWN_CODE * bool(unknown)
    return Data(
        wall_ns=nearest_ns(candidates_ns(clock), now_ns),
        values=values,
        state=state | sum(STATUS_CODES[code] for code in codes - set(unknown)),
        size=len(text),
        is_padded=len(text) >= FULL_TEXT and text.endswith(" "),
        unknown_codes=unknown,
    )


def _header(parts: re.Match[str]) -> Heading | str:
    spo2_low, spo2_high, pulse_low, pulse_high = (int(limit) for limit in parts.groups()[2:])
    limits = ((spo2_low, spo2_high), (pulse_low, pulse_high))
    for (low, high), highest in zip(limits, _HIGHEST_LIMITS, strict=True):
        if not _LOWEST_LIMIT <= low < high <= highest:
            return "the alarm limits are out of their range"
    return Heading(parts["model"], parts["kind"] == "TREND", *limits)
