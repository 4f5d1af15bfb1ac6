"""Settings of a journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PENDING_ROWS: Final = 20_000
"""Entries that may wait for a failing disk: about ten minutes of 32 beds in some 150 MB."""


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Path of the journal, and the time for which it stores delivered entries."""

    path: Path
    sinks: tuple[str, ...]
    """Sinks that must all accept an entry before it may be deleted."""
    retain_s: float
    """Seconds for which delivered entries stay stored, counted while the machine runs."""
    pending_rows: int = _PENDING_ROWS
    """Waiting entries beyond which a failing disk costs the oldest readings, which are counted."""
