"""Readers of the values of a profile file, which report each mistake with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from edge_agent.drivers.hl7_oru import charsets
from edge_agent.drivers.hl7_oru.profile import Remap
from edge_agent.drivers.hl7_oru.timestamps import zone_of
from edge_agent.drivers.linear_pattern import LinearPattern, PatternError
from edge_agent.model.errors import CrswatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

_T = TypeVar("_T")

_REMAP_KEYS: Final = ("code", "to", "sub_id", "method", "unit")


class WrongValueError(CrswatchError):
    """Mistakes below one key: pairs of the place (such as `[2].code`) and the message."""

    def __init__(self, *places: tuple[str, str]) -> None:
        super().__init__(places)
        self.places = places


def text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise _wrong(value, "text")
    return value


def truth(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise _wrong(value, "true or false")
    return value


def number(value: object) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(value, "a number")
    return float(value)


def whole(low: int, high: int) -> Callable[[object], int]:
    """Return a reader of whole numbers from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _wrong(value, f"a whole number from {low} to {high}")
        return value

    return read


code = whole(65_536, 2**32 - 1)
"""Reads an ISO/IEEE 11073-10101 code: partition x 65536 + term."""


def seconds(value: object) -> float:
    """Return a duration of 1 s to a day."""
    if not 1 <= (duration := number(value)) <= 86_400:
        raise _wrong(value, "seconds from 1 to 86400")
    return duration


def seconds_or_never(value: object) -> float:
    """Return a duration of 1 s to a day, or 0."""
    return 0.0 if number(value) == 0 else seconds(value)


def one_of(*words: str) -> Callable[[object], str]:
    """Return a reader of one of `words`."""

    def read(value: object) -> str:
        if value not in words:
            raise _wrong(value, f"one of {', '.join(words)}")
        return str(value)

    return read


def zone(value: object) -> tzinfo | None:
    """Return a fixed zone; None for an empty text."""
    found = zone_of(text(value))
    if found is None and value:
        raise _wrong(value, "+HHMM, -HHMM or an empty text")
    return found


def charset(value: object) -> str:
    """Return the codec of a charset; empty for an empty text."""
    codec = charsets.known(text(value)) if value else ""
    if codec is None:
        raise _wrong(value, f"a charset of HL7 table 0211 or one of {', '.join(charsets.EXAMPLES)}")
    return codec


def pattern(value: object) -> LinearPattern:
    """Return a regular expression that is matched without backtracking."""
    try:
        return LinearPattern(text(value))
    except PatternError as error:
        raise _wrong(value, f"a regular expression without backtracking ({error})") from error


def set_of(read: Callable[[object], _T]) -> Callable[[object], frozenset[_T]]:
    """Return a reader of a list whose entries `read` reads."""

    def read_all(value: object) -> frozenset[_T]:
        return frozenset(_entries(value, read))

    return read_all


def table_of(read: Callable[[object], _T]) -> Callable[[object], dict[str, _T]]:
    """Return a reader of a table whose values `read` reads."""

    def read_all(value: object) -> dict[str, _T]:
        if not isinstance(value, dict):
            raise _wrong(value, "a table")
        names = [str(name) for name in value]
        found = _each(read, ((f".{name}", entry) for name, entry in value.items()))
        return dict(zip(names, found, strict=True))

    return read_all


def remaps(value: object) -> tuple[Remap, ...]:
    """Return a list of remaps, each a table of `code`, `to` and conditions."""
    return tuple(_entries(value, _remap))


def _remap(value: object) -> Remap:
    table = table_of(lambda entry: entry)(value)
    missing = [(f".{key}", "is missing") for key in ("code", "to") if key not in table]
    unknown = [
        (f".{key}", f"no such key; there are: {', '.join(_REMAP_KEYS)}")
        for key in table.keys() - set(_REMAP_KEYS)
    ]
    if missing or unknown:
        raise WrongValueError(*missing, *sorted(unknown))
    codes = _each(code, ((f".{key}", table[key]) for key in ("code", "to")))
    narrowing = [key for key in ("sub_id", "method") if key in table]
    patterns = _each(pattern, ((f".{key}", table[key]) for key in narrowing))
    found = dict(zip(narrowing, patterns, strict=True))
    (unit,) = _each(text, [(".unit", table.get("unit", ""))])
    return Remap(codes[0], codes[1], found.get("sub_id"), found.get("method"), unit)


def _entries(value: object, read: Callable[[object], _T]) -> list[_T]:
    if not isinstance(value, list):
        raise _wrong(value, "a list")
    return _each(read, ((f"[{n}]", entry) for n, entry in enumerate(value)))


def _each(read: Callable[[object], _T], entries: Iterable[tuple[str, object]]) -> list[_T]:
    """Read every entry of a list or table; report all mistakes at once."""
    found, places = list[_T](), list[tuple[str, str]]()
    for place, entry in entries:
        try:
            found.append(read(entry))
        except WrongValueError as wrong:
            places += [(place + rest, message) for rest, message in wrong.places]
    if places:
        raise WrongValueError(*places)
    return found


def _wrong(value: object, wanted: str) -> WrongValueError:
    return WrongValueError(("", f"is {value!r}; want {wanted}"))
