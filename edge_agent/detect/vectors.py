"""A course of vital signs and the alert states a rule must show on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge_agent.model.bed_events import BedState
    from edge_agent.model.measurements import VitalKind
    from edge_agent.model.patient import PatientEntry

EVALUATE_EVERY_S: Final = 10.0
"""Rules are evaluated at this step on a course; expectations fall on it."""


class Mark(Enum):
    """What a course has in place of a value."""

    NO_VALUE = "_"
    """The device sends a reading that has no value."""
    SILENT = "."
    """Nothing arrives."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """A value that is shown and not believed."""

    value: float


Step = float | Doubted | Mark


@dataclass(frozen=True, slots=True)
class VectorSeries:
    """One vital at one site, one entry for each step; nothing arrives after the last."""

    kind: VitalKind
    site: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StateSeries:
    """Whether something is the matter with the watching, one entry for each step: 0 is not."""

    state: BedState
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """The state the rule's alert must have."""

    at_s: float
    state: str
    """none, or the value of an AlertState."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """What a vectors file holds."""

    source_name: str
    """The file it was read from, for messages."""
    rule_id: str
    step_s: float
    series: tuple[VectorSeries, ...]
    states: tuple[StateSeries, ...]
    entries: tuple[PatientEntry, ...]
    """What is entered about the patient; times count from the start of the course."""
    acknowledge_at_s: tuple[float, ...]
    """When somebody acknowledges the rule's alert, after that moment's evaluation."""
    expect: tuple[Expectation, ...]
