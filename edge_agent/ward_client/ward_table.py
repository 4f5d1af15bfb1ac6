"""An MQTT subscriber's view of a ward, as a table for a terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from edge_agent.model.alerts import Alert, AlertKind, AlertState
from edge_agent.model.assessment import AssessmentState
from edge_agent.model.measurements import GenerationMode, Validity, VitalKind
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.events import AssessmentEvent
from edge_agent.payloads.readings import VitalsWire, VitalWire, decode_vitals_message
from edge_agent.payloads.status import decode_status_message
from edge_agent.payloads.topics import bed_of, rule_of
from edge_agent.vitals.canonical import max_age_s
from edge_agent.ward_client.client import Arrival

_COLUMNS: Final = {
    VitalKind.HEART_RATE: ("HR /min", "{:.0f}"),
    VitalKind.SPO2: ("SpO2 %", "{:.0f}"),
    VitalKind.TEMPERATURE: ("T \N{DEGREE SIGN}C", "{:.1f}"),
    VitalKind.RESPIRATORY_RATE: ("RR /min", "{:.0f}"),
    VitalKind.NIBP_SYSTOLIC: ("NIBP sys", "{:.0f}"),
    VitalKind.NIBP_DIASTOLIC: ("dia", "{:.0f}"),
}
_VITALS: Final = frozenset(kind.value for kind in VitalKind)
_SHOWN_UNITS: Final = {"Cel": "\N{DEGREE SIGN}C", "mm[Hg]": "mmHg"}
_STYLE: Final = {"high": "bold white on red", "medium": "black on yellow", "low": "cyan"}


@dataclass(slots=True)
class WardView:
    """Newest vitals of each bed and the alerts that were reported."""

    vitals: dict[str, dict[VitalKind, VitalWire]] = field(default_factory=dict)
    alerts: dict[tuple[str, str], Alert] = field(default_factory=dict)
    """Newest state by bed and rule."""
    assessments: dict[str, AssessmentEvent] = field(default_factory=dict)
    """Newest assessment by bed."""
    readings: int = 0
    """Number of vital values that arrived."""

    def add(self, arrival: Arrival) -> Alert | None:
        """Process one message; return its alert, None where it is about something else."""
        segments = arrival.topic.split("/")
        if segments[5:] == ["vitals"]:
            self._store_vitals(bed_of(arrival.topic), decode_vitals_message(arrival.payload))
        elif segments[5:] == ["status"]:
            assessment = decode_status_message(arrival.payload).assessment
            if assessment is not None:
                self.assessments[assessment.bed_id] = assessment
        elif segments[5:6] == ["alerts"] and not arrival.payload:
            self.alerts.pop((bed_of(arrival.topic), rule_of(arrival.topic)), None)
        elif segments[5:6] == ["alerts"]:
            alert = decode_alert(arrival.payload)
            self.alerts[alert.bed_id, alert.rule_id] = alert
            return alert
        return None

    def _store_vitals(self, bed_id: str, message: VitalsWire) -> None:
        newest = self.vitals.setdefault(bed_id, {})
        for vital in message.vitals:
            newest[vital.kind] = vital
            self.readings += 1

    def render(self, title: str, now_ns: int) -> Group:
        """Return one line per bed and the open alerts below, as of `now_ns` UTC."""
        names = (name for name, _ in _COLUMNS.values())
        table = Table("bed", *names, "CRS", title=title, expand=True)
        for bed_id, newest in sorted(self.vitals.items()):
            cells = (_cell(newest.get(kind), kind, now_ns) for kind in _COLUMNS)
            table.add_row(bed_id, *cells, _assessment_cell(self.assessments.get(bed_id)))
        rows = [alert_line(alert) for alert in self.open_alerts()]
        return Group(table, *(rows or [Text("no open alert", style="dim")]))

    def open_alerts(self) -> list[Alert]:
        """Return the open alerts that stand alone, the most urgent first."""
        listed = sorted(self.alerts.values(), key=lambda a: (-a.priority, a.bed_id, a.rank))
        return [alert for alert in listed if alert.is_open and not alert.absorbed_by]


def alert_line(alert: Alert) -> Text:
    """Return an alert as one line: priority, bed, sentence, the values behind it, state."""
    priority = alert.priority.name.lower()
    values = [
        f"{e.kind.replace('_', ' ')} {e.value:g} {_SHOWN_UNITS.get(e.unit, e.unit)}"
        for e in alert.evidence
        if e.value is not None and e.kind in _VITALS and e.statistic != "age"
    ]
    word = "signal" if alert.kind is AlertKind.TECHNICAL else priority
    line = Text(f" {word.upper():<6} ", style=_STYLE[priority])
    line.append(f" {alert.bed_id}  {alert.text}", style="")
    if values:
        line.append(f" ({', '.join(values)})", style="")
    if alert.explanation:
        line.append(f" {alert.explanation}", style="")
    return line.append(f" - {_state_words(alert)}", style="")


def _state_words(alert: Alert) -> str:
    if alert.absorbed_by:
        return "now part of a larger problem"
    if alert.state is AlertState.ACKNOWLEDGED:
        return f"acknowledged by {alert.acknowledged_by}"
    if alert.closed_because:
        return f"over: {alert.closed_because}"
    return {AlertState.LATCHED: "ended, not acknowledged", AlertState.RESOLVED: "over"}.get(
        alert.state, "not acknowledged yet"
    )


def _assessment_cell(assessment: AssessmentEvent | None) -> Text:
    """Return a bed's assessment in a word or two, with the missing signals."""
    if assessment is None:
        return Text("--", style="dim")
    if assessment.state is AssessmentState.ASSESSING:
        return Text("assessing")
    if assessment.state is AssessmentState.DEGRADED:
        return Text(f"no {', '.join(assessment.missing)}", style="yellow")
    return Text(f"not assessing: {assessment.reason}", style="bold")


def _cell(vital: VitalWire | None, kind: VitalKind, now_ns: int) -> Text:
    """Return a value, in brackets where it is doubtful; an old value is not shown."""
    if vital is None or vital.value is None:
        return Text("--", style="dim")
    if (now_ns - vital.stored_ns) / 1e9 > max_age_s(kind, vital.site):
        return Text("old", style="dim")
    text = _COLUMNS[kind][1].format(vital.value)
    if vital.validity is Validity.VALID and vital.mode is GenerationMode.REAL:
        return Text(text)
    return Text(f"({text})", style="dim")
