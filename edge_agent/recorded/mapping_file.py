"""Mappings as small TOML files: meaning of the columns in a file of vital signs, and its format."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import VitalKind
from edge_agent.model.texts import read_text, toml_of
from edge_agent.recorded.mapping import (
    KIND_OF,
    PAIRS,
    TIME,
    UNITS,
    Column,
    FileMapping,
    canonical_unit,
)
from edge_agent.recorded.moments import CODE_OF, moment_utc_ns
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_TIME_UNITS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "s": 1.0,
        "min": 60.0,
        "h": 3600.0,
        "d": 86_400.0,
        "ms": 1e-3,
        "us": 1e-6,
        "ns": 1e-9,
        "iso8601": 0.0,
    }
)
_KEYS: Final = (
    "time",
    "time_unit",
    "time_format",
    "zone",
    "start",
    "separator",
    "decimal",
    "encoding",
    "missing",
    "where",
    "column",
)
_COLUMN_KEYS: Final = ("name", "kind", "unit", "scale", "site", "missing", "spot", "held")
_SEPARATORS: Final = (",", ";", "\t", "|", " ")
_DECIMALS: Final = (".", ",")
_ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "latin-1")
_LARGEST_SCALE: Final = 1e6
_LARGEST: Final = 1e12
"""Largest number that may stand for no value."""
_SOME_DAY: Final = datetime(2001, 12, 24, 13, 45, 6)  # noqa: DTZ001 only its format is used
"""A moment whose parts all differ."""


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that ship with the program."""
    folder = resources.files("edge_agent.recorded") / "mappings"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


def load_mapping(place: str) -> FileMapping:
    """Return the mapping of that name, or in the file of that path.

    Raises
    ------
    ConfigError
        If there is none, or with every mistake in it.
    """
    if place in shipped_mappings():
        source = resources.files("edge_agent.recorded") / "mappings" / f"{place}.toml"
        return parse_mapping(read_text(source), f"{place}.toml")
    if not Path(place).exists():
        have = ", ".join(shipped_mappings())
        raise ConfigError((Mistake(place, "-", f"no such file; want one, or one of {have}"),))
    return parse_mapping(read_text(Path(place)), place)


def parse_mapping(text: str, source: str) -> FileMapping:
    """Return the mapping that a TOML text describes.

    Raises
    ------
    ConfigError
        With every mistake in the text.
    """
    table = toml_of(text, source)
    reader = _Reader(source)
    mapping = reader.mapping(table)
    if reader.mistakes:
        raise ConfigError(tuple(reader.mistakes))
    return mapping


