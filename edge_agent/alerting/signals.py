"""Signals of an alert by time alone: nothing here waits for a finding.

An unanswered alert signals again at intervals, an answer holds for a limited time, a silence ends,
and the priority of an alert that nobody answers may rise. Everything follows from the time and from
the alert's own fields, so that a restart changes nothing. Missing data stop none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import Alert, AlertPolicy, AlertState, SignalReason
from edge_agent.model.clock import Instant

STALE_AFTER_S: Final = 15.0
"""Time without an observation after which an alert is stale; findings come every 10 s."""
_PAST: Final = (
    "changed_at",
    "state_since",
    "raised_at",
    "latched_at",
    "acknowledged_at",
    "absorbs_until",
    "signalled_at",
    "unanswered_since",
)
"""Moments of an open alert that have passed."""
_WITHOUT_NEWS: Final = frozenset({SignalReason.REMINDER, SignalReason.SILENCE_ENDED})


@dataclass(frozen=True, slots=True)
class Timer:
    """Next signal of one kind, if nothing happens before."""

    at: Instant
    reason: SignalReason


def signalled(alert: Alert, reason: SignalReason, at: Instant, *, is_news: bool = False) -> Alert:
    """Return the alert as it signals; this ends a silence.

    Parameters
    ----------
    is_news
        True if answers to what was seen before do not count, whatever the reason.
    """
    n = alert.n + 1
    is_outdated = is_news or reason not in {*_WITHOUT_NEWS, SignalReason.REJECTED}
    return replace(
        audible(alert),
        n=n,
        changed_at=at,
        signal=reason,
        signal_n=n,
        signalled_at=at,
        answer_from_n=n if is_outdated else alert.answer_from_n,
    )


def audible(alert: Alert) -> Alert:
    """Return the alert without a silence and without a rejection."""
    return replace(alert, silenced_until=None, silenced_by="", rejected_at=None, rejected_by="")


def unanswered(alert: Alert, at: Instant) -> Alert:
    """Return the alert without any answer."""
    return replace(
        alert,
        acknowledged_at=None,
        acknowledged_by="",
        answer_expires_at=None,
        answered_first_at=None,
        answered_first_by="",
        unanswered_since=at,
    )


def due_at(
    alert: Alert, policy: AlertPolicy, settings: AlertSettings, root: Alert | None
) -> Instant | None:
    """Return the time of the next signal by time alone; None: never.

    Parameters
    ----------
    root
        The open alert that it is part of, None if it stands alone.
    """
    return min((timer.at for timer in _timers(alert, policy, settings, root)), default=None)


def after_time(
    alert: Alert, policy: AlertPolicy, settings: AlertSettings, root: Alert | None, at: Instant
) -> Alert:
    """Return the alert after the passing of time; several timers of one moment signal once.

    An alert that has changed since `at` is returned as it is.
    """
    if at < alert.changed_at:
        return alert
    for timer in _timers(alert, policy, settings, root):
        if timer.at <= at:
            return _expired(alert, policy, timer.reason, at)
    return alert


def _expired(alert: Alert, policy: AlertPolicy, reason: SignalReason, at: Instant) -> Alert:
    match reason:
        case SignalReason.WORSE:
            alert = replace(alert, priority=policy.escalate_priority)
        case SignalReason.ANSWER_EXPIRED:
            alert = replace(unanswered(alert, at), state=AlertState.RAISED)
    return signalled(alert, reason, at)


def _timers(
    alert: Alert, policy: AlertPolicy, settings: AlertSettings, root: Alert | None
) -> Iterator[Timer]:
    """Yield the running timers of an alert, the most important first."""
    if alert.is_inhibited or not alert.is_open:
        return
    is_recovering = alert.recovered_since is not None
    rises = alert.state is AlertState.RAISED and alert.priority < policy.escalate_priority
    since = alert.unanswered_since or alert.raised_at
    if rises and since is not None and not is_recovering:
        yield Timer(since.plus(policy.escalate_after_s), SignalReason.WORSE)
    if not alert.is_signalled:
        return
    if alert.answer_expires_at is not None and root is None and not is_recovering:
        yield Timer(alert.answer_expires_at, SignalReason.ANSWER_EXPIRED)
    if not alert.is_unanswered or (root is not None and root.is_unanswered):
        return  # answered, or its problem signals for it
    if alert.silenced_until is not None:
        yield Timer(alert.silenced_until, SignalReason.SILENCE_ENDED)
    else:
        reminder_s = settings.times_of(alert.priority).reminder_s
        since = alert.signalled_at or alert.changed_at
        yield Timer(since.plus(reminder_s), SignalReason.REMINDER)


def continued(alert: Alert, settings: AlertSettings, at: Instant | None) -> Alert:
    """Return an open journalled alert as it continues in this run.

    An older version wrote no timers: they run from when the alert was raised and acknowledged.
    A clock set back since makes no timer longer, and nothing later than this start.

    Parameters
    ----------
    at
        Start of this run; None if the times are on its clock.
    """
    if not alert.is_open or alert.raised_at is None:
        return alert
    times = settings.times_of(alert.priority)
    answered_at = alert.acknowledged_at if alert.state is AlertState.ACKNOWLEDGED else None
    if alert.is_signalled and alert.signalled_at is None:
        alert = replace(
            alert,
            signal=SignalReason.FIRST,
            signal_n=alert.n,
            signalled_at=alert.raised_at,
            unanswered_since=None if answered_at else alert.raised_at,
            answer_expires_at=answered_at and answered_at.plus(times.answer_s),
            absorbs_until=answered_at,
        )
    if at is None:
        return alert
    latest = {
        **dict.fromkeys(_PAST, at),
        "answer_expires_at": at.plus(times.answer_s),
        "silenced_until": at.plus(settings.longest_silence_s(alert.priority)),
    }
    moments = {name: getattr(alert, name) for name in latest}
    return replace(alert, **{n: min(m, latest[n]) for n, m in moments.items() if m is not None})
