"""How the journal fares, and which of its rows are damaged."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_REASONS_AT_MOST: Final = 10_000
"""Rows that are known to be damaged; beyond it some are counted twice."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """How the journal fares."""

    fault: str = ""
    """Why entries wait in memory; empty while the file takes them."""
    pending: int = 0
    """Entries that are not on disk yet."""
    lost_readings: int = 0
    """Readings given up because the disk failed for longer than memory could bridge."""
    lost_aside: int = 0
    """Entries that a sink refused and the journal deleted since the start, as too many were."""
    set_aside: tuple[Path, ...] = ()
    """Damaged files that were renamed to start an empty one."""
    damaged_rows: int = 0
    """Rows that could not be used since the start."""
    damage: str = ""
    """The newest of them and its reason; empty where there was none."""


def with_lost_aside(health: JournalHealth, count: int, path: Path) -> JournalHealth:
    """Return the health with more refused entries deleted; the first of all are logged."""
    if count and not health.lost_aside:
        _LOG.error("journal %s: too many entries are refused, the oldest are deleted", path)
    return replace(health, lost_aside=health.lost_aside + count)


class Damages:
    """Rows that were found to be damaged, each counted once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reasons: set[str] = set()

    def note(self, health: JournalHealth, reason: str, rows: int) -> JournalHealth:
        """Return the health with more damaged rows; the first of all is logged."""
        if reason in self._reasons:
            return health
        if len(self._reasons) < _REASONS_AT_MOST:
            self._reasons.add(reason)
        if not health.damaged_rows:
            _LOG.error("journal %s: %s", self._path, reason)
        return replace(health, damaged_rows=health.damaged_rows + rows, damage=reason)
