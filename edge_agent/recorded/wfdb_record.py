"""Vital signs from WFDB numerics, the format of PhysioNet, read with the `wfdb` package."""

from __future__ import annotations

import warnings
from dataclasses import replace
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import CANONICAL_UNITS
from edge_agent.recorded.mapping import UNITS, load_mapping
from edge_agent.recorded.moments import Moment, moment_utc_ns, without_repeats
from edge_agent.recorded.table_file import column_value
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

with warnings.catch_warnings():
    # wfdb 4.3 uses what pandas 3 deprecates, as soon as it is imported
    warnings.simplefilter("ignore", DeprecationWarning)
    import wfdb  # type: ignore[import-untyped]  # ships no types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from edge_agent.recorded.mapping import Column, FileMapping
    from edge_agent.recorded.moments import RecordedValue, Series

DEFAULT_MAPPING: Final = "wfdb_numerics"
_PIECE_SAMPLES: Final = 86_400
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
    """A record whose signals are understood.

    Parameters
    ----------
    path
        Of the header, with or without `.hea`.
    mapping_place
        A mapping's name or file; its columns are signals. Of several signals for one vital sign
        the first that the record has counts. None: the usual names of MIMIC.

    Raises
    ------
    ConfigError
        If it is no record, none of its signals is a vital sign, or one is in a unit of another.
    """

    def __init__(self, path: Path, mapping_place: str | None) -> None:
        self._path = path
        self._name = str(path.with_suffix("") if path.suffix == ".hea" else path)
        try:
            self._header = wfdb.rdheader(self._name)
        except (OSError, ValueError, IndexError) as error:
            raise self._wrong("-", f"is no WFDB record: {error}") from error
        if isinstance(self._header, wfdb.MultiRecord):
            raise self._wrong("-", "is a record of several segments; want one of them")
        mapping: FileMapping = load_mapping(mapping_place or DEFAULT_MAPPING)
        names: Sequence[str] = self._header.sig_name or []
        found: dict[Series, tuple[int, Column]] = {}
        for column in mapping.columns:
            if column.name in names:
                found.setdefault(column.series, (names.index(column.name), column))
        if not found:
            known = ", ".join(column.name for column in mapping.columns)
            raise self._wrong("signals", f"has {', '.join(names) or 'none'}; want some of {known}")
        self._columns = [(place, self._in_own_unit(place, c)) for place, c in found.values()]
        self.start_utc_ns = mapping.start_utc_ns or self._base_ns()
        """When the record began, as UTC; None where it does not say."""

    def moments(self) -> Iterator[Moment]:
        """Yield what the record says, sample by sample.

        A sample that is not a number says that nothing was measured.

        Raises
        ------
        ConfigError
            If the samples cannot be read.
        """
        held = frozenset(column.series for _, column in self._columns if column.is_held)
        return without_repeats(self._samples(), held)

    def _samples(self) -> Iterator[Moment]:
        length = int(self._header.sig_len)
        rate_hz = float(self._header.fs)
        for first in range(0, length, _PIECE_SAMPLES):
            last = min(first + _PIECE_SAMPLES, length)
            try:
                record = wfdb.rdrecord(self._name, sampfrom=first, sampto=last)
            except (OSError, ValueError) as error:
                message = f"samples {first} to {last} cannot be read: {error}"
                raise self._wrong("-", message) from error
            for index, row in enumerate(record.p_signal.tolist()):
                yield Moment((first + index) / rate_hz, tuple(self._values(row)))

    def _values(self, row: Sequence[float]) -> Iterator[RecordedValue]:
        for place, column in self._columns:
            value = column_value(column, row[place])
            if value is not None:
                yield value

    def _in_own_unit(self, place: int, column: Column) -> Column:
        """Return the column in the unit that the record states, where it states a known one."""
        stated = str(self._header.units[place])
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
