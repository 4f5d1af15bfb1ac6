"""Vital signs from WFDB numerics, the format of PhysioNet, read with the `wfdb` package."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import CANONICAL_UNITS
from edge_agent.recorded.cells import number_of
from edge_agent.recorded.mapping import UNITS, FileMapping, MappedColumn
from edge_agent.recorded.mapping_file import load_mapping
from edge_agent.recorded.moments import (
    FileMoment,
    RecordedValue,
    Series,
    moment_utc_ns,
    without_repeats,
)
from edge_agent.recorded.table_file import column_value
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

with warnings.catch_warnings():
    # wfdb 4.3 uses what pandas 3 deprecates, as soon as it is imported
    warnings.simplefilter("ignore", DeprecationWarning)
    import wfdb  # type: ignore[import-untyped]  # ships no types


_DEFAULT_MAPPING: Final = "wfdb_numerics"
_PIECE_SAMPLES: Final = 86_400
_RATE: Final = slice(2, 3)
"""Index of the sampling frequency in a header, after the name and the number of signals."""
_HEADER_LINES: Final = 1000
"""Number of header lines read, as comments may precede the first line that counts."""
_DAMAGED: Final = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""Exceptions that the library raises where a header or its samples are not as it expects."""
_DATE_TROUBLE: Final = ("time data", "unconverted data")
# source: units of numerics in MIMIC-II and MIMIC-III headers, PhysioNet
_UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **{name.lower(): code for name, code in UNITS.items()},
        "degc": units.CELSIUS,
        "deg c": units.CELSIUS,
        "degf": units.FAHRENHEIT,
        "deg f": units.FAHRENHEIT,
        "pm": units.BEATS_PER_MIN,
    }
)


