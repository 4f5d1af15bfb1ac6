"""The state of a ward on a board, without a server, and bodies about its patients."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.board.ward_state import Surroundings, WardPlace, WardState
from edge_agent.model.assessment import PatientAtBed
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.payloads.events import encode_event
from edge_agent.vitals.canonical import max_age_s
from tests.support.board_bodies import gateway_body, instant

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownBed, ShownWard

NOW = 1_800_000_000_000
BED, OTHER = "bed-1", "bed-2"
VALUES: dict[VitalKind, float | None] = {
    VitalKind.HEART_RATE: 91.0,
    VitalKind.SPO2: 97.0,
    VitalKind.NIBP_SYSTOLIC: 122.0,
    VitalKind.NIBP_DIASTOLIC: 74.0,
}


class Ward:
    """The state of a ward with one gateway of two beds, and the moment."""

    def __init__(self) -> None:
        self.state = WardState(WardPlace("hospital", "7", "Europe/Berlin"), max_age_s)
        self.now_ms = NOW
        self.take(gateway_body("online", (BED, OTHER)))

    def take(self, *bodies: FeedBody) -> None:
        """Take bodies into the state."""
        for body in bodies:
            self.state.fold(body, self.now_ms)

    def bed(self, bed_id: str = BED) -> ShownBed:
        """Return a bed as it is shown now."""
        return self.state.bed(bed_id, self.now_ms)

    def ward(self) -> ShownWard:
        """Return the ward as it is shown now."""
        beds = [self.bed(bed_id) for bed_id in self.state.bed_ids]
        return self.state.ward(self.now_ms, beds, Surroundings())

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_ms += round(seconds * 1000)


def context_body(kind: EntryKind, patient_id: str, bed_id: str, at_ms: int) -> FeedBody:
    """Return an entry about a patient."""
    entry = PatientEntry(f"e-{at_ms}", patient_id, kind, at_ms * 1_000_000, bed_id=bed_id)
    event = BedEvent(bed_id, bed_id, ContextEntered(entry), instant(at_ms))
    return FeedBody(BodyKind.CONTEXT, "gw-1", bed_id, encode_event(event))


def patient(name: str = "p-1", **own: object) -> PatientAtBed:
    """Return the patient of the bed."""
    here = PatientAtBed(name, is_present=True, since_utc_ns=(NOW - 60_000) * 1_000_000)
    return replace(here, **own)  # type: ignore[arg-type]


def texts(bed: ShownBed) -> set[str]:
    """Return every number that a bed shows."""
    return {vital.text for vital in bed.vitals.values()}
