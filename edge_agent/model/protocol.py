"""The hospital's own text on what to do at each grade of CRS; never advice of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

GRADES: Final = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class ProtocolCard:
    """One version of the hospital's protocol."""

    version: int
    """Number of the version, so that everybody sees which one is shown."""
    title: str
    """Name of the protocol and of who is responsible for it."""
    texts: Mapping[int, str]
    """Text of each grade, in the hospital's own words and language."""
