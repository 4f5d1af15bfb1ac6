"""Conversion of TOML text to `Profile`, for shipped profiles and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Final, TypeVar

from edge_agent.drivers.hl7_oru import charsets
from edge_agent.drivers.hl7_oru.profile import Profile, Remap
from edge_agent.drivers.hl7_oru.timestamps import zone_of
from edge_agent.drivers.linear_pattern import LinearPattern, PatternError
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.toml_table import (
    ANY_TEXT,
    FLAG,
    TEXT,
    FieldType,
    TomlTable,
    number_from,
    read_toml,
    shown,
    whole_from,
    word_of,
)

DEFAULT: Final = "generic"
"""Default profile, and the base of all others."""
_T = TypeVar("_T")
_FOLDER: Final = resources.files(__package__ or "") / "profiles"


def _read_zone(seen: object) -> str | None:
    return seen if isinstance(seen, str) and (not seen or zone_of(seen)) else None


def _read_charset(seen: object) -> str | None:
    """Return the codec of a charset; empty for an empty text."""
    return (charsets.known(seen) if seen else seen) if isinstance(seen, str) else None


def _read_pause(seen: object) -> float | None:
    return 0.0 if seen == 0 and not isinstance(seen, bool) else _SECONDS.read(seen)


_NUMBER: Final = number_from(-1e12, 1e12)
_SECONDS: Final = number_from(1, 86_400)
_PAUSE: Final = FieldType(f"0, or {_SECONDS.want}", _read_pause, 0.0)
_CODE: Final = whole_from(65_536, 2**32 - 1)
"""ISO/IEEE 11073-10101 code: partition x 65536 + term."""
_UNIT: Final = whole_from(4 << 16, (5 << 16) - 1)  # partition 4 of ISO/IEEE 11073-10101
_ZONE: Final = FieldType("+HHMM, -HHMM or an empty text", _read_zone, "")
_CHARSET: Final = FieldType(
    f"a charset of HL7 table 0211 or one of {', '.join(charsets.EXAMPLES)}", _read_charset, ""
)


def _one(kind: FieldType[_T]) -> Callable[[TomlTable, str], _T]:
    return lambda file, key: file.get(key, kind)


def _set_of(kind: FieldType[_T]) -> Callable[[TomlTable, str], frozenset[_T]]:
    return lambda file, key: frozenset(file.items(key, kind))


def _by_name(kind: FieldType[_T]) -> Callable[[TomlTable, str], dict[str, _T]]:
    return lambda file, key: _all_of(file.table(key), kind)


def _all_of(table: TomlTable, kind: FieldType[_T]) -> dict[str, _T]:
    return {name: table.get(name, kind) for name in table}


def _codes(file: TomlTable, key: str) -> dict[str, dict[str, int]]:
    table = file.table(key)
    return {name: _all_of(table.table(name), _CODE) for name in table}


def _remaps(file: TomlTable, key: str) -> tuple[Remap, ...]:
    return tuple(
        Remap(
            code=table.get("code", _CODE),
            to=table.get("to", _CODE),
            sub_id=_pattern(table, "sub_id"),
            method=_pattern(table, "method"),
            unit=table.get("unit", ANY_TEXT, ""),
        )
        for table in file.tables(key)
    )


def _pattern(table: TomlTable, key: str) -> LinearPattern | None:
    text = table.find(key, ANY_TEXT)
    try:
        return None if text is None else LinearPattern(text)
    except PatternError as error:
        want = f"want a regular expression without backtracking ({error})"
        table.wrong(key, f"{shown(text)}; {want}")
        return None


_READERS: Final[Mapping[str, Callable[[TomlTable, str], object]]] = {
    "title": _one(ANY_TEXT),
    "manufacturer": _one(ANY_TEXT),
    "missing_values": _set_of(_NUMBER),
    "x_is_invalid": _one(FLAG),
    "zero_is_a_value": _one(FLAG),
    "occasional_codes": _set_of(_CODE),
    "occasional_time_is_own": _one(FLAG),
    "occasional_is_sent_once": _one(FLAG),
    "acknowledge": _one(word_of(("as_asked", "always", "never"))),
    "accepted_unread": _set_of(TEXT),
    "lost_after_s": _one(_SECONDS),
    "charset": _one(_CHARSET),
    "zone": lambda file, key: zone_of(file.get(key, _ZONE)),
    "poll_every_s": _one(_PAUSE),
    "poll_timeout_s": _one(_SECONDS),
    "alarm_text_system": _one(ANY_TEXT),
    "alarm_text_for_s": _one(_SECONDS),
    "alarm_text_priorities": _by_name(word_of(("high", "medium", "low"))),
    "codes": _codes,
    "units": _by_name(_UNIT),
    "remap": _remaps,
}


@cache
def _names() -> tuple[str, ...]:
    files = (entry.name for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    names = sorted(name.removesuffix(".toml") for name in files)
    return tuple(sorted(names, key=lambda name: name != DEFAULT))


def shipped() -> dict[str, str]:
    """Return the title of every shipped profile, by name; the default comes first."""
    return {name: _shipped(name).title for name in _names()}


def profile_of(name: str, text: str = "") -> Profile:
    """Return the profile called `name`, or the one in `text` where it is not empty.

    Raises
    ------
    ConfigError
        If there is no such profile, or with every mistake in `text`.
    """
    if text:
        return _read(text, name or "profile", DEFAULT)
    if name and name not in _names():
        raise ConfigError((Mistake("hl7_oru", "profile", word_of(_names()).refusal(name)),))
    return _shipped(name or DEFAULT)


@cache
def _shipped(name: str) -> Profile:
    text = (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return _read(text, f"{name}.toml", None if name == DEFAULT else DEFAULT)


def _read(text: str, source: str, base_name: str | None) -> Profile:
    """Read a profile that extends `base_name` unless it names another base; None for no base."""
    return read_toml(text, source, lambda file: _profile(file, base_name))


def _profile(file: TomlTable, base_name: str | None) -> Profile:
    base = Profile()
    if base_name is not None:
        base = _shipped(file.get("based_on", word_of(_names()), base_name))
    read = {
        key: _over(getattr(base, key), reader(file, key))
        for key, reader in _READERS.items()
        if key in file
    }
    return replace(base, **read)  # type: ignore[arg-type]  # each reader gives its field's type


def _over(base: object, own: object) -> object:
    """Return a table merged over the base's, or a list put before it; other values replace it."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {name: _over(base.get(name), own.get(name, base.get(name))) for name in base | own}
    if isinstance(base, tuple) and isinstance(own, tuple):
        return own + base
    return own
