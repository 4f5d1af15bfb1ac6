"""The state of a gateway's beds and sinks in one line, for `systemctl status`."""

from __future__ import annotations

from collections import Counter

from edge_agent.gateway.status_file import GatewayStatus
from edge_agent.model.assessment import AssessmentState


def ward_line(status: GatewayStatus, beds: int) -> str:
    """Return the number of beds in each state, and the faults of journal and sinks.

    Parameters
    ----------
    beds
        Number of beds in the configuration; those never evaluated are not assessed.
    """
    found = Counter(bed.assessment.state for bed in status.beds)
    found[AssessmentState.NOT_ASSESSING] += beds - len(status.beds)
    counts = (f"{found[s]} {s.value.replace('_', ' ')}" for s in AssessmentState if found[s])
    parts = [f"{beds} beds: {', '.join(counts)}"]
    if status.journal_fault:
        parts.append(f"journal: {status.journal_fault}")
    parts += [f"{sink.name}: {sink.fault}" for sink in status.sinks if sink.fault]
    return "; ".join(parts).replace("\n", " ")
