"""What lasts for a while, as people enter it: a vasopressor, a transfusion, pain, cooling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.patient import NONE, EntryKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from edge_agent.model.patient import PatientEntry

_HOUR_NS: Final = 3600 * 10**9
LASTS_AT_MOST_NS: Final[Mapping[EntryKind, int]] = {
    EntryKind.PROCEDURE: _HOUR_NS,
    EntryKind.TRANSFUSION: 12 * _HOUR_NS,
}
"""After so long it is over where nobody entered the end, as both excuse a fast heart and a fever;
design start values, unvalidated."""


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that lasts."""

    name: str
    from_utc_ns: int
    until_utc_ns: int | None
    """When it ended or will; None where nobody has said."""

    def is_running(self, utc_ns: int) -> bool:
        """Return whether it goes on at a moment."""
        begun = self.from_utc_ns <= utc_ns
        return begun and (self.until_utc_ns is None or utc_ns < self.until_utc_ns)


def spells_of(entries: Iterable[PatientEntry]) -> list[Spell]:
    """Return what lasted or lasts, in order.

    An entry of `NONE` ends whatever began before it. The same thing once more, such as a new dose
    of a vasopressor, takes the place of the one before.
    """
    spells: list[Spell] = []
    newest: dict[str, int] = {}
    for entry in entries:
        if entry.name == NONE:
            spells = [replace(s, until_utc_ns=_sooner(s, entry.at_utc_ns)) for s in spells]
            continue
        before = newest.get(entry.name)
        if before is not None:
            ended = spells[before]
            spells[before] = replace(ended, until_utc_ns=_sooner(ended, entry.at_utc_ns))
        newest[entry.name] = len(spells)
        spells.append(Spell(entry.name, entry.at_utc_ns, end_of(entry)))
    return spells


def end_of(entry: PatientEntry) -> int | None:
    """Return when something entered ended or is over, None while it may last."""
    if entry.until_utc_ns is not None or entry.kind not in LASTS_AT_MOST_NS:
        return entry.until_utc_ns
    return entry.at_utc_ns + LASTS_AT_MOST_NS[entry.kind]


def _sooner(spell: Spell, utc_ns: int) -> int:
    return utc_ns if spell.until_utc_ns is None else min(spell.until_utc_ns, utc_ns)
