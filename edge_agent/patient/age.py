"""The age of a patient, and the age below which limits of children hold."""

from __future__ import annotations

from edge_agent.model.patient import EntryKind
from edge_agent.patient.context import ContextLog


def age_of(log: ContextLog | None) -> float | None:
    """Return a patient's age in years, None where nobody entered it."""
    entries = log.current(EntryKind.AGE) if log else ()
    return entries[-1].amount if entries else None
