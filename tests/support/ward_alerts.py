"""Feverish patients of a pipeline, and the changes of its alerts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import DevicePlace
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline
from tests.support.pipelines import BED, START, message

if TYPE_CHECKING:
    from collections.abc import Iterable


GONE = "bed-99"


def changed(outcomes: Iterable[Outcome], rule_id: str = "") -> list[Alert]:
    alerts = [o.alert for o in outcomes if isinstance(o, AlertChange)]
    return [alert for alert in alerts if rule_id in {"", alert.rule_id}]


def shown(alerts: Iterable[Alert]) -> list[tuple[str, str, str]]:
    return [(a.bed_id, a.state.value, a.closed_because) for a in alerts]


def feverish(line: Pipeline, seconds: range, bed_id: str = BED) -> Alert:
    """Raise a fever at a bed."""
    place = DevicePlace(bed_id, bed_id)
    outcomes: list[Outcome] = []
    for second in seconds:
        at = START.plus(second)
        outcomes += line.receive(place, [message(second, hr=80, spo2=97, temp=38.9)], at)
    (fever,) = changed(outcomes, "crs.fever")
    return fever
