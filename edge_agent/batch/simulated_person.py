"""A simulated person who acknowledges the alerts of a recorded stay, each after its time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edge_agent.alerting.alert_book import AlertBook, AlertChange
from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.clock import Instant

AnswerDelay = Callable[[int], float | None]
"""Seconds from an alert to its answer, None for never, by the alert's number within the stay."""


def delay_of(after_s: float | AnswerDelay | None) -> AnswerDelay:
    """Return the delay of each answer; a number holds for all alerts."""
    return after_s if callable(after_s) else lambda _number: after_s


class SimulatedPerson:
    """Acknowledges alerts that stand alone; reminders do not make the person faster or slower.

    Parameters
    ----------
    bed_id
        Bed of the stay.
    delay
        Delay of the answer to each alert, asked for once. Alerts are numbered from 0 in the order
        in which they are first noted.
    """

    def __init__(self, bed_id: str, delay: AnswerDelay) -> None:
        self._bed_id = bed_id
        self._delay = delay
        self._delays_s: dict[str, float | None] = {}
        """Delay of the answer by alert id."""
        self._noted: dict[str, tuple[Instant, bool]] = {}
        """Time of the newest change other than a reminder, and the mark of staleness, by id."""

    def note(self, alert: Alert) -> None:
        """Note a transition of an alert."""
        if alert.alert_id not in self._delays_s:
            self._delays_s[alert.alert_id] = self._delay(len(self._delays_s))
        known = self._noted.get(alert.alert_id)
        is_reminder = alert.signal is SignalReason.REMINDER and alert.signal_n == alert.n
        is_mark = known is not None and known[1] != alert.is_stale
        kept = known[0] if known is not None and (is_reminder or is_mark) else alert.changed_at
        self._noted[alert.alert_id] = (kept, alert.is_stale)

    def due_at(self, book: AlertBook) -> Instant | None:
        """Return the time of the next acknowledgement; None if there is nothing to answer."""
        return min((at for _, at in self._waiting(book)), default=None)

    def answers(self, book: AlertBook, at: Instant) -> Iterator[AlertChange]:
        """Acknowledge the alerts that have waited long enough."""
        for alert, due_at in list(self._waiting(book)):
            if due_at <= at:
                seen = (SeenAlert(alert.alert_id),)
                answer = Answer(self._bed_id, AnswerKind.ACKNOWLEDGE, "somebody", seen)
                for change in book.answer(answer, at).changes:
                    self.note(change.alert)
                    yield change

    def _waiting(self, book: AlertBook) -> Iterator[tuple[Alert, Instant]]:
        """Yield the unanswered alerts, each with the time of its acknowledgement."""
        for alert in book.open_alerts():
            after_s = self._delays_s[alert.alert_id]
            if after_s is not None and alert.is_unanswered and not alert.absorbed_by:
                yield alert, self._noted[alert.alert_id][0].plus(after_s)
