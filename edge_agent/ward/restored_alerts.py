"""Alerts of an earlier run: which continue, and which must be closed because nothing else would."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from edge_agent.alerting import lifecycle
from edge_agent.alerting.alert_book import AlertChange
from edge_agent.alerting.parts import ANOTHER_PATIENT, gone_to
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.clock import Instant
from edge_agent.ward.occupancy import Change


@dataclass(frozen=True, slots=True)
class MonitoredWard:
    """Beds and rules of this run, and the patients' changes of bed."""

    rules: Mapping[str, Container[str]]
    """Evaluated rules, by bed."""
    all_rules: Container[str]
    of_patients: Container[str]
    """Rules whose alerts are about the patient."""
    following_patient: Container[str]
    """Rules whose open alerts follow a patient to another bed."""
    changes: Mapping[str, Change]
    """Newest change of patient of each bed; beds without a change are left out."""

    def is_of_present_patient(self, alert: Alert) -> bool:
        """Return True if an earlier alert is about the patient who is in the bed now."""
        change = self.changes.get(alert.bed_id)
        if alert.bed_id not in self.rules or alert.closed_because:
            return False
        if change is None:
            return True
        at_ns, changed_ns = alert.changed_at.utc_ns, change.at.utc_ns
        return at_ns > changed_ns or (at_ns == changed_ns and alert.is_open)


def close_orphans(alerts: Iterable[Alert], ward: MonitoredWard, at: Instant) -> list[AlertChange]:
    """Return the changes of journalled alerts that nothing in this run would end.

    Alerts of a bed, a rule or a signal that is no longer monitored are closed, and so are those of
    a patient who has left if the program ended before it could close them. Open alerts of a patient
    who went to another bed continue there.
    """
    listed = list(alerts)
    newest = {(alert.bed_id, alert.rule_id): alert for alert in listed}
    return [
        AlertChange(after)
        for alert in listed
        if alert.state is not AlertState.RESOLVED
        for after in _closed_or_continued(alert, ward, newest, at)
    ]


def _closed_or_continued(
    alert: Alert, ward: MonitoredWard, newest: Mapping[tuple[str, str], Alert], at: Instant
) -> Iterator[Alert]:
    """Yield the alert as closed, and as continued at the patient's new bed."""
    because = _why_not_monitored(alert, ward)
    change = ward.changes.get(alert.bed_id)
    if because or change is None or not change.is_after(alert):
        if because:
            yield lifecycle.close(alert, because, at)
        return
    if alert.rule_id not in ward.of_patients:
        return
    if change.move.bed_to == alert.bed_id:
        yield lifecycle.close(alert, ANOTHER_PATIENT, at)
        return
    bed_to = change.move.bed_to
    yield lifecycle.close(alert, gone_to(bed_to), at)
    there = ward.changes.get(bed_to)
    is_there = there is not None and there.move == change.move
    known = newest.get((bed_to, alert.rule_id))
    is_known_there = known is not None and not change.is_after(known)
    follows_patient = alert.is_open and alert.rule_id in ward.following_patient
    if follows_patient and is_there and not is_known_there and bed_to in ward.rules:
        yield lifecycle.continue_at(alert, bed_to, at)


def _why_not_monitored(alert: Alert, ward: MonitoredWard) -> str:
    """Return the reason why an alert's rule is not evaluated at its bed; empty if it is."""
    if alert.bed_id not in ward.rules:
        return f"{alert.bed_id} is no longer configured"
    if alert.rule_id not in ward.all_rules:
        return f"rule {alert.rule_id} no longer exists"
    if alert.rule_id not in ward.rules[alert.bed_id]:
        return f"{alert.bed_id} no longer requires the signal"
    return ""
