"""Simulated patients played into the real agent."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from edge_agent.config.gateway_file import BedSection
from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.model.bed_events import DevicePlace
from edge_agent.recorded.moments import as_feed
from edge_agent.replay.line_feed import feed_instant
from edge_agent.replay.line_plan import bare_config
from edge_agent.replay.simulated_patient import patient_moments
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.replays import replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.bed_events import FromDevice
    from edge_agent.replay.run import Replayed
    from simulators.patients.patient import Patient

BED = "bed-01"
START = feed_instant(1_000_000_000_000_000_000)


def patient_feed(patient: Patient, from_s: int, seconds: int) -> Iterator[FromDevice]:
    """Yield what the patient's monitor shows, a message a second."""
    moments = islice(patient_moments(patient), from_s, from_s + seconds)
    return as_feed(moments, DevicePlace(BED, BED), START)


def played(patient: Patient, span: tuple[int, int], folder: Path, speed: float) -> Replayed:
    """Play (from, seconds) of a patient's stay into an agent whose journal lies in a new folder."""
    folder.mkdir()
    bed = BedSection(id=BED, port="recorded", driver="recorded", listen_only=True)
    config = bare_config([bed], folder / "journal.db")
    return replay(config, read_rulebook(None), [patient_feed(patient, *span)], speed)


def bodies(folder: Path, lane: Lane) -> list[bytes]:
    """Return what a played patient left in the journal."""
    return [entry.body for entry in read_journal(folder / "journal.db", lane)]
