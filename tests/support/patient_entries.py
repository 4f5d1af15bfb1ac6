"""Entries about a patient, for tests of what takes them."""

from __future__ import annotations

from typing import Any

from edge_agent.model.patient import EntryKind, PatientEntry

HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS
NOW_NS = 1_800_000_000_000_000_000


def an_entry(entry_id: str, kind: str, name: str = "", **more: Any) -> PatientEntry:  # noqa: ANN401 - any field
    """Return an entry about patient P1, `at_h` hours after NOW_NS (0) unless told otherwise."""
    at_ns = NOW_NS + round(more.pop("at_h", 0.0) * HOUR_NS)
    until_h = more.pop("until_h", None)
    until_ns = None if until_h is None else NOW_NS + round(until_h * HOUR_NS)
    fields = {"patient_id": "P1", "until_utc_ns": until_ns, **more}
    return PatientEntry(entry_id, kind=EntryKind(kind), at_utc_ns=at_ns, name=name, **fields)
