"""Texts of the monitor: UTF-16 with characters from the private use area."""

from __future__ import annotations

import unicodedata
from typing import Final

_STAR: Final = "\ue40d"
"""The star that the monitor shows before an alarm: two for yellow, three for red (recordings of an
MP90, GitHub derekmerck/PERSEUS)."""
_UNKNOWN: Final = "\ufffd"


def shown(value: bytes) -> str:
    """Return a text without private-use characters, which only the monitor can display.

    The star becomes an asterisk; other private-use characters are replaced, as their meaning is
    unknown.
    """
    text = value.decode("utf-16-be", "replace").rstrip("\0").replace(_STAR, "*")
    return "".join(_UNKNOWN if unicodedata.category(c) == "Co" else c for c in text)
