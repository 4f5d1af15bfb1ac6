"""Which entries about a patient stand when all corrections are applied."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from edge_agent.model.patient import EntryKind, PatientEntry


def standing_by_kind(
    entries: Mapping[str, PatientEntry],
) -> dict[EntryKind, tuple[PatientEntry, ...]]:
    """Return what stands of each kind, in order of the times it is about.

    Parameters
    ----------
    entries
        By entry_id, in the order in which they were entered.
    """
    found: defaultdict[EntryKind, list[PatientEntry]] = defaultdict(list)
    for entry in _after_corrections(entries):
        found[entry.kind].append(entry)
    # Of two about one moment the one entered later counts more: the sort keeps their order.
    return {
        kind: tuple(sorted(some, key=lambda e: (e.at_utc_ns, e.entered_utc_ns)))
        for kind, some in found.items()
    }


def _after_corrections(entries: Mapping[str, PatientEntry]) -> Iterator[PatientEntry]:
    """Yield of each entry and its corrections the one that stands, unless it takes back."""
    newest: dict[str, tuple[int, PatientEntry]] = {}
    for entry in entries.values():
        root, depth = _origin(entry, entries)
        if root not in newest or newest[root][0] <= depth:
            newest[root] = depth, entry
    for _, entry in newest.values():
        if not entry.is_void:
            yield entry


def _origin(entry: PatientEntry, entries: Mapping[str, PatientEntry]) -> tuple[str, int]:
    """Return the id of what an entry corrects in the end, and over how many corrections."""
    passed = [entry.entry_id]
    while entry.corrects and entry.corrects not in passed:
        passed.append(entry.corrects)
        if entry.corrects not in entries:
            break
        entry = entries[entry.corrects]
    return passed[-1], len(passed)
