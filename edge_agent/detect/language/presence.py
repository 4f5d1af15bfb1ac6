"""Rules whose alerts wait while the patient is away from the bed."""

from __future__ import annotations

from typing import Final

from edge_agent.detect.language.rule import LatestCondition, Rule, ShareCondition, StateCondition
from edge_agent.detect.series.doubts import AS_MEASURED, DOUBTED
from edge_agent.model.alerts import AlertKind
from edge_agent.model.bed_events import BedState

_STATES: Final = frozenset(
    {
        BedState.MONITOR_CHANGED,
        BedState.PATIENT_NOT_ASSIGNED,
        BedState.TEST_ALERT,
        BedState.AGENT_FAILED,
        BedState.ESCALATION_FAILED,
        BedState.WAY_LOST,
        BedState.CLOCK_STEPPED,
    }
)
"""States that matter even while the patient is away."""
_SIGNALS: Final = frozenset({*DOUBTED, *AS_MEASURED, "away"})
"""Signals of values that a monitor shows, wherever the patient is, and of the absence itself."""


def needs_presence(rule: Rule) -> bool:
    """Return True if a rule's alert about the monitoring is inhibited while the patient is away.

    A reading that is shown is reported whatever people entered, doubted or not.
    """
    leaves = list(rule.leaves())
    states = {leaf.state for leaf in leaves if isinstance(leaf, StateCondition)}
    signals = {e.signal for e in leaves if isinstance(e, ShareCondition | LatestCondition)}
    is_technical = rule.policy.kind is AlertKind.TECHNICAL
    return is_technical and not states & _STATES and not signals & _SIGNALS
