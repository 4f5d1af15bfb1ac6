"""Observation of an alert's condition over a restart."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.model.alerts import Alert


def observed_as(alert: Alert, before: Alert) -> Alert:
    """Return a journalled alert as it was observed up to a snapshot that is no newer.

    What it did since then besides signalling is newer than the observation.
    """
    if (alert.alert_id, alert.n) == (before.alert_id, before.n):
        return before
    if (alert.alert_id, alert.state_since) != (before.alert_id, before.state_since):
        return alert
    return replace(
        alert,
        present_s=before.present_s,
        present_at=before.present_at,
        gone_since=before.gone_since,
        recovered_since=before.recovered_since,
        recovered_at=before.recovered_at,
        unobserved_since=before.unobserved_since,
    )
