"""Transitions of an alert: each is counted, and says if and why people are alerted by it."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.clock import Instant


def transition(alert: Alert, before: Alert | None, at: Instant) -> Alert | None:
    """Return an alert as its next transition; None if nothing has changed.

    Several changes of one moment are one transition, and signal at most once. An alert that nobody
    was alerted to, such as a part of a new problem, does not signal, and neither does one that is
    inhibited, until it is neither any longer. What is over does not signal.

    Parameters
    ----------
    before
        The newest alert of the same rule before this moment; None if there was none.
    """
    was = before if before is not None and before.alert_id == alert.alert_id else None
    n_before = was.n if was is not None else 0
    if alert.n == n_before and was is not None and _standing(alert) == _standing(was):
        return None
    is_entered = was is None or (alert.state, alert.raised_at) != (was.state, was.raised_at)
    since = at if is_entered else alert.state_since
    alert = replace(alert, n=n_before + 1, changed_at=at, state_since=since)
    if alert.is_inhibited or not (alert.is_signalled and alert.is_open):
        return _quiet(alert, was)
    if was is None or not was.is_signalled:
        return _signalled(alert, SignalReason.FIRST, at, is_news=True)
    if alert.signal is not None and alert.signal_n > n_before:
        return _signalled(alert, alert.signal, at, is_news=alert.answer_from_n > n_before)
    is_waiting = alert.is_unanswered and alert.silenced_until is None and not alert.absorbed_by
    if was.is_inhibited and is_waiting:
        return _signalled(alert, SignalReason.REMINDER, at, is_news=False)
    return alert


def waits(alert: Alert, *, is_away: bool) -> bool:
    """Return True while an alert that needs the patient's presence is inhibited.

    One whose condition ends as the patient is back ends unreported.
    """
    is_ending = alert.is_inhibited and alert.recovered_since is not None
    return alert.is_open and (is_away or is_ending)


def audible_again(alert: Alert, at: Instant) -> Alert:
    """Return the alert as the patient is back: no longer inhibited, unless it has changed since."""
    is_over = alert.is_inhibited and at >= alert.changed_at and not waits(alert, is_away=False)
    return replace(alert, is_inhibited=False) if is_over else alert


def _standing(alert: Alert) -> tuple[str, bool, bool]:
    return alert.absorbed_by, alert.is_signalled, alert.is_inhibited


def _quiet(alert: Alert, was: Alert | None) -> Alert:
    """Return the alert with the signal it had before."""
    return replace(
        alert,
        signal=was.signal if was else None,
        signal_n=was.signal_n if was else 0,
        signalled_at=was.signalled_at if was else None,
        answer_from_n=was.answer_from_n if was else 0,
    )


def _signalled(alert: Alert, reason: SignalReason, at: Instant, *, is_news: bool) -> Alert:
    return replace(
        alert,
        signal=reason,
        signal_n=alert.n,
        signalled_at=at,
        answer_from_n=alert.n if is_news else alert.answer_from_n,
    )
