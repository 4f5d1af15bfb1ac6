"""What the columns of a file of vital signs mean: a small TOML file, or the columns' own names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import VitalKind
from edge_agent.model.texts import read_text, toml_of
from edge_agent.recorded.moments import CODE_OF, Series, moment_utc_ns
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TimeUnit = Literal["s", "min", "h", "iso8601"]
TIME: Final = "time"
"""The time column of a file that needs no mapping: seconds from the start, or ISO 8601."""
_TIME_UNITS: Final[Mapping[str, float]] = MappingProxyType(
    {"s": 1.0, "min": 60.0, "h": 3600.0, "iso8601": 0.0}
)
_KIND_OF: Final[Mapping[str, VitalKind]] = MappingProxyType(
    {kind.value: kind for kind in VitalKind}
)
UNITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "/min": units.BEATS_PER_MIN,
        "bpm": units.BEATS_PER_MIN,
        "%": units.PERCENT,
        "mm[Hg]": units.MILLIMETRE_OF_MERCURY,
        "mmHg": units.MILLIMETRE_OF_MERCURY,
        "kPa": units.KILOPASCAL,
        "Cel": units.CELSIUS,
        "C": units.CELSIUS,
        "[degF]": units.FAHRENHEIT,
        "F": units.FAHRENHEIT,
    }
)
"""By how people write them."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds."""

    name: str
    kind: VitalKind
    unit_code: int
    site: str = ""
    missing: frozenset[float] = frozenset()
    """Numbers that say there is no value; zero does so without being named."""
    is_spot: bool = False
    """Whether a value is a reading taken now and then; always so for a cuff."""
    is_held: bool = False
    """Whether a reading stands in every row until the next one."""

    @property
    def series(self) -> Series:
        """Kind and site."""
        return self.kind, self.site


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What a file's columns mean; columns that are not named are left out."""

    time: str
    """The column that holds the time."""
    time_scale_s: float
    """Seconds in its unit; 0 for ISO 8601."""
    columns: tuple[Column, ...]
    where: tuple[str, ...] = ()
    """Columns by which one patient's rows are chosen."""
    start_utc_ns: int | None = None
    """When time 0 was; None where the file does not say."""


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come along."""
    folder = resources.files("edge_agent.recorded") / "mappings"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


def load_mapping(place: str) -> FileMapping:
    """Return the mapping of that name, or in the file of that path.

    Raises
    ------
    ConfigError
        If there is none, or with every mistake of it.
    """
    if place in shipped_mappings():
        source = resources.files("edge_agent.recorded") / "mappings" / f"{place}.toml"
        return parse_mapping(read_text(source), f"{place}.toml")
    if not Path(place).exists():
        have = ", ".join(shipped_mappings())
        raise ConfigError((Mistake(place, "-", f"no such file; want one, or one of {have}"),))
    return parse_mapping(read_text(Path(place)), place)


def own_names(header: Collection[str], source: str) -> FileMapping:
    """Return the mapping of a file whose columns are named after the canonical kinds.

    `temperature` may have a site behind a dot: `temperature.axillary`. Other columns are left out.

    Raises
    ------
    ConfigError
        If there is no column `time`, or no vital sign.
    """
    columns = []
    for name in header:
        kind_name, _, site = name.partition(".")
        kind = _KIND_OF.get(kind_name)
        if kind is not None and (kind, site) in CODE_OF:
            columns.append(Column(name, kind, canonical_unit(kind), site))
    mistakes = []
    if TIME not in header:
        mistakes.append(Mistake(source, TIME, f"no such column; has {', '.join(header)}"))
    if not columns:
        known = ", ".join(VitalKind)
        message = f"none is a vital sign: {', '.join(header)}; want some of {known}, or --mapping"
        mistakes.append(Mistake(source, "columns", message))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return FileMapping(TIME, 1.0, tuple(columns))


def canonical_unit(kind: VitalKind) -> int:
    """Return the unit code of a kind's canonical unit."""
    return _CANONICAL[kind]


_CANONICAL: Final[Mapping[VitalKind, int]] = MappingProxyType(
    {
        kind: next(
            code
            for code in (
                units.CELSIUS,
                units.MILLIMETRE_OF_MERCURY,
                units.PERCENT,
                units.BREATHS_PER_MIN,
                units.BEATS_PER_MIN,
            )
            if code in row.units
        )
        for kind, row in KINDS.items()
    }
)


