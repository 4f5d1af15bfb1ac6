"""A simulated person who acknowledges each alert of a recorded stay after a fixed time."""

from __future__ import annotations

from collections.abc import Iterator

from edge_agent.alerting.alert_book import AlertBook, AlertChange
from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.clock import Instant


class SimulatedPerson:
    """Acknowledges alerts that stand alone; reminders do not make the person faster or slower.

    Parameters
    ----------
    bed_id
        Bed of the stay.
    after_s
        Seconds after which an alert is acknowledged; None: never.
    """

    def __init__(self, bed_id: str, after_s: float | None) -> None:
        self._bed_id = bed_id
        self._after_s = after_s
        self._noted: dict[str, tuple[Instant, bool]] = {}
        """Time of the newest change other than a reminder, and the mark of staleness, by id."""

    def note(self, alert: Alert) -> None:
        """Note a transition of an alert."""
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
        if self._after_s is None:
            return
        for alert in book.open_alerts():
            if alert.is_unanswered and not alert.absorbed_by:
                yield alert, self._noted[alert.alert_id][0].plus(self._after_s)
