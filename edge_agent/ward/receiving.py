"""Receiver of the devices' session events, for the evaluation of their beds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edge_agent.model.bed_events import BedEvent, DevicePlace, MonitorAccepted
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import ANOTHER_MONITOR, FORMER_PATIENT, Readings, Validity, Vital
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.ward.beds import Outcome
from edge_agent.ward.evaluation import WardEvaluation
from edge_agent.ward.monitor import Monitor


class Receiver:
    """Passes the session events of all devices to the evaluation of their beds.

    Parameters
    ----------
    received_until
        Time of the newest message, by bed and device; every message moves it on.
    """

    def __init__(
        self, evaluation: WardEvaluation, received_until: dict[str, dict[str, Instant]]
    ) -> None:
        self._evaluation = evaluation
        self._received_until = received_until

    def receive(
        self, place: DevicePlace, monitor: Monitor, event: SessionEvent, at: Instant
    ) -> Iterator[Outcome]:
        """Yield the outcomes of one event, up to whose moment the bed is evaluated."""
        yield from self._note_event(place, monitor, event, at)
        match event:
            case NumericsReceived():
                yield from self._receive_numerics(place, monitor, event)
            case FrameRejected():
                monitor.note_rejection(event, at)
            case DeviceAlarmsChanged() if monitor.note_alarms(event):
                yield from self._evaluation.update_states(place.bed_id, at)
            case DeviceIdentified():
                yield from self._receive_identity(place, monitor, event)
            case LinkChanged():
                monitor.note_link(event)
                yield from self._evaluation.update_states(place.bed_id, event.at)

    def _note_event(
        self, place: DevicePlace, monitor: Monitor, event: SessionEvent, at: Instant
    ) -> Iterator[Outcome]:
        """Yield the event to journal; restore a lost link if data arrived over it."""
        if not isinstance(event, NumericsReceived | FrameRejected):
            yield BedEvent(place.bed_id, place.device_id, event, at)
        is_by_time = isinstance(event, DeviceAlarmsChanged) and event.is_by_time
        if is_by_time or isinstance(event, LinkChanged | FrameRejected):
            return
        change = monitor.note_data(at)
        if change is not None:
            yield BedEvent(place.bed_id, place.device_id, change, at)
            yield from self._evaluation.update_states(place.bed_id, at)

    def _receive_numerics(
        self, place: DevicePlace, monitor: Monitor, event: NumericsReceived
    ) -> Iterator[Outcome]:
        """Store a message's vitals, doubted where they may be another patient's."""
        self._received_until[place.bed_id][place.device_id] = event.at
        vitals = self._evaluation.normalised(place.bed_id, event)
        if not monitor.is_confirmed:
            vitals = tuple(_unusable(vital, ANOTHER_MONITOR) for vital in vitals)
        vitals = tuple(
            _unusable(vital, FORMER_PATIENT)
            if self._evaluation.occupancy.is_of_former_patient(place.bed_id, vital)
            else vital
            for vital in vitals
        )
        yield Readings(
            place.bed_id, place.device_id, event.at, event.numerics, vitals, event.device_now
        )
        clock = monitor.note_numerics(event)
        if clock is not None:
            yield BedEvent(place.bed_id, place.device_id, clock, event.at)
        self._evaluation.monitoring.note(place.bed_id, vitals)
        for vital in vitals:
            self._evaluation.engine.observe(vital)
        if self._evaluation.occupancy.note_readings(place.bed_id, vitals, event.at):
            yield from self._evaluation.update_states(place.bed_id, event.at)

    def _receive_identity(
        self, place: DevicePlace, monitor: Monitor, event: DeviceIdentified
    ) -> Iterator[Outcome]:
        """Note the monitor's identity, and update the states if it is another monitor."""
        was_confirmed = monitor.is_confirmed
        known = monitor.note_identity(event)
        if known is not None:
            accepted = MonitorAccepted(known, "", event.at)
            yield BedEvent(place.bed_id, place.device_id, accepted, event.at)
        if monitor.is_confirmed == was_confirmed:
            return
        # A difference between two monitors must not count as a jump of one of them.
        self._evaluation.normalisers[place.bed_id].forget_course()
        yield from self._evaluation.update_states(place.bed_id, event.at)


def _unusable(vital: Vital, why: str) -> Vital:
    """Return a vital that may be another patient's: shown, but never used by rules."""
    if vital.value is None:
        return vital
    is_valid = vital.validity is Validity.VALID
    validity = Validity.QUESTIONABLE if is_valid else vital.validity
    reason = "; ".join(filter(None, (why, vital.reason)))
    return replace(vital, validity=validity, reason=reason)
