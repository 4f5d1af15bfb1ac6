"""The beds of a ward, its identity, and the outcomes of evaluating them."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.model.bed_events import BedEvent
from edge_agent.model.measurements import Readings

Outcome = Readings | AlertChange | BedEvent


@dataclass(frozen=True, slots=True)
class Bed:
    """One bed, as the pipeline knows it."""

    bed_id: str
    required_signals: frozenset[str]
    """Signals whose loss raises an alert at this bed."""


@dataclass(frozen=True, slots=True)
class WardIdentity:
    """Site and ward; part of every alert's identity."""

    site: str
    ward: str
