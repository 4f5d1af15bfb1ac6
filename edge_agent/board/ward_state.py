"""The state of a ward: bodies in, JSON objects of the board out; no clock, no thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from edge_agent.board.bed_state import ARRIVALS, BedState, ends_stay, ms_of
from edge_agent.board.bed_view import Moment, bed_view
from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.board.oversight_view import Heard, auditor_view, way_view
from edge_agent.board.shapes import (
    ShownBed,
    ShownGateway,
    ShownScreen,
    ShownTest,
    ShownWard,
    ShownWay,
)
from edge_agent.board.trend import BedTrend
from edge_agent.board.vital_view import Limit
from edge_agent.board.words import said
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.oversight import AuditorPulse, WayHealth
from edge_agent.model.patient import PatientEntry
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.calls import decode_call, decode_call_entry
from edge_agent.payloads.common import UNREADABLE
from edge_agent.payloads.events import ContextEvent, decode_event
from edge_agent.payloads.readings import decode_vitals_message
from edge_agent.payloads.status import decode_status_message
from edge_agent.wording.rule_texts import RuleTexts

_SILENT_MS: Final = 35_000
"""Silence of a gateway, which reports each bed every 10 s, after which nothing of it is relied on;
design start value, unvalidated."""
_SAME_CLOCK_MS: Final = 5_000
"""Difference of clocks that is not said, milliseconds; design start value, unvalidated."""
_MOST_BEDS: Final = 512
_TEST_RULE: Final = "system.test"
_MOST_WAYS: Final = 64


class _GatewayWire(msgspec.Struct, frozen=True):
    gateway_id: str
    state: Literal["online", "lost", "stopped"]
    beds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WardPlace:
    """Site, ward and zone of a board."""

    site: str
    ward: str
    zone: str

    @property
    def tz(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Parts of the ward's state that the board itself keeps."""

    screens: tuple[ShownScreen, ...] = ()
    audio_paused_until_ms: int | None = None


@dataclass(slots=True)
class _Gateway:
    shown: ShownGateway
    heard_ms: int
    """Time of its newest body."""
    offset_ms: int = 0
    """Its clock minus ours."""


