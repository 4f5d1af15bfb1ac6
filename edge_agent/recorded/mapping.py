"""Meaning of the columns in a file of vital signs, by a mapping or by the columns' own names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.moments import CODE_OF, Series
from edge_agent.vitals import units
from edge_agent.vitals.canonical import KINDS

TIME: Final = "time"
"""Time column of a file that needs no mapping: seconds from the start, or ISO 8601."""
_KIND_OF: Final = MappingProxyType({kind.value: kind for kind in VitalKind})
PAIRS: Final[Mapping[str, tuple[VitalKind, ...]]] = MappingProxyType(
    {
        "nibp": (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_DIASTOLIC, VitalKind.NIBP_MEAN),
        "art": (VitalKind.ART_SYSTOLIC, VitalKind.ART_DIASTOLIC, VitalKind.ART_MEAN),
    }
)
"""Pressures in one cell, such as 122/73 or 122/73 (89), in this order."""
_LOOKS_LIKE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("hr", "heartrate", "ecghr", "herzfrequenz"), "heart_rate"),
        **dict.fromkeys(("pr", "pulse", "pulserate", "puls"), "pulse_rate"),
        **dict.fromkeys(("spo2", "sat", "sao2", "o2sat"), "spo2"),
        **dict.fromkeys(("rr", "resp", "resprate"), "respiratory_rate"),
        **dict.fromkeys(("sbp", "sys", "systolic", "nbpsys", "nibpsys"), "nibp_systolic"),
        **dict.fromkeys(("dbp", "dia", "diastolic", "nbpdias", "nibpdia"), "nibp_diastolic"),
        **dict.fromkeys(("map", "mbp", "nbpmean", "nibpmean"), "nibp_mean"),
        **dict.fromkeys(("bp", "nbp", "bloodpressure"), "nibp"),
        **dict.fromkeys(("temp", "t", "tcore", "bodytemp", "temperatur"), "temperature"),
        "pi": "perfusion_index",
    }
)
"""Short names used by people and devices; ambiguous, so that none is accepted without a mapping."""
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
"""Unit codes by the spellings that people use."""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """Content of one column."""

    name: str
    kind: VitalKind
    unit_code: int
    site: str = ""
    missing: frozenset[float] = frozenset()
    """Numbers that mean "no value"; zero always does."""
    words: frozenset[str] = frozenset()
    """Texts that mean "no value", in lower case."""
    scale: float = 1.0
    """Factor from the number to the unit: 100 where a saturation is a fraction."""
    part: int | None = None
    """Position of the number in a pair of pressures; None: the cell is one number."""
    is_spot: bool = False
    """True where each value is a spot reading; always so for a cuff."""
    is_held: bool = False
    """True where a reading is repeated in every row until the next one."""

    @property
    def series(self) -> Series:
        """Kind and site."""
        return self.kind, self.site


@dataclass(frozen=True, slots=True)
class FileMapping:
    """Meaning of a file's columns; columns that are not named are left out."""

    time: str
    """Name of the column that holds the time."""
    time_scale_s: float
    """Seconds in the unit of the time column; 0 for ISO 8601."""
    columns: tuple[MappedColumn, ...]
    where: tuple[str, ...] = ()
    """Columns that select one patient's rows."""
    start_utc_ns: int | None = None
    """Moment of time 0; None where the file does not say."""
    is_unit_declared: bool = False
    """True where the mapping names the unit of the time; otherwise the numbers are examined."""
    time_format: str = ""
    """Format of the times as for `strptime`; empty: numbers, or ISO 8601."""
    zone: tzinfo = UTC
    """Zone of times that name none."""
    decimal: str = "."
    """Mark before the fraction of a number."""
    separator: str = ""
    """Separator of the cells in a text; empty: guessed from its first line."""
    encoding: str = ""
    """Encoding of a text; empty: UTF-8."""
    missing: frozenset[float] = frozenset()
    """Numbers that mean "no value" in every column read by its own name; see `MappedColumn`."""
    words: frozenset[str] = frozenset()

    @property
    def zone_is_utc(self) -> bool:
        """True where times that name no zone are UTC."""
        return str(self.zone) == "UTC"


def own_names(header: Collection[str], source: str) -> FileMapping:
    """Return the mapping of a file whose columns are named after the canonical kinds.

    `temperature` may have a site behind a dot: `temperature.axillary`. Case and blanks around a
    name do not matter; `nibp` holds pairs such as 122/73. Other columns are left out.

    Raises
    ------
    ConfigError
        If there is no column `time`, or no vital sign.
    """
    known = {name: plain(name) for name in header}
    times = [name for name, meaning in known.items() if meaning == TIME]
    columns = tuple(own_columns(header))
    mistakes = []
    if len(times) != 1:
        wrong = f"no such column; has {', '.join(header)}" if not times else "is there twice"
        mistakes.append(Mistake(source, TIME, wrong))
    if not columns:
        wanted = f"want some of {', '.join(VitalKind)}, or --mapping"
        message = f"none is a vital sign: {', '.join(header)}; {wanted}"
        mistakes.append(Mistake(source, "columns", message + looks_like(header)))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return FileMapping(times[0], 1.0, columns)


def own_columns(header: Collection[str]) -> Iterator[MappedColumn]:
    """Yield the columns that are named after a canonical kind, in any case."""
    for name in header:
        kind_name, _, site = plain(name).partition(".")
        site = site or ("abp" if kind_name == "art" else "")
        kinds = PAIRS.get(kind_name) or (_KIND_OF.get(kind_name),)
        for part, kind in enumerate(kinds):
            if kind is not None and (kind, site) in CODE_OF:
                of_pair = part if kind_name in PAIRS else None
                yield MappedColumn(name, kind, canonical_unit(kind), site, part=of_pair)


def plain(name: str) -> str:
    """Return a column's name in the form used for comparison."""
    return name.strip().casefold()


def looks_like(header: Collection[str]) -> str:
    """Return the columns that may be a vital sign under a short name, as a further clause."""
    found = {name: _LOOKS_LIKE.get(_letters(name)) for name in header}
    guesses = [f"{name} ({kind}?)" for name, kind in found.items() if kind is not None]
    return f". A mapping can name {', '.join(guesses)}" if guesses else ""


def _letters(name: str) -> str:
    head = name.partition("(")[0].partition("[")[0]
    return "".join(c for c in head.casefold() if c.isalnum())


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
