"""Counts of the readings in a file of vital signs, and their human-readable summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind
from edge_agent.recorded.moments import Series
from edge_agent.vitals.canonical import KINDS

_MOSTLY: Final = 0.5
"""Share of readings outside the range from which a wrong unit is the likely cause."""
# a body's 33 to 42.5 Cel are 91.4 to 108.5 [degF]
_FAHRENHEIT: Final = (91.4, 108.5)
_KILOPASCAL_MOST: Final = 30.0
"""Highest pressure in kPa that is plausible: 225 mmHg."""
_PRESSURES: Final = ("nibp_", "art_")
_MOST_NAMES: Final = 20
NO_VALUE: Final = "no value"


@dataclass(slots=True)
class _SeriesCount:
    """Counts of one vital sign at one site."""

    readings: int = 0
    outside: int = 0
    """Readings outside the plausible range, which no rule uses."""
    lowest: float = np.inf
    highest: float = -np.inf
    """Highest reading outside the range."""
    repeated: int = 0
    """Readings with the time of the one before, which do not count."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Reasons of readings without a value."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts about a file besides its readings."""

    name: str
    rows: int
    """Number of rows, samples or messages."""
    span_s: float
    start_utc_ns: int | None
    """Moment of the first row; None where the file does not say."""
    left_out: Sequence[str] = ()
    """Names of columns or signals that are not read."""
    notes: Sequence[str] = ()
    """Assumptions about the file that neither it nor a mapping states."""


class ReadingCounts:
    """Counter of readings by vital sign and site."""

    def __init__(self) -> None:
        self._counts: dict[Series, _SeriesCount] = {}

    def add(self, series: Series, value: float | None, reason: str = "") -> None:
        """Count one reading, in the canonical unit; None: it holds no value."""
        count = self._counts.setdefault(series, _SeriesCount())
        count.readings += 1
        row = KINDS[series[0]]
        if value is None:
            count.reasons[reason or NO_VALUE] += 1
        elif not row.lowest <= value <= row.highest:
            count.outside += 1
            count.lowest, count.highest = min(count.lowest, value), max(count.highest, value)

    def add_all(
        self, series: Series, times_s: npt.NDArray[np.float64], values: npt.NDArray[np.float64]
    ) -> None:
        """Count readings in order of time, in the canonical unit; NaN: it holds no value."""
        count = self._counts.setdefault(series, _SeriesCount())
        count.repeated += int((np.diff(times_s) == 0).sum())
        row = KINDS[series[0]]
        there = values[~np.isnan(values)]
        outside = there[(there < row.lowest) | (there > row.highest)]
        count.readings += values.size
        count.outside += outside.size
        if outside.size:
            count.lowest = min(count.lowest, float(outside.min()))
            count.highest = max(count.highest, float(outside.max()))
        if there.size < values.size:
            count.reasons[NO_VALUE] += values.size - there.size

    def summary(self, facts: FileFacts) -> Iterator[str]:
        """Yield the lines that say what was read from a file and what was not."""
        yield f"{facts.name}: {facts.rows} rows over {_span(facts.span_s)}{_since(facts)}"
        yield from (f"{facts.name}: {note}" for note in facts.notes)
        read = ", ".join(_named(series) for series in self._counts)
        left = f"; left out {_listed(facts.left_out)}" if facts.left_out else ""
        yield f"{facts.name}: read {read or 'nothing'}{left}"
        for series, count in self._counts.items():
            for words in _doubts(series[0], count):
                yield f"{facts.name}: {_named(series)}: {words}"


def _doubts(kind: VitalKind, count: _SeriesCount) -> Iterator[str]:
    """Yield the lines about readings that are not used."""
    if count.repeated:
        yield f"{count.repeated} of {count.readings} readings have the time of the one before them"
    for reason, times in sorted(count.reasons.items()):
        yield f"{times} of {count.readings} readings hold no value ({reason})"
    if not count.outside:
        return
    row, unit = KINDS[kind], CANONICAL_UNITS[kind]
    guess = _guess(kind, count)
    yield (
        f"{count.outside} of {count.readings} readings are not believed: they are outside "
        f"{row.lowest:g} to {row.highest:g} {unit} ({count.lowest:g} to {count.highest:g}){guess}"
    )


def _guess(kind: VitalKind, count: _SeriesCount) -> str:
    """Return the probable unit of readings outside the range, in words; often empty."""
    if count.outside < _MOSTLY * (count.readings - count.reasons.total()):
        return ""
    if kind is VitalKind.TEMPERATURE and _is_within(count, *_FAHRENHEIT):
        return '; this looks like Fahrenheit: set unit = "F" in a mapping'
    if kind is VitalKind.SPO2 and _is_within(count, 0, 1):
        return "; this looks like a fraction: set scale = 100 in a mapping"
    if kind.value.startswith(_PRESSURES) and _is_within(count, 0, _KILOPASCAL_MOST):
        return '; this looks like kilopascal: set unit = "kPa" in a mapping'
    return ""


def _is_within(count: _SeriesCount, low: float, high: float) -> bool:
    return low <= count.lowest and count.highest <= high


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _named(series: Series) -> str:
    kind, site = series
    return f"{kind.value}.{site}" if site else kind.value


def _span(seconds: float) -> str:
    for unit, unit_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.1f} {unit}"
    return f"{seconds:.0f} s"


def _since(facts: FileFacts) -> str:
    if facts.start_utc_ns is None:
        return ""
    start = datetime.fromtimestamp(facts.start_utc_ns // 1_000_000_000, UTC)
    return f" from {start:%Y-%m-%d %H:%M:%S} UTC"
