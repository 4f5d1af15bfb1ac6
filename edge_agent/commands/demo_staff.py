"""Staff of the demonstration's ward: they enter what a monitor does not see, each at its time."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Self

import msgspec

from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry
from edge_agent.payloads.control import EntryRequest
from edge_agent.payloads.entries import encode_entry
from edge_agent.ward.occupancy import ENTERED_ALREADY
from edge_agent.ward_client.control_client import ask_agent
from simulators.patients.context import patient_entries
from simulators.wards.ward_plan import BedPlan, WardPlan

_BY: Final = "N12"
"""Staff id under which everything is entered."""
_LOOK_EVERY_S: Final = 0.2
"""Wall seconds between two looks at what is due."""


class DemoStaff:
    """Admits the patients, and enters infusions and treatments as they are given.

    Parameters
    ----------
    journal
        Journal of the agent; entries go through its control socket, as a nurse's do.
    began
        Ward time at which the monitors were switched on.
    """

    def __init__(self, plan: WardPlan, journal: Path, clock: Clock, began: Instant) -> None:
        self._journal = journal
        self._clock = clock
        entries = [entry for bed in plan.beds for entry in _entries(bed, began)]
        self._waiting = deque(sorted(entries, key=lambda due: due.entry.entered_utc_ns))
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo staff", daemon=True)
        self.refusals: list[str] = []
        """Reasons of refused entries; none is expected."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(_LOOK_EVERY_S):
            self.enter_due(self._clock.now())

    def enter_due(self, now: Instant) -> None:
        """Enter everything that is due; try again later where nobody answers in time."""
        while self._waiting and self._waiting[0].entry.entered_utc_ns <= now.utc_ns:
            due = self._waiting[0]
            body = encode_entry(replace(due.entry, entered_utc_ns=0))
            try:
                reply = ask_agent(self._journal, EntryRequest(due.bed_id, msgspec.Raw(body)))
            except LinkError:
                return
            if reply is None or reply.is_late or self._is_over.is_set():
                return
            if not reply.ok and not reply.error.endswith(ENTERED_ALREADY):
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
