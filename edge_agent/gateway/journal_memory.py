"""Memory of earlier runs from the journal, dated on the clock of this run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from edge_agent.gateway.stored_records import (
    moments_of,
    stored_alert,
    stored_entry,
    stored_monitor,
    stored_readings,
)
from edge_agent.journal.entries import Lane
from edge_agent.journal.retention import boot_id
from edge_agent.journal.rows import UNREADABLE, sound
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import DevicePlace, MonitorAccepted
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import JournalError
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import PatientEntry
from edge_agent.payloads.events import encode_accepted
from edge_agent.ward.snapshot import BedSnapshot, SnapshotHeader, decode_snapshot, encode_snapshot

AXIS: Final = "monotonic_axis"
"""Name under which the journal stores the axis of its monotonic times."""
_MONITOR: Final = "monitor:"
_OVERLAP_NS: Final = 60 * 10**9
"""Longest time by which the wall clock may have been set back since a snapshot; messages in the
overlap are recognised as duplicates."""
_LONGEST_NS: Final = 2**62
"""Largest age; more than a century, so that a clock set far ahead cannot overflow any number."""
_T = TypeVar("_T")


def known_alerts(journal: Journal) -> list[Alert]:
    """Return the newest readable state of every rule's alert on every bed.

    Where the newest row of an alert is damaged, an older one is used: the alert is then known and
    can be resolved, instead of staying raised where it was published.
    """
    rows = sound(journal.latest_alerts(), stored_alert, journal.note_damage)
    latest = {_key(alert): alert for alert in rows}
    if not journal.has_damage():
        return list(latest.values())
    older = sound(journal.read_since(Lane.ALERTS, -(2**63)), stored_alert, journal.note_damage)
    return list(({_key(alert): alert for alert in older} | latest).values())


def _key(alert: Alert) -> tuple[str, str]:
    return alert.bed_id, alert.rule_id


def despite_damage(read: Callable[[], _T]) -> _T:
    """Return the result of `read`, from a second attempt if the first found the file damaged.

    The first attempt sets the damaged file aside and saves its readable rows in a new one.
    """
    try:
        return read()
    except JournalError:
        return read()


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """Memory of an earlier run, except readings."""

    entries: list[PatientEntry]
    monitors: dict[DevicePlace, MonitorAccepted]
    snapshots: dict[str, BedSnapshot]
    alerts: list[Alert]


class Memory:
    """Reads alerts, entries, monitors, snapshots and readings back from the journal.

    Monotonic times of another boot, or of a simulation's own clock, have no meaning in this run;
    such moments are converted by their UTC. Damaged records are left out.

    Parameters
    ----------
    journal
        The started journal; this run's monotonic axis is stored in it.
    maker
        Program version, and hash of settings and rules of this run.

    Raises
    ------
    JournalError
        If the journal cannot be read.
    """

    def __init__(self, journal: Journal, clock: Clock, maker: str) -> None:
        self._journal = journal
        self._now = clock.now()
        axis = axis_of(clock)
        self._is_same_axis = journal.meta(AXIS) == axis
        journal.set_meta(AXIS, axis)
        self._origin = SnapshotHeader(maker, axis)
        self._waiting_writes: dict[str, Future[None]] = {}

    def remembered(self, places: Iterable[DevicePlace]) -> EarlierRun:
        """Return everything except readings."""
        return EarlierRun(self.entries(), self.monitors(places), self.snapshots(), self.alerts())

    def alerts(self) -> list[Alert]:
        """Return the newest state of every rule's alert on every bed."""
        alerts = known_alerts(self._journal)
        return alerts if self._is_same_axis else [self._moved_alert(alert) for alert in alerts]

    def entries(self) -> list[PatientEntry]:
        """Return all entries about patients, in the order of entry."""
        rows = sound(self._journal.patient_entries(), stored_entry, self._journal.note_damage)
        return [event.entry for event in rows]

    def monitors(self, places: Iterable[DevicePlace]) -> dict[DevicePlace, MonitorAccepted]:
        """Return the known monitor of each place, where there is one."""
        found = {}
        for place in places:
            text = self._journal.meta(_MONITOR + place.device_id)
            if text is None:
                continue
            try:
                found[place] = stored_monitor(text)
            except UNREADABLE as error:
                self._journal.note_damage(f"the monitor of {place.device_id} is damaged: {error}")
        return found

    def snapshots(self) -> dict[str, BedSnapshot]:
        """Return the snapshot of each bed, without the parts that cannot continue in this run."""
        found = {}
        for bed_id, body in self._journal.snapshots().items():
            try:
                snapshot = decode_snapshot(body, self._origin, self._now)
            except UNREADABLE as error:
                self._journal.note_damage(f"the snapshot of {bed_id} is not used: {error}")
                continue
            if snapshot.bed_id in {"", bed_id}:
                found[bed_id] = snapshot
            else:
                self._journal.note_damage(f"the snapshot of {bed_id} is of {snapshot.bed_id}")
        return found

    def store_snapshot(self, bed_id: str, snapshot: BedSnapshot) -> None:
        """Store a bed's snapshot without waiting for the disk, unless an earlier one waits."""
        before = self._waiting_writes.get(bed_id)
        if before is None or before.done():
            body = encode_snapshot(snapshot, self._origin)
            self._waiting_writes[bed_id] = self._journal.submit(
                lambda recorder: recorder.store.write_snapshot(bed_id, body)
            )

    def readings(
        self, bed_ids: Sequence[str], span_s: float, snapshots: Mapping[str, BedSnapshot]
    ) -> Iterator[Readings]:
        """Yield the readings of the last `span_s` seconds, bed by bed to limit the memory used.

        For a bed whose course continues, these are the readings since its snapshot, with some
        overlap. They end early if the journal stops responding.
        """
        for bed_id in bed_ids:
            since_ns = self._now.utc_ns - round(span_s * 1e9)
            snapshot = snapshots.get(bed_id)
            if snapshot is not None and snapshot.course is not None:
                since_ns = snapshot.at.utc_ns - _OVERLAP_NS
            try:
                entries = self._journal.read_since(Lane.READINGS, since_ns, bed_id)
            except JournalError as error:
                self._journal.note_damage(f"readings from {bed_id} on are not read back: {error}")
                return
            for readings in sound(entries, stored_readings, self._journal.note_damage):
                moved = readings if self._is_same_axis else self._moved_readings(readings)
                if moved.received_at <= self._now:
                    yield moved
                else:
                    self._journal.note_damage(f"a message of {bed_id} is dated ahead")

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
        evidence = tuple(replace(e, **self._moved_fields(e)) for e in alert.evidence)
        return replace(alert, **{**self._moved_fields(alert), "evidence": evidence})

    def _moved_fields(self, record: Alert | Evidence) -> dict[str, Any]:
        return {name: self._moved(at) for name, at in moments_of(record).items()}

    def _moved(self, at: Instant) -> Instant:
        return moved_to(self._now, at)


def axis_of(clock: Clock) -> str:
    """Return the name of the axis of a clock's monotonic times on this boot."""
    return f"{boot_id()} {clock.axis}"


def moved_to(now: Instant, at: Instant) -> Instant:
    """Return a moment of another axis on that of the present moment, by its UTC."""
    ago_ns = min(now.utc_ns - at.utc_ns, _LONGEST_NS)
    return Instant(now.monotonic_ns - ago_ns, at.utc_ns)


def remember_monitor(journal: Journal, device_id: str, accepted: MonitorAccepted) -> None:
    """Store the known monitor of a device in the journal, without waiting for it."""
    text = encode_accepted(accepted).decode()
    journal.set_meta(_MONITOR + device_id, text)
