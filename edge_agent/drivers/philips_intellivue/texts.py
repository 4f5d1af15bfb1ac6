"""Texts of the monitor as it shows them: UTF-16 with characters from the private use area."""

from __future__ import annotations

import unicodedata
from typing import Final

_STAR: Final = "\ue40d"
"""What the monitor shows as a star before an alarm: two where it is yellow, three where it is red
(recordings of an MP90, GitHub derekmerck/PERSEUS)."""
_UNKNOWN: Final = "\ufffd"


def shown(value: bytes) -> str:
    """Return a text without private-use characters, which nothing but the monitor can show.

    Its star becomes one; any other private-use character is replaced, since its sign is not known.
    """
    text = value.decode("utf-16-be", "replace").rstrip("\0").replace(_STAR, "*")
    return "".join(_UNKNOWN if unicodedata.category(c) == "Co" else c for c in text)
