"""Everything open on a bed as one problem, led by its most urgent sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.clock import Instant


@dataclass(frozen=True, slots=True)
class Problem:
    """The open alerts of one bed that people were alerted to, in order of urgency."""

    bed_id: str
    signs: tuple[Alert, ...]
    """At least one; the most urgent first, unanswered before answered ones of the same urgency."""

    @property
    def lead(self) -> Alert:
        """Sign that the problem is named after: the most urgent of those that wait for somebody."""
        return min(self.unanswered or self.signs, key=lambda sign: sign.state is AlertState.LATCHED)

    @property
    def priority(self) -> AlertPriority:
        """Priority of the most urgent sign, answered or not."""
        return max(sign.priority for sign in self.signs)

    @property
    def unanswered(self) -> tuple[Alert, ...]:
        """Signs that wait for an answer; those inhibited while the patient is away do not."""
        return tuple(s for s in self.signs if s.is_unanswered and not s.is_inhibited)

    @property
    def since(self) -> Instant:
        """Time at which its oldest open sign was raised."""
        return min(sign.raised_at or sign.changed_at for sign in self.signs)


def problem_of(bed_id: str, alerts: Iterable[Alert]) -> Problem | None:
    """Return the problem that a bed's newest alerts make up; None where nothing is open.

    A part of another open alert is left out, unless people were alerted to it before. A test is
    left out while anything else waits for an answer; what is inhibited does not.
    """
    signs = [a for a in alerts if a.bed_id == bed_id and a.is_open and a.is_signalled]
    if any(s.is_unanswered and not (s.is_test or s.is_inhibited) for s in signs):
        signs = [sign for sign in signs if not sign.is_test]
    return Problem(bed_id, tuple(sorted(signs, key=_urgency))) if signs else None


def _urgency(alert: Alert) -> tuple[int, bool, bool, bool, str]:
    is_answered = alert.state is AlertState.ACKNOWLEDGED
    is_technical = alert.kind is AlertKind.TECHNICAL
    return -alert.priority, is_technical, is_answered, bool(alert.absorbed_by), alert.rule_id
