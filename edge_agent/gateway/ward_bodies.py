"""Bodies about this gateway's beds for the boards that run in the same process.

They are the bodies that the broker gets, made at once: a board beside the gateway waits for no
broker, no database and no disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.board.feed import BoardFeed, BodyKind, FeedBody
from edge_agent.model.alerts import Alert
from edge_agent.model.assessment import BedReport
from edge_agent.model.bed_events import BedEvent
from edge_agent.model.calls import Call
from edge_agent.model.measurements import Readings
from edge_agent.model.oversight import AuditorPulse, WayHealth
from edge_agent.payloads.alerts import alert_message
from edge_agent.payloads.calls import call_message, encode_call, encode_pulse
from edge_agent.payloads.common import encode_json
from edge_agent.payloads.events import (
    AssessmentEvent,
    ContextEvent,
    LinkEvent,
    decode_event,
    encode_event,
    encode_report,
)
from edge_agent.payloads.readings import vitals_message
from edge_agent.payloads.status import GatewayIdentity, gateway_message, status_message
from edge_agent.ward.beds import Outcome

_UNNUMBERED: Final = 0
"""Number of a message that is in no journal yet."""


class WardBodies:
    """Hands everything about the ward's beds to boards; owned by the pipeline's thread.

    Parameters
    ----------
    feeds
        Feeds of the boards; each takes a body without waiting.
    """

    def __init__(self, identity: GatewayIdentity, feeds: Iterable[BoardFeed]) -> None:
        self._identity = identity
        self._feeds = tuple(feeds)
        self._links: dict[str, dict[str, LinkEvent]] = defaultdict(dict)
        self._assessments: dict[str, AssessmentEvent] = {}

    def put_outcome(self, outcome: Outcome) -> None:
        """Hand on one outcome, where a board shows it."""
        match outcome:
            case Readings():
                gateway_id = self._identity.gateway_id
                payload = vitals_message(outcome, gateway_id, _UNNUMBERED, historical=False)
                self._put(BodyKind.VITALS, outcome.bed_id, payload)
            case AlertChange():
                if outcome.is_signalled:
                    self.put_alert(outcome.alert)
            case BedEvent():
                self._put_event(outcome)

    def put_alert(self, alert: Alert) -> None:
        """Hand on the newest state of an alert."""
        payload = alert_message(alert, self._identity.gateway_id)
        self._put(BodyKind.ALERTS, alert.bed_id, payload, alert.rule_id)

    def put_report(self, report: BedReport) -> None:
        """Hand on a bed's assessment."""
        event = decode_event(encode_report(report))
        assert isinstance(event, AssessmentEvent), "a report is an assessment"
        self._assessments[report.bed_id] = event
        self._put_status(report.bed_id)

    def put_gateway(self, state: str, bed_ids: tuple[str, ...]) -> None:
        """Hand on that this gateway runs, or ends, and its beds."""
        self._put(BodyKind.GATEWAY, "", gateway_message(self._identity, state, bed_ids))

    def put_call(self, call: Call) -> None:
        """Hand on a bed's newest call; on any thread."""
        payload = call_message(encode_call(call), self._identity.gateway_id)
        self._put(BodyKind.CALLS, call.bed_id, payload)

    def put_way(self, health: WayHealth) -> None:
        """Hand on the health of a way out; on any thread."""
        self._put(BodyKind.WAYS, "", encode_json(health), health.name)

    def put_pulse(self, pulse: AuditorPulse) -> None:
        """Hand on the newest word of the auditor; on any thread."""
        payload = call_message(encode_pulse(pulse), self._identity.gateway_id)
        self._put(BodyKind.AUDITOR, "", payload)

    def _put_event(self, outcome: BedEvent) -> None:
        body = encode_event(outcome)
        event = decode_event(body)
        if isinstance(event, ContextEvent):
            self._put(BodyKind.CONTEXT, outcome.bed_id, body)
        elif isinstance(event, LinkEvent):
            self._links[outcome.bed_id][event.device_id] = event
            self._put_status(outcome.bed_id)

    def _put_status(self, bed_id: str) -> None:
        links = tuple(self._links[bed_id].values())
        payload = status_message(bed_id, links, self._assessments.get(bed_id))
        self._put(BodyKind.STATUS, bed_id, payload)

    def _put(self, kind: BodyKind, bed_id: str, payload: bytes, subject: str = "") -> None:
        body = FeedBody(kind, self._identity.gateway_id, bed_id, payload, subject)
        for feed in self._feeds:
            feed.put(body)
