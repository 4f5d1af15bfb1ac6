"""Staff of the demonstration's ward: they enter what a monitor does not see, each at its time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.model.clock import Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry
from edge_agent.payloads.control import EntryRequest
from edge_agent.payloads.entries import encode_entry
from edge_agent.ward_client.control_client import ask_agent
from simulators.patients.context import patient_entries
from simulators.wards.ward_plan import BedPlan, WardPlan

_BY: Final = "N12"
"""Staff id under which everything is entered."""


class DemoStaff:
    """Admits the patients, and enters infusions and treatments as they are given.

    Parameters
    ----------
    journal
        Journal of the agent; entries go through its control socket, as a nurse's do.
    began
        Ward time at which the monitors were switched on.
    """

    def __init__(self, plan: WardPlan, journal: Path, began: Instant) -> None:
        self._journal = journal
        entries = [entry for bed in plan.beds for entry in _entries(bed, began)]
        self._waiting = deque(sorted(entries, key=lambda due: due.entry.entered_utc_ns))
        self.refusals: list[str] = []
        """Reasons of refused entries; none is expected."""

    def enter_due(self, now: Instant) -> None:
        """Enter everything that is due; try again later while nobody answers."""
        while self._waiting and self._waiting[0].entry.entered_utc_ns <= now.utc_ns:
            due = self._waiting[0]
            body = encode_entry(replace(due.entry, entered_utc_ns=0))
            try:
                reply = ask_agent(self._journal, EntryRequest(due.bed_id, msgspec.Raw(body)))
            except LinkError:
                return
            if reply is None:
                return
            if not reply.ok:
                self.refusals.append(reply.error)
            self._waiting.popleft()


def _entries(bed: BedPlan, began: Instant) -> Iterator[BedEntry]:
    """Yield the admission of a bed's patient, and what is known and done of the patient."""
    patient = bed.patient.patient(bed.seed)
    born_ns = began.utc_ns - round(bed.starts_at_s * 1e9)
    entries = patient_entries(patient, born_ns)
    first = entries[0]
    admitted = PatientEntry(
        entry_id=f"{first.patient_id}/admitted",
        patient_id=first.patient_id,
        kind=EntryKind.ADMITTED,
        at_utc_ns=began.utc_ns,
        by=_BY,
        entered_utc_ns=began.utc_ns,
        bed_id=bed.bed_id,
    )
    yield BedEntry(bed.bed_id, admitted)
    for entry in entries:
        due_ns = max(entry.entered_utc_ns, began.utc_ns)
        yield BedEntry(bed.bed_id, replace(entry, by=_BY, entered_utc_ns=due_ns))
