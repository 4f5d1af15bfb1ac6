"""A recorded stay as arrays, as the detector over recordings reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.detect.arrays import FloatArray
from edge_agent.model.measurements import VitalKind

BED: Final = "recorded"
"""Bed of every recorded stay."""


@dataclass(frozen=True, slots=True)
class RecordedVital:
    """Readings of one vital at one site."""

    times_s: FloatArray
    """Seconds from the start, shape (n,)."""
    values: FloatArray
    """In the canonical unit, shape (n,); NaN where the device sent no value."""


@dataclass(frozen=True, slots=True)
class RecordedStay:
    """A recorded stay."""

    start_utc_ns: int
    columns: Mapping[tuple[VitalKind, str], RecordedVital]
    """Readings by vital and site; the site is empty where a vital has only one."""
    length_s: float | None = None
    """Length of the stay in seconds; None: up to its last reading."""
    begins_s: float = 0.0
    """Start of monitoring, seconds from `start_utc_ns`; negative where readings are older."""
