"""Patients who are away from their beds: the alerts about monitoring that wait meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.alerting.alert_book import AlertBook, AlertChange
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Finding


class Presence:
    """Applies findings to the alerts of beds whose patients may be away."""

    def __init__(self, book: AlertBook) -> None:
        self._book = book
        self._away: set[str] = set()

    def update(self, bed_id: str, at: Instant, *, is_away: bool) -> list[AlertChange]:
        """Return the changes as a patient goes away from a bed, or is there again."""
        if is_away == (bed_id in self._away):
            return []
        self._away ^= {bed_id}
        return self._book.inhibit(bed_id, at, is_away=is_away)

    def apply(
        self, bed_id: str, findings: Sequence[Finding], at: Instant, *, is_away: bool
    ) -> list[AlertChange]:
        """Return the changes by one evaluation of a bed.

        As an absence ends, what is over by these findings ends unreported.
        """
        changes = self.update(bed_id, at, is_away=True) if is_away else []
        changes += self._book.apply(findings)
        return changes if is_away else [*changes, *self.update(bed_id, at, is_away=False)]
