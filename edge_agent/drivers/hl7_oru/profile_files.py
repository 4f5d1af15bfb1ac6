"""Conversion of TOML text to `Profile`, for shipped profiles and others."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.hl7_oru import profile_values as values
from edge_agent.drivers.hl7_oru.profile import Profile
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import toml_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT: Final = "generic"
"""Default profile, and the base of all others."""

_FOLDER: Final = resources.files(__package__ or "") / "profiles"
_PRIORITY: Final = values.one_of("high", "medium", "low")
_UNIT: Final = values.whole(4 << 16, (5 << 16) - 1)  # partition 4 of ISO/IEEE 11073-10101

_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "title": values.text,
    "manufacturer": values.text,
    "missing_values": values.set_of(values.number),
    "x_is_invalid": values.truth,
    "zero_is_a_value": values.truth,
    "occasional_codes": values.set_of(values.code),
    "occasional_time_is_own": values.truth,
    "occasional_is_sent_once": values.truth,
    "acknowledge": values.one_of("as_asked", "always", "never"),
    "accepted_unread": values.set_of(values.text),
    "lost_after_s": values.seconds,
    "charset": values.charset,
    "zone": values.zone,
    "poll_every_s": values.seconds_or_never,
    "poll_timeout_s": values.seconds,
    "alarm_text_system": values.text,
    "alarm_text_for_s": values.seconds,
    "alarm_text_priorities": values.table_of(_PRIORITY),
    "codes": values.table_of(values.table_of(values.code)),
    "units": values.table_of(_UNIT),
    "remap": values.remaps,
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
        message = f"no such profile; there are: {', '.join(_names())}"
        raise ConfigError((Mistake("profile", name, message),))
    return _shipped(name or DEFAULT)


@cache
def _shipped(name: str) -> Profile:
    text = (_FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return _read(text, f"{name}.toml", None if name == DEFAULT else DEFAULT)


def _read(text: str, source: str, base_name: str | None) -> Profile:
    """Read a profile that extends `base_name` unless it names another base; None for no base."""
    table = toml_of(text, source)
    mistakes: list[Mistake] = []
    base = Profile()
    if base_name is not None:
        base = _base(table.pop("based_on", base_name), source, mistakes)
    read: dict[str, object] = {}
    for key, value in table.items():
        try:
            read[key] = _over(getattr(base, key, None), _reader(key)(value))
        except values.WrongValueError as wrong:
            mistakes += [Mistake(source, key + place, message) for place, message in wrong.places]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return replace(base, **read)  # type: ignore[arg-type]  # each reader gives its field's type


def _base(name: object, source: str, mistakes: list[Mistake]) -> Profile:
    if name in _names():
        return _shipped(str(name))
    message = f"is {name!r}; want one of {', '.join(_names())}"
    mistakes.append(Mistake(source, "based_on", message))
    return _shipped(DEFAULT)


def _reader(key: str) -> Callable[[object], object]:
    if key not in _READERS:
        message = f"no such key; there are: based_on, {', '.join(_READERS)}"
        raise values.WrongValueError(("", message))
    return _READERS[key]


def _over(base: object, own: object) -> object:
    """Return a table merged over the base's, or a list put before it; other values replace it."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {name: _over(base.get(name), own.get(name, base.get(name))) for name in base | own}
    if isinstance(base, tuple) and isinstance(own, tuple):
        return own + base
    return own
