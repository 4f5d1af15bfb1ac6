"""The state of every bed over a restart: restored at a start, returned to be stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from edge_agent.detect.language.rule import Rule
from edge_agent.model.alerts import Alert, AlertKind, AlertState
from edge_agent.model.bed_events import DevicePlace, MonitorAccepted
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import PatientEntry
from edge_agent.model.session_events import NumericsReceived
from edge_agent.ward.beds import Outcome
from edge_agent.ward.evaluation import WardEvaluation
from edge_agent.ward.restored_alerts import MonitoredWard, close_orphans
from edge_agent.ward.snapshot import BedCourse, BedSnapshot

_NEVER: Final = Instant(-(2**63), 0)


class Restorer:
    """Restores the state of every bed at a start, and returns the state to store for the next."""

    def __init__(
        self, evaluation: WardEvaluation, rules: Sequence[Rule], monitored_since: Instant
    ) -> None:
        self._evaluation = evaluation
        self._following_patient = frozenset(
            r.rule_id
            for r in rules
            if r.policy.follows_patient and r.policy.kind is AlertKind.PHYSIOLOGICAL
        )
        self._rule_ids = frozenset(rule.rule_id for rule in rules)
        self._monitored_since = monitored_since
        self.received_until: dict[str, dict[str, Instant]] = {
            bed_id: {} for bed_id in evaluation.beds
        }
        """Time of the newest message that was evaluated or restored, by device of a bed."""
        self._trusted_from_ns: dict[str, int] = {}
        """Time since which monitors and patient of a bed are known: earlier readings are not
        evaluated again."""

    def restore_entries(self, entries: Iterable[PatientEntry], now: Instant | None = None) -> None:
        """Set the entries about the patients, in the order of entry.

        Parameters
        ----------
        now
            Present moment, to find entries whose clock was set back since; None: no clock was.
        """
        self._evaluation.occupancy.restore(
            entries, now or self._monitored_since, clock_is_known=now is not None
        )
        for bed_id, change in self._evaluation.occupancy.changes.items():
            self._trust_from(bed_id, change.at.utc_ns)
        for bed_id in self._evaluation.beds:
            self._evaluation.engine.set_context(bed_id, self._evaluation.context_log(bed_id))
            at = now or self._monitored_since
            is_away = self._evaluation.occupancy.is_away(bed_id, at)
            changes = self._evaluation.presence.update(bed_id, at, is_away=is_away)
            assert not changes, "alerts are restored later"

    def restore_monitors(self, accepted: Mapping[DevicePlace, MonitorAccepted]) -> None:
        """Set the known monitor of each device of a bed, and since when it is known."""
        for place, monitor in accepted.items():
            self._evaluation.monitoring.monitor(
                place.bed_id, place.device_id
            ).known = monitor.identity
            self._trust_from(place.bed_id, monitor.at.utc_ns)

    def snapshot(self, bed_id: str, at: Instant) -> BedSnapshot:
        """Return the snapshot of a bed for a restart; encode it before the next message."""
        course = BedCourse(
            evaluated_ns=self._evaluation.steps.evaluated_ns(bed_id),
            received_until=self.received_until[bed_id],
            normaliser=self._evaluation.normalisers[bed_id],
            windows=self._evaluation.engine.window_record(bed_id),
            assessment=self._evaluation.engine.assessment(bed_id),
            alerts=tuple(self._evaluation.book.alerts(bed_id)),
        )
        return BedSnapshot(at, self._evaluation.engine.patient_record(bed_id), course, bed_id)

    def restore(
        self,
        readings: Iterable[Readings],
        alerts: Iterable[Alert],
        snapshots: Mapping[str, BedSnapshot] = MappingProxyType({}),
    ) -> Iterator[Outcome]:
        """Continue where the journal ends: known alerts, filled windows, running hold times.

        Readings after a bed's snapshot are evaluated again; without one, those since an alert
        became pending. Yields changes that the program had not stored before it ended.

        Parameters
        ----------
        readings
            The journalled readings of at least the longest window, oldest first; for a bed with a
            snapshot, those since it are enough.
        alerts
            The newest journalled state of each alert.
        snapshots
            Snapshots by bed; one of an earlier patient is ignored.
        """
        courses = dict(self._restored_courses(snapshots))
        yield from self._restore_alerts(list(alerts), courses)
        newest: dict[str, Instant] = {}
        for batch in readings:
            if batch.bed_id in self._evaluation.beds:
                newest[batch.bed_id] = batch.received_at
                yield from self._restore(batch, is_followed=batch.bed_id in courses)
        for bed_id, at in newest.items():
            yield from self._reevaluate(bed_id, self._evaluation.steps.due_with(bed_id, at))
        self._evaluation.steps.skip_unmonitored()

    def _restored_courses(
        self, snapshots: Mapping[str, BedSnapshot]
    ) -> Iterator[tuple[str, BedCourse]]:
        """Restore the beds with a snapshot; yield the courses that continue."""
        for bed_id, snapshot in snapshots.items():
            if (
                bed_id not in self._evaluation.beds
                or snapshot.at.utc_ns < self._trusted_from_ns.get(bed_id, 0)
            ):
                continue
            course = snapshot.course
            if course is None:
                self._evaluation.engine.restore_bed(bed_id, snapshot.patient, None, None)
                continue
            self._evaluation.engine.restore_bed(
                bed_id, snapshot.patient, course.windows, course.assessment
            )
            self._evaluation.normalisers[bed_id] = course.normaliser
            self.received_until[bed_id] = course.received_until
            yield bed_id, course

    def _restore_alerts(
        self, journalled: list[Alert], courses: Mapping[str, BedCourse]
    ) -> list[Outcome]:
        """Restore the known alerts; return changes that the journal does not have.

        A bed is evaluated again from its snapshot on, or from the time when its first alert became
        pending.
        """
        changes = self._evaluation.occupancy.changes
        ward = MonitoredWard(
            self._evaluation.rules_at,
            self._rule_ids,
            self._evaluation.of_patients,
            self._following_patient,
            changes,
        )
        unreported = close_orphans(journalled, ward, self._monitored_since)
        known = [
            a
            for a in (*journalled, *(c.alert for c in unreported))
            if a.bed_id in self._evaluation.beds
        ]
        self._evaluation.book.restore(known, self._monitored_since)
        self._evaluation.continue_tests()
        self._evaluation.engine.restore(
            a for a in known if a.bed_id not in courses and ward.is_of_present_patient(a)
        )
        pending = sorted((a.changed_at, a.bed_id) for a in known if a.state is AlertState.PENDING)
        for since, bed_id in reversed(pending):
            self._evaluation.steps.reopen_from(bed_id, since)
        outcomes: list[Outcome] = list(unreported)
        for bed_id, course in courses.items():
            outcomes += self._evaluation.book.restore_snapshot(course.alerts)
            self._evaluation.steps.reopen_from(bed_id, Instant(course.evaluated_ns + 1, 0))
        return outcomes

    def _restore(self, batch: Readings, *, is_followed: bool) -> Iterator[Outcome]:
        """Restore one batch, and evaluate the steps before it that are due again."""
        bed_id, at = batch.bed_id, batch.received_at
        received_until = self.received_until[bed_id]
        if is_followed and at <= received_until.get(batch.device_id, _NEVER):
            return
        received_until[batch.device_id] = at
        if is_followed:
            event = NumericsReceived(batch.numerics, batch.device_now, at)
            self._evaluation.normalised(bed_id, event)
        else:
            self._evaluation.normalisers[bed_id].restore(batch.vitals)
        if at.utc_ns < self._trusted_from_ns.get(bed_id, 0):
            return  # possibly of an earlier patient or another monitor
        yield from self._reevaluate(bed_id, self._evaluation.steps.due_before(bed_id, at))
        for vital in batch.vitals:
            self._evaluation.engine.observe(vital)

    def _reevaluate(self, bed_id: str, ends: Iterable[Instant]) -> Iterator[Outcome]:
        """Evaluate steps again that were evaluated before a restart; alerts reported then stay."""
        for end in ends:
            findings = [
                finding
                for finding in self._evaluation.findings(bed_id, end)
                if not self._evaluation.book.is_changed_since(bed_id, finding.rule_id, end)
            ]
            is_away = self._evaluation.occupancy.is_away(bed_id, end)
            if any(alert.changed_at >= end for alert in self._evaluation.book.alerts(bed_id)):
                # what the end of an absence has brought is known
                yield from self._evaluation.presence.update(bed_id, end, is_away=is_away)
                yield from self._evaluation.book.apply(findings)
            else:
                yield from self._evaluation.presence.apply(bed_id, findings, end, is_away=is_away)

    def _trust_from(self, bed_id: str, since_ns: int) -> None:
        self._trusted_from_ns[bed_id] = max(self._trusted_from_ns.get(bed_id, 0), since_ns)
