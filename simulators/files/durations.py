"""Durations as people write them: "90 s", "10 min", "1 d 6 h"."""

from __future__ import annotations

import re
from typing import Final

from edge_agent.model.toml_table import FieldType

_SECONDS: Final = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_PART: Final = r"(\d+(?:\.\d+)?)\s*(d|h|min|s)"
_WHOLE: Final = re.compile(rf"\s*{_PART}(?:\s+{_PART})*\s*")


def parse_duration(text: str) -> float | None:
    """Return a duration in seconds; None where the text is not one."""
    if not _WHOLE.fullmatch(text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(_PART, text))


def _length_of(seen: object) -> float | None:
    return parse_duration(seen) if isinstance(seen, str) else None


_EXAMPLES: Final = 'such as "90 s", "10 min", "2 h" or "1 d 6 h"'
DURATION: Final = FieldType(f"a duration {_EXAMPLES}", _length_of, 0.0)
"""Field of a TOML table: a duration in seconds."""
LENGTH: Final = FieldType(
    f"a duration above 0 {_EXAMPLES}", lambda seen: _length_of(seen) or None, 1.0
)
"""Field of a TOML table: a duration in seconds, not 0."""


def format_duration(seconds: float) -> str:
    """Return a duration as text, to the second; a negative one with a minus."""
    left = round(abs(seconds))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {unit}")
    return ("-" if seconds < 0 else "") + (" ".join(parts) or "0 s")
