"""One bed at one moment, as conditions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge_agent.detect.arrays import Events, FloatArray, Stamp
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog


@dataclass(frozen=True, slots=True)
class Grounds:
    """Evidence of a PRESENT answer, and the stamp by which a replay recognises it."""

    evidence: tuple[Evidence, ...]
    stamp: Stamp | None
    """First reading in a window that satisfies the threshold, else the newest one used; None
    without any."""
    own: tuple[Evidence, ...] = ()
    """Measured evidence, without the evidence of other rules."""


@dataclass(frozen=True, slots=True)
class PresentAnswer:
    """A rule's newest PRESENT answer."""

    at: Instant
    grounds: Grounds


class View(Protocol):
    """A bed at the end of one step."""

    @property
    def at(self) -> Instant:
        """End of the step."""

    @property
    def first(self) -> Stamp:
        """Stamp of the first reading; until there is one, of the start of monitoring."""

    @property
    def monitored_since(self) -> Instant:
        """Start of monitoring."""

    @property
    def log(self) -> ContextLog | None:
        """Entries about the patient; None if there are none."""

    @property
    def age_years(self) -> float | None:
        """Age in years, None where nobody entered it."""

    @property
    def score(self) -> ScoreTable:
        """Table of the CRS suspicion score."""

    def window(self, signal: str, length: int) -> FloatArray:
        """Return the newest `length` values of a running signal, newest last, NaN where missing."""

    def events(self, signal: str) -> Events:
        """Return an event signal's readings up to `at`."""

    def minute_inputs(self) -> FloatArray:
        """Return the inputs of the newest minutes for `formulas.derived`."""

    def newest_usable(self, kind: VitalKind | None) -> Stamp | None:
        """Return a vital's newest usable reading; None if there is none; kind None: any reading."""

    def is_monitored(self, kind: VitalKind) -> bool:
        """Return True if the vital had a reading in the last `MONITORED_S`, usable or not."""

    def state(self, state: BedState) -> Stamp | None:
        """Return the stamp from which a monitoring state has held, None while it does not hold."""

    def first_within(self, condition: ShareCondition) -> Stamp | None:
        """Return the first reading in the window that satisfies the condition's threshold.

        None without one, and for a derived signal.
        """

    def site(self, signal: str) -> str:
        """Return the site of a signal's newest value, empty for a derived signal."""

    def answer_of(self, rule_id: str) -> int:
        """Return another rule's answer at `at`."""

    def last_present(self, rule_id: str) -> Instant | None:
        """Return the time of a rule's newest PRESENT answer up to `at`; None if there is none."""

    def remembered(self, rule_id: str) -> PresentAnswer | None:
        """Return a rule's newest PRESENT answer up to `at`; None if there is none."""
