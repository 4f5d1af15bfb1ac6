"""Time column of a table: seconds from a start, Unix time, or dates in one of many formats."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from edge_agent.recorded.cells import Cell, CellError, number_of
from edge_agent.recorded.mapping import FileMapping
from edge_agent.recorded.moments import FIRST_YEAR, LAST_YEAR, moment_utc_ns

LONGEST_GAP_S: Final = 31 * 86_400.0
"""Longest pause in the record of one stay, seconds; a longer one means that the clock was set."""
LONGEST_STAY_S: Final = 366 * 86_400.0
"""Longest record of a stay, seconds; bounds the work for one file."""
_UNIX_FROM_S: Final = 1e8
"""Lowest first time that is Unix time, seconds (1973): no stay lasts so long, so a file that begins
later counts from 1970."""
_UNIX_SCALES_S: Final = ((1e11, 1.0), (1e14, 1e-3), (1e17, 1e-6), (math.inf, 1e-9))
"""Upper bound of Unix time in each unit, and the unit in seconds; each bound is the year 5138."""
_UNIX_BELOW_S: Final = 2**63 / 1e9 - LONGEST_STAY_S
"""Upper bound of a first time, seconds: a stay ends before 2**63 ns, in the year 2262."""
_TICKS: Final = (1e17, 946_684_800e9)
"""Numbers that are ticks of 100 ns since 1601 or the year 1, not Unix time in ns before 2000."""
_UNIX_NAMES: Final = {1.0: "s", 1e-3: "ms", 1e-6: "us", 1e-9: "ns"}
_LEAST_ROWS: Final = 4
"""Number of time steps that is enough to recognise a unit."""
_LEAST_STEP_S: Final = 0.2
"""Shortest usual time between two rows of vital signs, seconds."""
_THOUSAND: Final = 1000.0
_CLOCK: Final = r"(?:(?P<gap>[ T]|, )\d{1,2}:\d\d(?P<seconds>:\d\d)?)?"
_LOCAL_DATE: Final = r"\d{1,2}(?P<sep>[./-])\d{1,2}(?P=sep)(?P<year>\d{4}|\d\d)" + _CLOCK
_YEAR_FIRST: Final = r"\d{4}(?P<sep>[./])\d{1,2}(?P=sep)\d{1,2}" + _CLOCK
_COMPACT: Final = r"(19|20|21)\d\d(0\d|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])([0-5]\d){1,2}(\d{3})?"
_TIME_OF_DAY: Final = r"\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\s*(?:[AaPp][Mm])?"
_DOUBLED_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class TableClock:
    """Reader of the time column of one table."""

    mapping: FileMapping
    start_utc_ns: int | None
    """Moment of time 0; None where neither file nor mapping says."""
    unix_unit_s: float = 0.0
    """Seconds in the unit of Unix time; 0 where the column is not Unix time."""
    is_dated: bool = False
    """True where the column holds dates instead of numbers."""

    @property
    def scale_s(self) -> float:
        """Seconds in the unit of a number; 0 where numbers are not times."""
        if self.is_dated:
            return 0.0
        return self.unix_unit_s or self.mapping.time_scale_s

    @property
    def note(self) -> str:
        """Assumption about the column that neither file nor mapping states; often empty."""
        if not self.unix_unit_s:
            return ""
        return f"{self.mapping.time} is Unix time in {_UNIX_NAMES[self.unix_unit_s]}"

    def at_s(self, seen: Cell, newest_s: float = -math.inf) -> float:
        """Return the time of a row, seconds from time 0.

        Parameters
        ----------
        newest_s
            Time of the row before; where a clock was set back by an hour in autumn, it decides
            between the two hours.

        Raises
        ------
        CellError
            If the cell holds no time.
        """
        if self.is_dated:
            found = self._dated(seen, 0)
            if found is not None:
                later = self._dated(seen, 1)
                is_second = found < newest_s and later is not None and later >= newest_s
                return later if is_second and later is not None else found
        if isinstance(seen, timedelta):
            return seen.total_seconds()
        number = None if self.mapping.time_format else number_of(seen)
        if number is None or not (math.isfinite(number) and self.scale_s):
            raise CellError(self.mapping.time, self._no_time(seen))
        if self.unix_unit_s and self.start_utc_ns is not None:
            return (unix_ns(seen, self.unix_unit_s) - self.start_utc_ns) / 1e9
        return number * self.scale_s

    def _dated(self, seen: Cell, fold: int) -> float | None:
        utc_ns = _dated_utc_ns(seen, self.mapping, fold)
        if utc_ns is None or self.start_utc_ns is None:
            return None
        return (utc_ns - self.start_utc_ns) / 1e9

    def _no_time(self, seen: Cell) -> str:
        if seen is None or seen == "":
            return "is empty; want a time in every row"
        if self.mapping.time_format:
            return f"is {seen!r}; want a time like time_format = {self.mapping.time_format!r}"
        wanted = "a number, or ISO 8601" if self.scale_s else "ISO 8601"
        return f"is {seen!r}; want {wanted}{_why_no_time(str(seen))}"


def clock_of(mapping: FileMapping, cells: Sequence[Cell]) -> TableClock:
    """Return the reader of a time column that begins with these cells.

    Raises
    ------
    CellError
        If its numbers are probably in another unit than stated.
    """
    if not cells:
        return TableClock(mapping, mapping.start_utc_ns)
    first = next((cell for cell in cells if cell is not None and cell != ""), None)
    dated = _dated_utc_ns(first, mapping, 0)
    if dated is not None:
        start = mapping.start_utc_ns
        return TableClock(mapping, dated if start is None else start, is_dated=True)
    number = None if mapping.time_format else number_of(first)
    if number is None or not math.isfinite(number):
        return TableClock(mapping, mapping.start_utc_ns)
    if mapping.start_utc_ns is None and (unit_s := _unix_unit_s(number, mapping)):
        return TableClock(mapping, unix_ns(first, unit_s), unit_s)
    if not mapping.is_unit_declared:
        _check_unit(mapping.time, cells)
    return TableClock(mapping, mapping.start_utc_ns)


def _dated_utc_ns(seen: Cell, mapping: FileMapping, fold: int) -> int | None:
    """Return the moment of a date in the mapping's format, None where the cell is no such date."""
    if mapping.time_format and isinstance(seen, str | int):
        try:
            seen = datetime.strptime(str(seen).strip(), mapping.time_format)  # noqa: DTZ007 zoned below
        except ValueError:
            return None
    return moment_utc_ns(seen, mapping.zone, fold)