class WardState:
    """The newest of everything about a ward; owned by one thread.

    Parameters
    ----------
    limit
        Function that returns the age in seconds from which a value of a kind and site is stale.
    pace
        Ward seconds per second: 1 but in a demonstration.
    texts
        Words of the rules in force; None for the shipped ones.
    has_courses
        True to keep the courses of vital signs for charts.
    """

    def __init__(
        self,
        place: WardPlace,
        limit: Limit,
        pace: float = 1.0,
        texts: RuleTexts | None = None,
        *,
        has_courses: bool = False,
    ) -> None:
        self._place = place
        self._zone = place.tz
        self._limit = limit
        self._pace = pace
        self._texts = texts
        self._has_courses = has_courses
        self.unreadable = 0
        """Bodies that could not be read; each is left out."""
        self._beds: dict[str, BedState] = {}
        self._gateways: dict[str, _Gateway] = {}
        self._pulses: dict[str, Heard] = {}
        """Newest word of each gateway's auditor."""
        self._ways: dict[tuple[str, str], ShownWay] = {}
        """By gateway and name."""
        self._tests: dict[str, Alert] = {}
        """Newest test alert of each bed."""
        self._folds: Mapping[BodyKind, Callable[[FeedBody, int], None]] = {
            BodyKind.VITALS: self._take_vitals,
            BodyKind.STATUS: self._take_status,
            BodyKind.ALERTS: self._take_alert,
            BodyKind.CONTEXT: self._take_context,
            BodyKind.CALLS: self._take_call,
            BodyKind.GATEWAY: self._take_gateway,
            BodyKind.AUDITOR: self._take_auditor,
            BodyKind.WAYS: self._take_way,
        }

    @property
    def bed_ids(self) -> tuple[str, ...]:
        """Every bed that is known, in order of name."""
        return tuple(sorted(self._beds))

    def fold(self, body: FeedBody, now_ms: int) -> None:
        """Take a body into the state; leave out one that cannot be read."""
        try:
            self._folds[body.kind](body, now_ms)
        except UNREADABLE:
            self.unreadable += 1
            return
        bed = self._beds.get(body.bed_id)
        gateway = self._gateways.get(body.gateway_id or ("" if bed is None else bed.gateway_id))
        if gateway is not None:
            gateway.heard_ms = max(gateway.heard_ms, now_ms)

    def known(self, bed_id: str) -> BedState:
        """Return the state of a bed; raise KeyError for one that is not known."""
        return self._beds[bed_id]

    def bed(self, bed_id: str, now_ms: int) -> ShownBed:
        """Return a bed as it is shown at a moment."""
        bed = self._beds[bed_id]
        gateway = self._gateways.get(bed.gateway_id)
        fault, fault_ms = None, None
        if gateway is not None and gateway.shown.state != "online":
            is_lost = gateway.shown.state == "lost"
            fault = said("board.gateway_lost" if is_lost else "board.gateway_stopped")
            fault_ms = gateway.shown.since_ms
        elif gateway is not None and now_ms - gateway.heard_ms > _SILENT_MS * max(1.0, self._pace):
            fault, fault_ms = said("board.no_news"), gateway.heard_ms
        return bed_view(bed, self._moment(now_ms), fault, fault_ms)

    def ward(self, now_ms: int, shown: Iterable[ShownBed], around: Surroundings) -> ShownWard:
        """Return the state of the watching, given the beds as they are shown."""
        states = [bed.assessment.state for bed in shown]
        offsets = [gateway.offset_ms for gateway in self._gateways.values()]
        return ShownWard(
            name=self._place.ward,
            site=self._place.site,
            gateways=tuple(self._gateways[name].shown for name in sorted(self._gateways)),
            beds_total=len(states),
            beds_assessed=states.count("assessing"),
            beds_degraded=states.count("degraded"),
            beds_not_assessed=states.count("not_assessing"),
            zone=self._place.zone,
            pace=self._pace,
            clock_offset_ms=max(offsets, key=abs, default=0),
            auditor=auditor_view(self._pulses.values(), now_ms, self._pace),
            ways=tuple(self._ways[name] for name in sorted(self._ways)),
            screens=around.screens,
            audio_paused_until_ms=around.audio_paused_until_ms,
            test=self._newest_test(),
            note=said("board.note"),
        )

    def _moment(self, now_ms: int) -> Moment:
        # At a fast pace the second for which vital signs are collected is long on the ward.
        lag_s = max(0.0, self._pace - 1.0)
        return Moment(now_ms, self._zone, self._limit, lag_s, self._texts)

    def _bed(self, body: FeedBody) -> BedState:
        bed = self._beds.get(body.bed_id)
        if bed is None:
            if len(self._beds) >= _MOST_BEDS:
                raise ValueError(f"more than {_MOST_BEDS} beds")
            bed = self._beds[body.bed_id] = BedState(body.bed_id, body.gateway_id)
            bed.trend = BedTrend() if self._has_courses else None
        bed.gateway_id = body.gateway_id or bed.gateway_id
        return bed

    def _take_vitals(self, body: FeedBody, now_ms: int) -> None:
        message = decode_vitals_message(body.payload)
        bed = self._bed(body)
        bed.take_vitals(message, now_ms)
        gateway = self._gateways.get(body.gateway_id)
        if gateway is not None and message.vitals and not message.historical:
            ahead_ms = ms_of(message.vitals[0].received_at) - now_ms
            gateway.offset_ms = 0 if abs(ahead_ms) < _SAME_CLOCK_MS * self._pace else ahead_ms

    def _take_status(self, body: FeedBody, _now_ms: int) -> None:
        self._bed(body).take_status(decode_status_message(body.payload))

    def _take_alert(self, body: FeedBody, _now_ms: int) -> None:
        if not body.payload:
            self._bed(body).alerts.pop(body.subject, None)
            return
        alert = decode_alert(body.payload)
        self._bed(body).take_alert(alert)
        if alert.is_test or alert.rule_id == _TEST_RULE:
            self._tests[alert.bed_id] = alert

    def _take_context(self, body: FeedBody, now_ms: int) -> None:
        event = decode_event(body.payload)
        if not isinstance(event, ContextEvent):
            return
        entry, bed = event.entry, self._bed(body)
        self._take_move(bed, entry, now_ms)
        bed.entries.append(entry)

    def _take_move(self, bed: BedState, entry: PatientEntry, now_ms: int) -> None:
        if ends_stay(entry):
            bed.begin_stay("", now_ms, now_ms, is_occupied=False)
        elif entry.kind in ARRIVALS and not (
            bed.is_occupied and bed.patient_id == entry.patient_id
        ):
            for other in self._beds.values():
                if other.holds(entry.patient_id):
                    other.begin_stay("", now_ms, now_ms, is_occupied=False)
            since_ms = min(entry.at_utc_ns // 1_000_000, now_ms)
            bed.begin_stay(entry.patient_id, since_ms, now_ms, is_occupied=True)

    def _take_call(self, body: FeedBody, _now_ms: int) -> None:
        self._bed(body).take_call(decode_call(body.payload))

    def _take_gateway(self, body: FeedBody, now_ms: int) -> None:
        wire = _gateway_decoder.decode(body.payload)
        before = self._gateways.get(body.gateway_id)
        if before is None or before.shown.state != wire.state:
            shown = ShownGateway(body.gateway_id, wire.state, now_ms)
            self._gateways[body.gateway_id] = _Gateway(shown, now_ms)
        for bed_id in wire.beds:
            self._bed(FeedBody(body.kind, body.gateway_id, bed_id, b""))

    def _take_auditor(self, body: FeedBody, now_ms: int) -> None:
        found = decode_call_entry(body.payload)
        if isinstance(found, AuditorPulse) and len(self._pulses) < _MOST_WAYS:
            self._pulses[body.gateway_id] = Heard(found, now_ms)

    def _take_way(self, body: FeedBody, _now_ms: int) -> None:
        health = _way_decoder.decode(body.payload)
        key = (body.gateway_id, health.name)
        if key in self._ways or len(self._ways) < _MOST_WAYS:
            self._ways[key] = way_view(health)

    def _newest_test(self) -> ShownTest | None:
        newest = max(self._tests.values(), key=lambda a: a.pending_since.utc_ns, default=None)
        if newest is None:
            return None
        is_passed = bool(newest.acknowledged_by)
        at = newest.acknowledged_at or newest.pending_since
        is_over = newest.state is AlertState.RESOLVED or is_passed
        at_ms = (at if is_over else newest.pending_since).utc_ns // 1_000_000
        return ShownTest(newest.bed_id, at_ms, newest.acknowledged_by, is_passed)


_way_decoder: Final = msgspec.json.Decoder(WayHealth)
_gateway_decoder: Final = msgspec.json.Decoder(_GatewayWire)