class _Reader:
    """Parser of a mapping; collects the mistakes in it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.mistakes: list[Mistake] = []

    def mapping(self, table: Mapping[str, object]) -> FileMapping:
        self._known(table, "", _KEYS)
        unit = self._one_of(table.get("time_unit", "s"), "time_unit", _TIME_UNITS)
        where = table.get("where", [])
        if not isinstance(where, list) or not all(isinstance(name, str) for name in where):
            self._wrong("where", f"{where!r}; want a list of columns")
            where = []
        start = table.get("start")
        zone = self._zone(table.get("zone", "UTC"))
        time_format = self._time_format(table)
        missing = self._missing(table, "missing")
        return FileMapping(
            time=self._words(table, "time", "") if "time" in table else TIME,
            time_scale_s=0.0 if time_format else _TIME_UNITS[unit],
            columns=tuple(self._columns(table, missing)),
            where=tuple(where),
            start_utc_ns=None if start is None else self._start(start, zone),
            is_unit_said="time_unit" in table,
            time_format=time_format,
            zone=zone,
            decimal=self._choice(table, "decimal", _DECIMALS),
            separator=self._choice(table, "separator", ("", *_SEPARATORS)),
            encoding=self._choice(table, "encoding", ("", *_ENCODINGS)),
            missing=_numbers(missing),
            words=_texts(missing),
        )

    def _start(self, seen: object, zone: tzinfo) -> int:
        utc_ns = moment_utc_ns(seen, zone)
        if utc_ns is None:
            self._wrong("start", f"{seen!r}; want a moment such as 2026-01-31T08:00:00Z")
        return utc_ns or 0

    def _zone(self, seen: object) -> tzinfo:
        try:
            if isinstance(seen, str):
                return ZoneInfo(seen)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            pass  # reported below, as for a value that is no text
        self._wrong("zone", f"{seen!r}; want the name of a zone such as Europe/Berlin")
        return UTC

    def _time_format(self, table: Mapping[str, object]) -> str:
        """Return a date format; report one that names no day or fits no date as a mistake."""
        form = table.get("time_format", "")
        if form == "" and "time_format" not in table:
            return ""
        if not isinstance(form, str) or not _says_a_day(form):
            want = 'want a form with year, month and day such as "%d.%m.%Y %H:%M:%S"'
            self._wrong("time_format", f"{form!r}; {want}")
            return ""
        if "time_unit" in table:
            self._wrong("time_unit", "does not go with time_format")
        return form

    def _columns(self, table: Mapping[str, object], common: list[object]) -> Iterator[Column]:
        entries = table.get("column", [])
        if not isinstance(entries, list) or ("column" in table and not entries):
            self._wrong("column", f"{entries!r}; want at least one [[column]]")
            return
        for number, entry in enumerate(entries):
            yield from self._column(entry, f"column[{number}]", common)

    def _column(self, entry: object, where: str, common: list[object]) -> Iterator[Column]:
        """Yield the columns an entry stands for: one, or each part of a pair of pressures."""
        if not isinstance(entry, dict):
            self._wrong(where, f"{entry!r}; want a table")
            return
        self._known(entry, f"{where}.", _COLUMN_KEYS)
        name = self._words(entry, "name", f"{where}.")
        kind_name = str(entry.get("kind"))
        kinds = PAIRS.get(kind_name, (KIND_OF.get(kind_name),))
        site = entry.get("site", "")
        missing = [*self._missing(entry, f"{where}.missing"), *common]
        for part, kind in enumerate(kinds):
            if kind is None:
                self._one_of(entry.get("kind"), f"{where}.kind", (*VitalKind, *PAIRS))
                return
            if part == 0:
                self._check_site(site, kind, f"{where}.site")
            yield Column(
                name=name,
                kind=kind,
                unit_code=self._unit(entry.get("unit"), kind, f"{where}.unit"),
                site=str(site),
                missing=_numbers(missing),
                words=_texts(missing),
                scale=self._scale(entry.get("scale", 1), f"{where}.scale"),
                part=part if kind_name in PAIRS else None,
                is_spot=self._truth(entry, "spot", where),
                is_held=self._truth(entry, "held", where),
            )

    def _check_site(self, site: object, kind: VitalKind, key: str) -> None:
        sites = sorted(s for k, s in CODE_OF if k is kind)
        if site not in sites:
            self._wrong(key, f"{site!r}; want one of {', '.join(map(repr, sites))}")

    def _missing(self, table: Mapping[str, object], key: str) -> list[object]:
        missing = table.get("missing", [])
        if isinstance(missing, list) and all(_is_number(m) or isinstance(m, str) for m in missing):
            return missing
        self._wrong(key, f"{missing!r}; want a list of numbers and words")
        return []

    def _scale(self, seen: object, key: str) -> float:
        if _is_number(seen) and 0 < float(str(seen)) <= _LARGEST_SCALE:
            return float(str(seen))
        self._wrong(key, f"{seen!r}; want a number above 0, at most {_LARGEST_SCALE:g}")
        return 1.0

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

    def _choice(self, table: Mapping[str, object], key: str, allowed: tuple[str, ...]) -> str:
        """Return a text from a list, the first one where the table has no such key."""
        if key not in table:
            return allowed[0]
        wanted = [text for text in allowed if text]
        value = table[key]
        if isinstance(value, str) and value in wanted:
            return value
        self._wrong(key, f"{value!r}; want one of {', '.join(map(repr, wanted))}")
        return allowed[0]

    def _one_of(self, value: object, key: str, allowed: Collection[str]) -> str:
        if isinstance(value, str) and value in allowed:
            return value
        self._wrong(key, f"{value!r}; want one of {', '.join(allowed)}")
        return next(iter(allowed))

    def _wrong(self, key: str, message: str) -> None:
        mistake = Mistake(self._source, key, message)
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)


def _says_a_day(form: str) -> bool:
    """Return True where a date survives formatting and parsing with `form`."""
    try:
        found = datetime.strptime(_SOME_DAY.strftime(form), form)  # noqa: DTZ007 as above
    except ValueError:
        return False
    return found.date() == _SOME_DAY.date()


def _numbers(missing: list[object]) -> frozenset[float]:
    return frozenset(float(str(m)) for m in missing if _is_number(m))


def _texts(missing: list[object]) -> frozenset[str]:
    return frozenset(m.strip().casefold() for m in missing if isinstance(m, str))


def _is_number(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and abs(value) <= _LARGEST
