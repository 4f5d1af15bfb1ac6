"""Parts that all payloads share: schema, times, bounds and encoding."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final, TypeVar

import msgspec

_T = TypeVar("_T")

SCHEMA: Final = 1
CONTENT_TYPE: Final = "application/json"
NOTE: Final = "decision support, not a medical device"
MAX_COMMAND_BYTES: Final = 4096
"""A command holds two short texts; more than a page is a mistake."""
encode_json: Final = msgspec.json.Encoder().encode
UNREADABLE: Final = (
    msgspec.MsgspecError,
    ValueError,
    LookupError,
    ArithmeticError,
    RecursionError,
    OSError,
)
"""Errors from reading a damaged body; a date beyond the calendar is an OSError."""


@lru_cache(maxsize=64)  # the values of one message share their moments
def rfc3339(utc_ns: int) -> str:
    """Return a moment as RFC 3339 text in UTC, truncated to milliseconds."""
    seconds, rest_ns = divmod(utc_ns, 1_000_000_000)
    whole = datetime.fromtimestamp(seconds, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{rest_ns // 1_000_000:03d}Z"


def rfc3339_ns(utc_ns: int) -> str:
    """Return a moment as RFC 3339 text in UTC with nine digits, from which it can be restored."""
    return f"{rfc3339(utc_ns)[:-4]}{utc_ns % 1_000_000_000:09d}Z"


def utc_ns_of(text: str) -> int:
    """Return the moment that `rfc3339_ns` wrote.

    Raises
    ------
    ValueError
        If the text is not exactly of that form.
    """
    whole, rest_ns = datetime.fromisoformat(text[:19]).replace(tzinfo=UTC), text[20:29]
    utc_ns = round(whole.timestamp()) * 1_000_000_000 + int(rest_ns)
    if rfc3339_ns(utc_ns) != text:
        raise ValueError(f"time is {text!r}; want RFC 3339 in UTC with nine digits")
    return utc_ns


def record_of(kind: Callable[..., _T], *sources: object, **own: object) -> _T:
    """Return a `kind` with its `own` fields, and each other one from the source that has it.

    A field that no source has keeps its default.
    """
    values = {
        name: getattr(source, name)
        for source in sources
        for name in _fields_of(kind)
        if hasattr(source, name)
    }
    return kind(**values | own)


@cache
def _fields_of(kind: Callable[..., object]) -> tuple[str, ...]:
    return tuple(inspect.signature(kind).parameters)
