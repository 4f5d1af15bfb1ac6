"""What the journal remembers of earlier runs, dated on the clock of this one."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from edge_agent.event_payloads import ContextEvent, decode_accepted, decode_event, encode_accepted
from edge_agent.journal.entries import Lane
from edge_agent.journal.retention import boot_id
from edge_agent.model.clock import Instant
from edge_agent.model.entry_check import check_entry
from edge_agent.payloads import decode_alert, decode_readings
from edge_agent.snapshots import Origin, decode_snapshot, encode_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from edge_agent.journal.writer import Journal
    from edge_agent.model.alerts import Alert
    from edge_agent.model.bed_events import DevicePlace, MonitorAccepted
    from edge_agent.model.clock import Clock
    from edge_agent.model.measurements import Readings
    from edge_agent.model.patient import PatientEntry
    from edge_agent.snapshots import BedSnapshot

_AXIS: Final = "monotonic_axis"
_MONITOR: Final = "monitor:"
_OVERLAP_NS: Final = 60 * 10**9
"""The wall clock may have been set back so far since a snapshot; messages in it are known again."""
_LOG = logging.getLogger(__name__)


class Memory:
    """Reads back alerts and readings.

    Monotonic times of another boot, or of a simulation's own clock, say nothing in this run; such
    moments are continued by UTC.

    Parameters
    ----------
    journal
        Started; is told which monotonic axis this run writes on.
    clock
        The ward's time in this run.
    maker
        Names program, rules and settings of this run.
    """

    def __init__(self, journal: Journal, clock: Clock, maker: str) -> None:
        self._journal = journal
        self._now = clock.now()
        axis = f"{boot_id()} {clock.axis}"
        self._is_same_axis = journal.meta(_AXIS) == axis
        journal.set_meta(_AXIS, axis)
        self._origin = Origin(maker, axis)
        self._keeping: dict[str, Future[None]] = {}

    def alerts(self) -> list[Alert]:
        """Return the newest state of every rule's alert on every bed."""
        alerts = [decode_alert(entry.body) for entry in self._journal.latest_alerts()]
        return alerts if self._is_same_axis else [self._moved_alert(alert) for alert in alerts]

    def entries(self) -> list[PatientEntry]:
        """Return everything that was entered of patients, as it was entered."""
        found = []
        for kept in self._journal.kept():
            try:
                event = decode_event(kept.body)
            except msgspec.MsgspecError as error:
                _LOG.warning("entry %d of the journal about a patient: %s", kept.seq, error)
                continue
            if isinstance(event, ContextEvent):
                wrong = check_entry(event.entry)
                if wrong:
                    _LOG.warning(
                        "entry %r of the journal is set aside: %s",
                        event.entry.entry_id[:80],
                        "; ".join(wrong),
                    )
                    continue
                found.append(event.entry)
        return found

    def monitors(self, places: Iterable[DevicePlace]) -> dict[DevicePlace, MonitorAccepted]:
        """Return which monitor belongs to each place, where one is known."""
        texts = {place: self._journal.meta(_MONITOR + place.device_id) for place in places}
        return {p: decode_accepted(text.encode()) for p, text in texts.items() if text is not None}

    def snapshots(self) -> dict[str, BedSnapshot]:
        """Return what was kept of each bed, without what cannot go on in this run."""
        found = {}
        for bed_id, body in self._journal.snapshots().items():
            try:
                found[bed_id] = decode_snapshot(body, self._origin, self._now)
            except msgspec.MsgspecError as error:
                _LOG.warning("what was kept of %s begins anew: %s", bed_id, error)
        return found

    def keep(self, bed_id: str, snapshot: BedSnapshot) -> None:
        """Keep a bed over a restart, without waiting for the disk; not while one before waits."""
        before = self._keeping.get(bed_id)
        if before is None or before.done():
            body = encode_snapshot(snapshot, self._origin)
            self._keeping[bed_id] = self._journal.ask(
                lambda recorder: recorder.store.keep_snapshot(bed_id, body)
            )

    def readings(
        self, bed_ids: Sequence[str], span_s: float, snapshots: Mapping[str, BedSnapshot]
    ) -> Iterator[Readings]:
        """Yield the readings of the last `span_s` seconds, bed by bed to bound the memory.

        Of a bed whose course goes on, those since its snapshot, and some before.
        """
        for bed_id in bed_ids:
            since_ns = self._now.utc_ns - round(span_s * 1e9)
            kept = snapshots.get(bed_id)
            if kept is not None and kept.course is not None:
                since_ns = kept.at.utc_ns - _OVERLAP_NS
            for entry in self._journal.read_since(Lane.READINGS, since_ns, bed_id):
                readings = decode_readings(entry.body)
                yield readings if self._is_same_axis else self._moved_readings(readings)

    def _moved_readings(self, readings: Readings) -> Readings:
        return replace(
            readings,
            received_at=self._moved(readings.received_at),
            vitals=tuple(
                replace(
                    vital,
                    measured_at=self._moved(vital.measured_at),
                    received_at=self._moved(vital.received_at),
                )
                for vital in readings.vitals
            ),
        )

    def _moved_alert(self, alert: Alert) -> Alert:
        return replace(
            alert,
            evidence=tuple(
                replace(e, measured_at=self._moved_if_any(e.measured_at)) for e in alert.evidence
            ),
            pending_since=self._moved(alert.pending_since),
            changed_at=self._moved(alert.changed_at),
            present_at=self._moved_if_any(alert.present_at),
            recovered_since=self._moved_if_any(alert.recovered_since),
            recovered_at=self._moved_if_any(alert.recovered_at),
            raised_at=self._moved_if_any(alert.raised_at),
            acknowledged_at=self._moved_if_any(alert.acknowledged_at),
            latched_at=self._moved_if_any(alert.latched_at),
            resolved_at=self._moved_if_any(alert.resolved_at),
        )

    def _moved(self, at: Instant) -> Instant:
        ago_ns = self._now.utc_ns - at.utc_ns
        return Instant(self._now.monotonic_ns - ago_ns, at.utc_ns)

    def _moved_if_any(self, at: Instant | None) -> Instant | None:
        return None if at is None else self._moved(at)


def remember_monitor(journal: Journal, device_id: str, accepted: MonitorAccepted) -> None:
    """Have the journal remember, without waiting for it, which monitor belongs to a device."""
    text = encode_accepted(accepted).decode()
    journal.set_meta(_MONITOR + device_id, text)
