"""Mappings as small TOML files: meaning of the columns in a file of vital signs, and its format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from importlib import resources
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.local_time import ZONE
from edge_agent.model.measurements import VitalKind
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    ANY_TEXT,
    FLAG,
    FieldType,
    TomlTable,
    number_from,
    one_of,
    read_toml,
    text_like,
    word_of,
)
from edge_agent.recorded.mapping import (
    PAIRS,
    TIME,
    UNITS,
    FileMapping,
    MappedColumn,
    canonical_unit,
)
from edge_agent.recorded.moments import CODE_OF, moment_utc_ns
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

_LARGEST: Final = 1e12
"""Largest number that may stand for no value."""
_SOME_DAY: Final = datetime(2001, 12, 24, 13, 45, 6)  # noqa: DTZ001 only its format is used
"""A moment whose parts all differ."""


def _read_format(seen: object) -> str | None:
    """Return the format if a date survives formatting and parsing with it."""
    if not isinstance(seen, str):
        return None
    try:
        found = datetime.strptime(_SOME_DAY.strftime(seen), seen)  # noqa: DTZ007 as above
    except ValueError:
        return None
    return seen if found.date() == _SOME_DAY.date() else None


def _read_missing(seen: object) -> float | str | None:
    return seen if isinstance(seen, str) else _ANY_NUMBER.read(seen)


_ANY_NUMBER: Final = number_from(-_LARGEST, _LARGEST)
_COLUMN_NAME: Final = text_like("(?s).+", "the name of a column")
_TIME_SCALE: Final = one_of(
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
_FORMAT: Final = FieldType(
    'a form with year, month and day such as "%d.%m.%Y %H:%M:%S"', _read_format, ""
)
_SEPARATOR: Final = word_of((",", ";", "\t", "|", " "))
_DECIMAL: Final = word_of((".", ","))
_ENCODING: Final = word_of(
    ("utf-8", "utf-16", "latin-1", "cp1250", "cp1251", "cp1252", "cp932", "gb18030", "big5")
)
_MISSING: Final[FieldType[float | str]] = FieldType("a number or a text", _read_missing, "")
_SCALE: Final = number_from(0, 1e6, is_open=True)
_KINDS: Final = one_of({kind.value: (kind,) for kind in VitalKind} | dict(PAIRS))


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that ship with the program."""
    folder = resources.files("edge_agent.recorded") / "mappings"
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


def load_mapping(source: str) -> FileMapping:
    """Return the mapping of that name, or in the file of that path.

    Raises
    ------
    ConfigError
        If there is none, or with every mistake in it.
    """
    if source in shipped_mappings():
        shipped = resources.files("edge_agent.recorded") / "mappings" / f"{source}.toml"
        return parse_mapping(read_text(shipped), shipped.name)
    if not Path(source).exists():
        have = ", ".join(shipped_mappings())
        raise ConfigError((Mistake(source, "-", f"no such file; want one, or one of {have}"),))
    return parse_mapping(read_text(Path(source)), source)


def parse_mapping(text: str, source: str) -> FileMapping:
    """Return the mapping that a TOML text describes.

    Raises
    ------
    ConfigError
        With every mistake in the text.
    """
    return read_toml(text, source, _mapping)


def _mapping(file: TomlTable) -> FileMapping:
    zone = file.get("zone", ZONE, UTC)
    time_format = file.get("time_format", _FORMAT, "")
    is_unit_declared = "time_unit" in file
    if time_format and is_unit_declared:
        file.wrong("time_unit", "does not go with time_format")
    missing = file.items("missing", _MISSING)
    scale_s = file.get("time_unit", _TIME_SCALE, 1.0)
    return FileMapping(
        time=file.get("time", _COLUMN_NAME, TIME),
        time_scale_s=0.0 if time_format else scale_s,
        columns=tuple(
            column
            for table in file.tables("column", is_required="column" in file)
            for column in _columns(table, missing)
        ),
        where=file.items("where", _COLUMN_NAME),
        start_utc_ns=file.find("start", _moment_in(zone)),
        is_unit_declared=is_unit_declared,
        time_format=time_format,
        zone=zone,
        decimal=file.get("decimal", _DECIMAL, "."),
        separator=file.get("separator", _SEPARATOR, ""),
        encoding=file.get("encoding", _ENCODING, ""),
        missing=_numbers(missing),
        words=_texts(missing),
    )


def _moment_in(zone: tzinfo) -> FieldType[int]:
    return FieldType(
        "a moment such as 2026-01-31T08:00:00Z", lambda seen: moment_utc_ns(seen, zone), 0
    )


def _columns(table: TomlTable, common: tuple[float | str, ...]) -> list[MappedColumn]:
    """Return the columns a table stands for: one, or each part of a pair of pressures."""
    kinds = table.get("kind", _KINDS)
    missing = (*table.items("missing", _MISSING), *common)
    column = MappedColumn(
        name=table.get("name", _COLUMN_NAME),
        kind=kinds[0],
        unit_code=canonical_unit(kinds[0]),
        missing=_numbers(missing),
        words=_texts(missing),
        scale=table.get("scale", _SCALE, 1.0),
        is_spot=table.get("spot", FLAG, default=False),
        is_held=table.get("held", FLAG, default=False),
    )
    if table.refused("kind"):
        table.find("site", ANY_TEXT)
        table.find("unit", ANY_TEXT)
        return []
    sites = sorted(site for kind, site in CODE_OF if kind is kinds[0])
    site = table.get("site", word_of(sites), "" if "" in sites else None)
    return [
        replace(
            column,
            kind=kind,
            site=site,
            unit_code=_unit(table, kind),
            part=n if len(kinds) > 1 else None,
        )
        for n, kind in enumerate(kinds)
    ]


def _unit(table: TomlTable, kind: VitalKind) -> int:
    allowed, usual = KINDS[kind].units, canonical_unit(kind)
    codes = {name: code for name, code in UNITS.items() if code in allowed}
    if units.BREATHS_PER_MIN in allowed:  # people write /min for beats and for breaths
        codes = {name: usual for name, code in UNITS.items() if code == units.BEATS_PER_MIN}
    return table.get("unit", one_of(codes), usual)


def _numbers(missing: Iterable[float | str]) -> frozenset[float]:
    return frozenset(m for m in missing if not isinstance(m, str))


def _texts(missing: Iterable[float | str]) -> frozenset[str]:
    return frozenset(m.strip().casefold() for m in missing if isinstance(m, str))
