"""A recorded stay as arrays: what the detector over recordings reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.window import FloatArray
    from edge_agent.model.measurements import VitalKind


@dataclass(frozen=True, slots=True)
class Column:
    """The readings of one vital at one place."""

    times_s: FloatArray
    """Seconds from the start, shape (n,)."""
    values: FloatArray
    """In the canonical unit, shape (n,); NaN where the device sent no value."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded stay."""

    start_utc_ns: int
    columns: Mapping[tuple[VitalKind, str], Column]
    """By vital and site; the site is empty where a vital has one."""
    lasts_s: float | None = None
    """How long the stay is; None: to its last reading."""
    begins_s: float = 0.0
    """When watching began, seconds from the start; negative where readings are older."""
