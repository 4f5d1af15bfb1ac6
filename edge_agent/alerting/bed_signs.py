"""The signs of a bed's problem, as a call sees them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from edge_agent.model.alerts import Alert, AlertPriority, SignalReason
from edge_agent.model.calls import Call, CallState
from edge_agent.model.problems import problem_of


@dataclass(frozen=True, slots=True)
class BedSigns:
    """The alerts of one bed: the open ones, and the newest state of those that have ended.

    Alerts about the monitoring while the patient is away are left out.
    """

    bed_id: str
    open: tuple[Alert, ...]
    """Open signs that people were alerted to, the most urgent first."""
    newest: Mapping[str, Alert]
    """Newest state of every alert by id, open or not."""

    @property
    def unanswered(self) -> tuple[Alert, ...]:
        """Open signs that nobody has answered as they stand."""
        return tuple(sign for sign in self.open if is_unanswered(sign))

    @property
    def wanted(self) -> tuple[Alert, ...]:
        """Unanswered signs for which people are called; a test only where nothing else is open."""
        real = tuple(sign for sign in self.unanswered if not sign.is_test)
        return real or self.unanswered

    @property
    def is_test(self) -> bool:
        """True if only tests are unanswered."""
        return bool(self.unanswered) and all(sign.is_test for sign in self.unanswered)

    @property
    def priority(self) -> AlertPriority:
        """Priority of the most urgent wanted sign; LOW without any."""
        return max((sign.priority for sign in self.wanted), default=AlertPriority.LOW)

    def answerers(self, call: Call) -> tuple[str, ...]:
        """Return the people who have answered the most urgent alerts of a call."""
        called_for = [self.newest[i] for i in call.alert_ids if i in self.newest]
        urgency = max((alert.priority for alert in called_for), default=call.priority)
        names = [
            name
            for alert in called_for
            if alert.priority >= urgency and alert.acknowledged_by
            for name in (alert.answered_first_by, alert.acknowledged_by)
        ]
        return tuple(dict.fromkeys(filter(None, names)))

    @property
    def first_answerers(self) -> tuple[str, ...]:
        """People who have answered all that is wanted first, where two must; empty otherwise."""
        names = [sign.answered_first_by for sign in self.wanted]
        return tuple(dict.fromkeys(names)) if all(names) else ()

    def lead_of(self, call: Call) -> Alert | None:
        """Return the alert that a notice of a call names; None if it is unknown.

        Once the call has ended, that is what it was made for: what still waits is not over.
        """
        named = [self.newest[i] for i in call.alert_ids if i in self.newest]
        is_calling = call.state is CallState.CALLING
        first, then = (self.wanted, named) if is_calling else (named, self.wanted)
        return next(iter((*first, *then, *self.open)), None)


def signs_of(bed_id: str, alerts: Collection[Alert]) -> BedSigns:
    """Return the signs that a bed's newest alerts make up."""
    problem = problem_of(bed_id, alerts)
    signs = () if problem is None else problem.signs
    return BedSigns(
        bed_id,
        tuple(sign for sign in signs if not sign.is_inhibited),
        {alert.alert_id: alert for alert in alerts if alert.bed_id == bed_id},
    )


def is_unanswered(alert: Alert) -> bool:
    """Return True if an alert is open, people were alerted to it, and nobody has answered it."""
    return alert.is_unanswered and alert.is_signalled


def reason_of(alerts: Iterable[Alert]) -> SignalReason:
    """Return the reason of the newest signal of the first alert; FIRST if none has one."""
    return next((alert.signal for alert in alerts if alert.signal is not None), SignalReason.FIRST)