def parse_mapping(text: str, source: str) -> FileMapping:
    """Return the mapping that a TOML text describes.

    Raises
    ------
    ConfigError
        With every mistake of the text.
    """
    table = toml_of(text, source)
    reader = _Reader(source)
    mapping = reader.mapping(table)
    if reader.mistakes:
        raise ConfigError(tuple(reader.mistakes))
    return mapping


class _Reader:
    """Takes a mapping apart and collects what is wrong with it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.mistakes: list[Mistake] = []

    def mapping(self, table: Mapping[str, object]) -> FileMapping:
        self._known(table, "", ("time", "time_unit", "start", "where", "column"))
        unit = self._one_of(table.get("time_unit", "s"), "time_unit", _TIME_UNITS)
        where = table.get("where", [])
        if not isinstance(where, list) or not all(isinstance(name, str) for name in where):
            self._wrong("where", f"{where!r}; want a list of columns")
            where = []
        entries = table.get("column")
        if not isinstance(entries, list) or not entries:
            self._wrong("column", f"{entries!r}; want at least one [[column]]")
            entries = []
        columns = [self._column(e, f"column[{n}]") for n, e in enumerate(entries)]
        start = table.get("start")
        return FileMapping(
            time=self._words(table, "time", ""),
            time_scale_s=_TIME_UNITS[unit],
            columns=tuple(column for column in columns if column is not None),
            where=tuple(where),
            start_utc_ns=None if start is None else self._start(start),
        )

    def _start(self, seen: object) -> int:
        utc_ns = moment_utc_ns(seen)
        if utc_ns is None:
            self._wrong("start", f"{seen!r}; want a moment such as 2026-01-31T08:00:00Z")
        return utc_ns or 0

    def _column(self, entry: object, where: str) -> Column | None:
        if not isinstance(entry, dict):
            self._wrong(where, f"{entry!r}; want a table")
            return None
        known = ("name", "kind", "unit", "site", "missing", "spot", "held")
        self._known(entry, f"{where}.", known)
        name = self._words(entry, "name", f"{where}.")
        kind = _KIND_OF.get(str(entry.get("kind")))
        if kind is None:
            self._one_of(entry.get("kind"), f"{where}.kind", tuple(VitalKind))
            return None
        site = entry.get("site", "")
        sites = sorted(s for k, s in CODE_OF if k is kind)
        if site not in sites:
            self._wrong(f"{where}.site", f"{site!r}; want one of {', '.join(map(repr, sites))}")
        missing = entry.get("missing", [])
        if not isinstance(missing, list) or not all(_is_number(number) for number in missing):
            self._wrong(f"{where}.missing", f"{missing!r}; want a list of numbers")
            missing = []
        return Column(
            name=name,
            kind=kind,
            unit_code=self._unit(entry.get("unit"), kind, f"{where}.unit"),
            site=str(site),
            missing=frozenset(float(number) for number in missing),
            is_spot=self._truth(entry, "spot", where),
            is_held=self._truth(entry, "held", where),
        )

    def _unit(self, seen: object, kind: VitalKind, key: str) -> int:
        if seen is None:
            return canonical_unit(kind)
        allowed = [name for name, code in UNITS.items() if self._fits(code, kind)]
        name = self._one_of(seen, key, allowed)
        code = UNITS[name]
        return code if code in KINDS[kind].units else canonical_unit(kind)

    def _fits(self, code: int, kind: VitalKind) -> bool:
        # people write /min for beats and for breaths
        return code in KINDS[kind].units or (
            code == units.BEATS_PER_MIN and units.BREATHS_PER_MIN in KINDS[kind].units
        )

    def _known(self, table: Mapping[str, object], where: str, allowed: tuple[str, ...]) -> None:
        for key in sorted(table.keys() - set(allowed)):
            self._wrong(f"{where}{key}", f"unknown key; have {', '.join(allowed)}")

    def _truth(self, table: Mapping[str, object], key: str, where: str) -> bool:
        value = table.get(key, False)
        if not isinstance(value, bool):
            self._wrong(f"{where}.{key}", f"{value!r}; want true or false")
        return value is True

    def _words(self, table: Mapping[str, object], key: str, where: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value:
            return value
        self._wrong(f"{where}{key}", f"{value!r}; want the name of a column")
        return ""

    def _one_of(self, value: object, key: str, allowed: Collection[str]) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        self._wrong(key, f"{value!r}; want one of {', '.join(allowed)}")
        return next(iter(allowed))

    def _wrong(self, key: str, message: str) -> None:
        self.mistakes.append(Mistake(self._source, key, message))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
