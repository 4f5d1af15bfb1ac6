"""A course of vital signs and the expected alert states of a rule on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge_agent.model.bed_events import BedState
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import PatientEntry


class CourseMark(Enum):
    """Marks in a course in place of a value."""

    NO_VALUE = "_"
    """The device sends a reading without a value."""
    SILENT = "."
    """No reading arrives."""


@dataclass(frozen=True, slots=True)
class Doubted:
    """A doubted value: shown by the device, not trusted."""

    value: float


Step = float | Doubted | CourseMark


@dataclass(frozen=True, slots=True)
class VectorSeries:
    """One vital at one site, one entry for each step; no reading arrives after the last."""

    kind: VitalKind
    site: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StateSeries:
    """One monitoring state, one entry for each step; 0 where it does not hold."""

    state: BedState
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Expected state of the rule's alert."""

    at_s: float
    state: str
    """`none`, or the value of an AlertState."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Content of a vectors file."""

    source_name: str
    """File of the vectors, for messages."""
    rule_id: str
    step_s: float
    series: tuple[VectorSeries, ...]
    states: tuple[StateSeries, ...]
    entries: tuple[PatientEntry, ...]
    """Entries about the patient; times count from the start of the course."""
    acknowledge_at_s: tuple[float, ...]
    """Times at which somebody acknowledges the rule's alert, after that moment's evaluation."""
    expect: tuple[Expectation, ...]