class WfdbRecord:
    """A record whose signals are assigned.

    Parameters
    ----------
    path
        Path of the header, with or without `.hea`.
    mapping_source
        A mapping's name or file; its columns are signals. Where several signals hold one vital
        sign, the first in the mapping that the record has is used. None: the usual names of MIMIC.

    Raises
    ------
    ConfigError
        If it is no record, none of its signals is a vital sign, or the unit of one does not fit.
    """

    def __init__(self, path: Path, mapping_source: str | None) -> None:
        self._path = path
        self._name = str(path.with_suffix("") if path.suffix == ".hea" else path)
        self._header = self._read_header()
        if isinstance(self._header, wfdb.MultiRecord):
            raise self._wrong("-", "is a record of several segments; want one of them")
        self._check_rate()
        described, counted = len(self._header.sig_name or []), int(self._header.n_sig or 0)
        if described != counted:
            raise self._wrong("signals", f"are {counted} by the first line; {described} follow")
        mapping: FileMapping = load_mapping(mapping_source or _DEFAULT_MAPPING)
        names: Sequence[str] = self._header.sig_name or []
        found: dict[Series, tuple[int, MappedColumn]] = {}
        for column in mapping.columns:
            if column.name in names:
                found.setdefault(column.series, (names.index(column.name), column))
        if not found:
            known = ", ".join(column.name for column in mapping.columns)
            raise self._wrong("signals", f"has {', '.join(names) or 'none'}; want some of {known}")
        self._columns = [(index, self._in_own_unit(index, c)) for index, c in found.values()]
        used = {column.name for _, column in found.values()}
        self.left_out = tuple(name for name in names if name not in used)
        """Names of signals that are not read."""
        self.start_utc_ns = mapping.start_utc_ns or self._base_ns()
        """Moment at which the record began, as UTC; None where it does not say."""

    def moments(self) -> Iterator[FileMoment]:
        """Yield the values in the record, sample by sample.

        A sample that is not a number means that nothing was measured.

        Raises
        ------
        ConfigError
            If the samples cannot be read.
        """
        held = frozenset(column.series for _, column in self._columns if column.is_held)
        return without_repeats(self._samples(), held)

    def _read_header(self) -> Any:  # noqa: ANN401  # wfdb ships no types
        try:
            return wfdb.rdheader(self._name)
        except _DAMAGED as error:
            message = f"is no WFDB record: {error}"
            if not self._first_line():
                message = "is no WFDB record: it is empty"
            elif any(words in str(error) for words in _DATE_TROUBLE):
                message += "; want the time and date as HH:MM:SS DD/MM/YYYY, or neither"
            raise self._wrong("-", message) from error

    def _check_rate(self) -> None:
        """Refuse a record whose samples have no known times."""
        length, rate_hz = self._header.sig_len, float(self._header.fs)
        # the format's default of 250 Hz is no rate of vital signs
        stated = "".join(self._first_line().split()[_RATE]).partition("/")[0]
        if not stated:
            raise self._wrong("-", "names no sampling frequency after the number of signals")
        if not (rate_hz > 0 and number_of(stated) == rate_hz):
            raise self._wrong("-", f"has a sampling frequency of {stated} Hz; want more than 0")
        if length is not None and length <= 0:
            raise self._wrong("-", f"says that it holds {length} samples; leave the length out")

    def _first_line(self) -> str:
        """Return the header's line about the whole record; empty where there is none."""
        try:
            with Path(f"{self._name}.hea").open(encoding="utf-8", errors="replace") as file:
                lines = (line.strip() for line in islice(file, _HEADER_LINES))
                return next((line for line in lines if line and not line.startswith("#")), "")
        except OSError:
            return "?"  # the library says why it cannot be read

    def _samples(self) -> Iterator[FileMoment]:
        rate_hz = float(self._header.fs)
        for first, last in self._pieces():
            try:
                record = wfdb.rdrecord(self._name, sampfrom=first, sampto=last)
            except _DAMAGED as error:
                raise self._wrong("-", _unreadable(first, last, error)) from error
            for index, row in enumerate(record.p_signal.tolist()):
                yield FileMoment((first + index) / rate_hz, tuple(self._values(row)))

    def _pieces(self) -> Iterator[tuple[int, int | None]]:
        """Yield first and last sample of each piece; one piece where the length is unknown."""
        length = self._header.sig_len
        if length is None:
            yield 0, None
            return
        for first in range(0, int(length), _PIECE_SAMPLES):
            yield first, min(first + _PIECE_SAMPLES, int(length))

    def _values(self, row: Sequence[float]) -> Iterator[RecordedValue]:
        for index, column in self._columns:
            value = column_value(column, row[index])
            if value is not None:
                yield value

    def _in_own_unit(self, index: int, column: MappedColumn) -> MappedColumn:
        """Return the column in the unit that the record states, where the unit is known."""
        stated = str(self._header.units[index])
        code = _UNITS.get(stated.lower())
        allowed = KINDS[column.kind].units
        if code == units.BEATS_PER_MIN and units.BREATHS_PER_MIN in allowed:
            code = units.BREATHS_PER_MIN  # people write one unit for both
        if code is None:
            return column
        if code not in allowed:
            wanted = CANONICAL_UNITS[column.kind]
            raise self._wrong(column.name, f"is in {stated}; {column.kind} wants {wanted}")
        return replace(column, unit_code=code)

    def _base_ns(self) -> int | None:
        base = self._header.base_datetime
        return None if base is None else moment_utc_ns(base.replace(tzinfo=UTC))

    def _wrong(self, key: str, message: str) -> ConfigError:
        return ConfigError((Mistake(str(self._path), key, message),))


def _unreadable(first: int, last: int | None, error: Exception) -> str:
    """Return why samples cannot be read, with the likely cause."""
    what = "samples" if last is None else f"samples {first} to {last}"
    if isinstance(error, FileNotFoundError):
        return f"{what} cannot be read: {error.strerror}: {error.filename}"
    # The library reshapes the samples as the header says; numpy's refusal may reach the caller.
    if "not loaded correctly" in str(error) or "cannot resize an array" in str(error):
        return f"{what} cannot be read: the file of samples is shorter than the header says"
    return f"{what} cannot be read: {error}"
