"""The age of a patient, and the age below which limits of children hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.model.patient import EntryKind

if TYPE_CHECKING:
    from edge_agent.patient.context import ContextLog


def age_of(log: ContextLog | None) -> float | None:
    """Return a patient's age in years, None where nobody entered it."""
    entries = log.standing(EntryKind.AGE) if log else ()
    return entries[-1].amount if entries else None