def unix_ns(seen: Cell, unit_s: float) -> int:
    """Return Unix time in nanoseconds, exact where the number is whole."""
    per_unit = round(unit_s * 1e9)
    text = str(seen).strip()
    return int(text) * per_unit if text.isdecimal() else round((number_of(seen) or 0) * per_unit)


def _unix_unit_s(number: float, mapping: FileMapping) -> float:
    """Return the Unix time unit of a column's first number, 0 where it is not Unix time."""
    if mapping.is_unit_declared:
        scale_s = mapping.time_scale_s
    else:
        _check_unix(mapping.time, number)
        scale_s = next(scale_s for below, scale_s in _UNIX_SCALES_S if number < below)
    is_unix = scale_s in _UNIX_NAMES and _UNIX_FROM_S <= number * scale_s < _UNIX_BELOW_S
    return scale_s if is_unix else 0.0


def _check_unix(column: str, number: float) -> None:
    """Refuse a large number that is probably a date, or ticks since another year than 1970."""
    if re.fullmatch(_COMPACT, text := f"{number:.0f}"):
        form = "%Y%m%d%H%M" + "%S" * (len(text) >= 14) + "%f" * (len(text) >= 15)
        raise CellError(column, f'is {text}; a date? Set time_format = "{form}" in a mapping')
    if _TICKS[0] <= number < _TICKS[1]:
        raise CellError(column, f"is {text}; ticks of 100 ns? Write Unix time, or set time_unit")


def _check_unit(column: str, cells: Sequence[Cell]) -> None:
    """Refuse numbers without a unit that are probably not seconds."""
    numbers = [number for number in map(number_of, cells) if number is not None]
    steps = sorted(after - before for before, after in pairwise(numbers) if after > before)
    if len(steps) < _LEAST_ROWS:
        return
    usual, guess = steps[len(steps) // 2], ""
    if all(step % _THOUSAND == 0 for step in steps):
        guess = 'milliseconds? Set time_unit = "ms" in a mapping, or "s"'
    elif usual < _LEAST_STEP_S:
        guess = "minutes, hours or days? Write dates in ISO 8601, or set time_unit in a mapping"
    if guess:
        raise CellError(column, f"has a row every {usual:g} s; are these {guess}")


def why_back(back_s: float, *, is_dated: bool) -> str:
    """Return the likely cause of a time that goes back, as a further clause; often empty."""
    if back_s > LONGEST_GAP_S:
        return "; was the clock set? Cut the file there, or correct the times"
    if is_dated and back_s <= _DOUBLED_S:
        return "; the hour repeated in autumn? Set zone in a mapping, or write times with a zone"
    return ""


def _why_no_time(text: str) -> str:
    text = text.strip()
    if found := re.fullmatch(_LOCAL_DATE, text, re.ASCII):
        forms = " or ".join(f'"{form}"' for form in _formats(found))
        which = "set" if found["sep"] == "." else "which part is the day? Set"
        return f"; {which} time_format = {forms} in a mapping"
    if found := re.fullmatch(_YEAR_FIRST, text, re.ASCII):
        form = "%Y{0}%m{0}%d".format(found["sep"]) + _clock_form(found)
        return f'; set time_format = "{form}" in a mapping'
    if re.fullmatch(_TIME_OF_DAY, text, re.ASCII):
        return "; a time of day says no date: write both, or seconds from the start"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        is_date = any(c.isdigit() for c in text) and not text.isdecimal()
        return "; if it is a date, set time_format in a mapping" if is_date else ""
    return f"; want a year from {FIRST_YEAR} to {LAST_YEAR}"


def _formats(found: re.Match[str]) -> list[str]:
    """Return the formats that a local date may have."""
    sep, year = found["sep"], "%Y" if len(found["year"]) == 4 else "%y"
    clock = _clock_form(found)
    orders = ("%d{0}%m{0}{1}",) if sep == "." else ("%m{0}%d{0}{1}", "%d{0}%m{0}{1}")
    return [order.format(sep, year) + clock for order in orders]


def _clock_form(found: re.Match[str]) -> str:
    """Return the format of the time of day after a date; empty where there is none."""
    clock = "" if found["gap"] is None else f"{found['gap']}%H:%M"
    return clock + ("" if found["seconds"] is None else ":%S")
