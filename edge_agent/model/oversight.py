"""Health of what carries an alert to people: ways out, screens, and the auditor of the calls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.answers import SeenAlert
from edge_agent.model.clock import Instant


@dataclass(frozen=True, slots=True)
class WayHealth:
    """Health of one way out."""

    name: str
    """Name in gateway.toml."""
    is_working: bool | None
    """None before the first attempt, and for a way that never confirms anything."""
    since: Instant
    words: str = ""
    """Reason of a failure; empty otherwise."""


@dataclass(frozen=True, slots=True)
class ScreenHealth:
    """State of one screen of the board as it last reported it."""

    name: str
    can_sound: bool
    is_awake: bool
    seen_at: Instant
    """Time of its newest report."""


@dataclass(frozen=True, slots=True)
class ScreenReport:
    """State of one screen in the report of a ward's board."""

    name: str
    can_sound: bool
    is_awake: bool
    age_s: float
    """Age of its newest report, seconds: the clock of another machine is not compared with ours."""
    shows: tuple[SeenAlert, ...] = ()
    """Alerts on it, newest signal first; none while it sleeps."""


@dataclass(frozen=True, slots=True)
class OpenedProblem:
    """Problem that a person opened at a ward's board, as they saw it."""

    by: str
    """Person; empty where nobody gave a name."""
    seen: tuple[SeenAlert, ...]


@dataclass(frozen=True, slots=True)
class BoardReport:
    """Everything that a ward's board reports of its screens; it replaces the report before."""

    screens: tuple[ScreenReport, ...] = ()
    opened: tuple[OpenedProblem, ...] = ()
    """Problems opened lately; each is repeated for a while, in case a report is lost."""


class FaultKind(StrEnum):
    """Reasons why an alert may not reach a person."""

    ESCALATION_SILENT = "escalation_silent"
    """The part of the program that calls people does not run."""
    NOT_CALLED = "not_called"
    """An unanswered alert of the bed is in no call."""
    STEP_LATE = "step_late"
    """The next step of the bed's call is overdue."""
    STEP_WRONG = "step_wrong"
    """The next step of the bed's call is later than its plan says, or has no time."""
    CALL_CORRECTED = "call_corrected"
    """The bed's call was not as its alerts and its plan say, and was corrected."""
    CALL_FAILED = "call_failed"
    """The bed's call could not be evaluated."""
    NOBODY_CALLED = "nobody_called"
    """The bed's call has come to its last step, and nobody was called."""
    NOT_REACHED = "not_reached"
    """No way out to the people called for the bed works."""
    PERSON_UNREACHABLE = "person_unreachable"
    """No way out to a person on duty works."""
    WAY_LOST = "way_lost"
    """One way out does not work; the others may."""
    NO_WAY = "no_way"
    """No way out works at all."""
    NO_SOUND = "no_sound"
    """No screen of the ward can sound."""
    JOURNAL_UNREADABLE = "journal_unreadable"
    """The journal cannot be read, so that calls cannot be audited."""
    JOURNAL_BEHIND = "journal_behind"
    """An alert is not in the journal, so that its calls cannot be audited."""
    WARD_FILE_WRONG = "ward_file_wrong"
    """The ward file has mistakes and is not used."""
    AUDITOR_SILENT = "auditor_silent"
    """Nobody audits the calls."""


@dataclass(frozen=True, slots=True)
class AuditFault:
    """One fault in the path from an alert to a person."""

    kind: FaultKind
    bed_id: str = ""
    """Empty where it concerns every bed."""
    subject: str = ""
    """Person, way out, or reason that the kind needs; empty for others."""


@dataclass(frozen=True, slots=True)
class AuditorPulse:
    """State of the auditor, for everybody who must notice when it is silent."""

    checked_at: Instant | None = None
    """Newest check; None before the first."""
    beat_at: Instant | None = None
    """Newest check without any fault; None before the first."""
    faults: tuple[AuditFault, ...] = ()
    """Faults found by the newest check."""
