"""A killed gateway's disk, and the run that continues from it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.engine import Engine
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Readings
from edge_agent.payloads.alerts import decode_alert, encode_alert
from edge_agent.payloads.readings import decode_readings, encode_readings
from edge_agent.vitals.normalise import Normaliser
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from edge_agent.ward.snapshot import (
    BedCourse,
    BedSnapshot,
    SnapshotHeader,
    decode_snapshot,
    encode_snapshot,
)
from tests.batch.test_detector import PLACE, START, random_recording, rules
from tests.batch.test_metamorphic import ENTRIES, feed
from tests.support.detector_inputs import BED as BED_7
from tests.support.patient_entries import an_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.model.alerts import Alert
    from edge_agent.model.patient import PatientEntry
    from edge_agent.ward.beds import Outcome


RULES: Final = rules()
SIGNALS: Final = frozenset({"heart_rate", "spo2", "temperature", "blood_pressure"})
BED: Final = PLACE.bed_id
ORIGIN: Final = SnapshotHeader("maker", "boot")
KEPT_ENTRIES: Final = [
    replace(entry, entered_utc_ns=entry.at_utc_ns)
    for entry in (an_entry("e0", "admitted", bed_id=BED, at_h=-61.0), *ENTRIES)
]


@dataclass(slots=True)
class Disk:
    """A killed gateway's disk, as bytes."""

    readings: list[bytes] = field(default_factory=list)
    alerts: list[bytes] = field(default_factory=list)
    snapshot: bytes = b""

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Journal what follows."""
        for outcome in outcomes:
            match outcome:
                case Readings():
                    self.readings.append(encode_readings(outcome))
                case AlertChange():
                    self.alerts.append(encode_alert(outcome.alert))

    def take(self, pipeline: Pipeline, at: Instant) -> None:
        """Keep the bed."""
        self.snapshot = encode_snapshot(pipeline.snapshot(BED, at), ORIGIN)

    def newest_alerts(self) -> list[Alert]:
        """Return the newest of each rule."""
        alerts = [decode_alert(body) for body in self.alerts]
        return list({alert.rule_id: alert for alert in alerts}.values())

    def restored(
        self,
        at: Instant,
        origin: SnapshotHeader = ORIGIN,
        entries: Sequence[PatientEntry] = KEPT_ENTRIES,
        signals: frozenset[str] = SIGNALS,
    ) -> tuple[Pipeline, list[Outcome]]:
        """Return the pipeline of a new run, and what it finds untold."""
        kept = decode_snapshot(self.snapshot, origin, at)
        pipeline = begun(at, entries, signals)
        readings = [decode_readings(body) for body in self.readings]
        if kept.course is not None:
            readings = [r for r in readings if kept.at.seconds_since(r.received_at) <= 60]
        return pipeline, pipeline.restore(readings, self.newest_alerts(), {BED: kept})


@cache
def watched(seed: int, hours: float) -> tuple[Disk, Pipeline, list[Outcome]]:
    """Return a gateway that has watched a random stay, its disk, and what followed; to be read."""
    disk, pipeline = Disk(), begun(START)
    outcomes: list[Outcome] = []
    for message in feed(random_recording(seed, hours)):
        outcomes += pipeline.receive(message.place, message.events, message.at)
    disk.keep(outcomes)
    disk.take(pipeline, START.plus(hours * 3600))
    return disk, pipeline, outcomes


def begun(
    since: Instant,
    entries: Sequence[PatientEntry] = KEPT_ENTRIES,
    signals: frozenset[str] = SIGNALS,
) -> Pipeline:
    pipeline = Pipeline([Bed(BED, signals)], RULES, WardIdentity("archive", "archive"), "", since)
    pipeline.restore_entries(entries)
    return pipeline


def alerts_of(outcomes: Sequence[Outcome]) -> list[Alert]:
    return [o.alert for o in outcomes if isinstance(o, AlertChange)]


def kept(engine: Engine, at: Instant, maker: str = "maker") -> bytes:
    """Return the bytes of a bed's snapshot."""
    course = BedCourse(
        evaluated_ns=at.monotonic_ns,
        received_until={},
        normaliser=Normaliser(BED_7),
        windows=engine.window_record(BED_7),
        assessment=engine.assessment(BED_7),
        alerts=(),
    )
    snapshot = BedSnapshot(at, engine.patient_record(BED_7), course)
    return encode_snapshot(snapshot, SnapshotHeader(maker, "boot"))
