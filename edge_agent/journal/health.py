"""Health of the journal, and its damaged rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_REASONS_AT_MOST: Final = 10_000
"""Damaged rows that are distinguished; beyond, some are counted twice."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """Health of the journal."""

    fault: str = ""
    """Reason why entries wait in memory; empty while the file can be written."""
    pending: int = 0
    """Entries that are not on disk yet."""
    lost_readings: int = 0
    """Readings discarded because the disk failed for longer than memory could bridge."""
    lost_aside: int = 0
    """Refused entries that the journal deleted since the start, as too many were set aside."""
    set_aside: tuple[Path, ...] = ()
    """Damaged files that were renamed to start an empty one."""
    damaged_rows: int = 0
    """Rows found unusable since the start."""
    damage: str = ""
    """Newest damaged row and its reason; empty where there is none."""


def with_lost_aside(health: JournalHealth, count: int, path: Path) -> JournalHealth:
    """Return the health with more refused entries deleted; log the first time."""
    if count and not health.lost_aside:
        _LOG.error("journal %s: too many entries are refused, the oldest are deleted", path)
    return replace(health, lost_aside=health.lost_aside + count)


class Damages:
    """Damaged rows, each counted once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reasons: set[str] = set()

    def note(self, health: JournalHealth, reason: str, rows: int) -> JournalHealth:
        """Return the health with more damaged rows; log the first one."""
        if reason in self._reasons:
            return health
        if len(self._reasons) < _REASONS_AT_MOST:
            self._reasons.add(reason)
        if not health.damaged_rows:
            _LOG.error("journal %s: %s", self._path, reason)
        return replace(health, damaged_rows=health.damaged_rows + rows, damage=reason)
