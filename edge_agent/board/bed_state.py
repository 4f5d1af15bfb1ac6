"""State of one bed on the board: the newest of everything, folded from bodies."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from edge_agent.board.shapes import ShownLink
from edge_agent.board.sign_texts import SignTextBook
from edge_agent.board.trend import BedTrend, point_of
from edge_agent.board.vital_view import BedVitals, shown_name
from edge_agent.board.words import both
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.assessment import PatientAtBed
from edge_agent.model.calls import Call
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.model.session_events import LinkState
from edge_agent.payloads.events import AssessmentEvent
from edge_agent.payloads.readings import VitalsWire
from edge_agent.payloads.status import StatusWire
from edge_agent.wording.status_words import link_words

ARRIVALS: Final = frozenset({EntryKind.ADMITTED, EntryKind.TRANSFERRED})
_MOST_RULES: Final = 512
_MOST_ENTRIES: Final = 500
_MOST_PAST: Final = 200


@dataclass(frozen=True, slots=True)
class _Link:
    state: LinkState
    reason: str
    since_ms: int


@dataclass(slots=True)
class BedState:
    """The newest of everything about one bed."""

    bed_id: str
    gateway_id: str
    vitals: BedVitals = field(default_factory=BedVitals)
    assessment: AssessmentEvent | None = None
    """None before the first, and after another patient came."""
    texts: SignTextBook = field(default_factory=SignTextBook)
    entries: deque[PatientEntry] = field(default_factory=lambda: deque(maxlen=_MOST_ENTRIES))
    """Entries about the present patient that arrived here."""
    past_alerts: OrderedDict[str, Alert] = field(default_factory=OrderedDict)
    """Alerts of the present patient that are over."""
    trend: BedTrend | None = None
    """None where nobody looks at courses."""
    alerts: dict[str, Alert] = field(default_factory=dict)
    """Newest state of each rule's alert."""
    call: Call | None = None
    """Newest call for its problem."""
    patient_id: str = ""
    """Pseudonym of the patient; empty where it is not known."""
    is_occupied: bool = True
    stays: int = 0
    """Number of changes of the patient that were seen."""
    stay_since_ms: int = 0
    """Start of the present patient's stay; 0 where it is not known."""
    _forgot_ms: int = 0
    """Time of the newest change of patient."""
    _links: dict[str, _Link] = field(default_factory=dict)

    def take_vitals(self, message: VitalsWire, now_ms: int) -> None:
        """Keep the newest vital signs, and the course of those that are usable."""
        self.vitals.add(message, now_ms, self.stay_since_ms)
        if self.trend is None:
            return
        if self.trend.filled_ms is None:
            self.trend.filled_ms = now_ms
        measured = [(wire, min(ms_of(wire.measured_at), now_ms)) for wire in message.vitals]
        self.trend.add(
            point
            for wire, at_ms in measured
            if at_ms >= self.stay_since_ms
            and (point := point_of(wire.kind, wire.value, wire.validity, wire.mode, at_ms))
        )

    def take_status(self, status: StatusWire) -> None:
        """Keep the bed's links and assessment."""
        self._links = {
            link.device_id: _Link(link.state, link.reason, ms_of(link.since))
            for link in status.links
        }
        assessment = status.assessment
        if assessment is None or ms_of(assessment.at) < self._forgot_ms:
            return
        if assessment.patient is not None:
            self._take_patient(assessment.patient, ms_of(assessment.at))
        self.assessment = assessment

    def _take_patient(self, patient: PatientAtBed, at_ms: int) -> None:
        is_other = (patient.patient_id, patient.is_present) != (self.patient_id, self.is_occupied)
        if is_other and (self.patient_id or not patient.is_present):
            since_ns = patient.since_utc_ns
            since_ms = 0 if since_ns is None else since_ns // 1_000_000
            self.begin_stay(patient.patient_id, since_ms, at_ms, is_occupied=patient.is_present)
        self.patient_id, self.is_occupied = patient.patient_id, patient.is_present
        if patient.since_utc_ns is not None:
            self.stay_since_ms = max(self.stay_since_ms, patient.since_utc_ns // 1_000_000)

    def take_alert(self, alert: Alert) -> None:
        """Keep an alert unless a newer state of its rule's alert is held."""
        held = self.alerts.get(alert.rule_id)
        if held is None and len(self.alerts) >= _MOST_RULES:
            return
        if held is None or _order(alert) >= _order(held):
            self.alerts[alert.rule_id] = alert
        if alert.state is AlertState.RESOLVED:
            self.past_alerts[alert.alert_id] = alert
            if len(self.past_alerts) > _MOST_PAST:
                self.past_alerts.popitem(last=False)

    def take_call(self, call: Call) -> None:
        """Keep the bed's newest call."""
        held = self.call
        if held is None or held.call_id != call.call_id or call.n >= held.n:
            self.call = call

    def holds(self, patient_id: str) -> bool:
        """Return True if the patient is known to be in this bed."""
        return self.is_occupied and self.patient_id == patient_id

    def begin_stay(self, patient_id: str, since_ms: int, at_ms: int, *, is_occupied: bool) -> None:
        """Forget everything measured of the former patient.

        Alerts follow their own changes: the gateway closes those that do not go on.

        Parameters
        ----------
        since_ms
            Start of the stay: what was measured earlier is the former patient's.
        at_ms
            Time of the change: what was assessed earlier is the former patient's.
        """
        self.patient_id, self.stay_since_ms, self.is_occupied = patient_id, since_ms, is_occupied
        self._forgot_ms = at_ms
        self.stays += 1
        self.vitals.forget()
        self.entries.clear()
        self.past_alerts.clear()
        if self.trend is not None:
            self.trend.forget(since_ms)
        self.assessment = None

    def usual(self) -> dict[str, tuple[float, float]]:
        """Return the band of the patient's own usual values, by vital sign of the board."""
        if self.assessment is None:
            return {}
        return {
            name: (usual.low, usual.high)
            for usual in self.assessment.usual
            if (name := shown_name(usual.kind)) is not None
        }

    def link(self) -> ShownLink:
        """Return the state of the bed's links: connected where one is."""
        links = self._links.values()
        connected = [link for link in links if link.state is LinkState.CONNECTED]
        lost = [link for link in links if link.state is LinkState.LOST]
        state: Literal["connected", "lost", "never"]
        state = "connected" if connected else "lost" if lost else "never"
        newest = max(connected or lost, key=lambda link: link.since_ms, default=None)
        reason = "" if newest is None else newest.reason
        words = both(lambda language: link_words(state, reason, language))
        return ShownLink(state, None if newest is None else newest.since_ms, words)


def ends_stay(entry: PatientEntry) -> bool:
    """Return True where an entry says that a patient left a bed."""
    return entry.kind is EntryKind.DISCHARGED


def ms_of(rfc3339: str) -> int:
    """Return a moment in UTC milliseconds."""
    return round(datetime.fromisoformat(rfc3339).timestamp() * 1000)


def _order(alert: Alert) -> tuple[int, int]:
    return alert.pending_since.utc_ns, alert.n
