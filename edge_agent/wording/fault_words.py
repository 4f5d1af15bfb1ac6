"""Faults in the way of an alert to a person, in words."""

from __future__ import annotations

from edge_agent.model.language import Language
from edge_agent.model.oversight import AuditFault
from edge_agent.wording.catalogue import phrase


def fault_words(fault: AuditFault, language: Language) -> str:
    """Return a fault in words, without its bed."""
    return phrase(language, f"reason.fault_{fault.kind}", subject=fault.subject)
