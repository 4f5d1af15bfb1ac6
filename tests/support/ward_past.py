"""A ward's past from before its board started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.journal.past import JournalPast
    from edge_agent.model.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a ward, as a gateway stored it."""

    journal: JournalPast | None = None
    acts: list[AuditEntry] | None = None
    """The audit trail; None without one."""
