"""Patient entries with a beginning and an end: vasopressor, transfusion, pain, cooling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge_agent.model.patient import NONE, PatientEntry


@dataclass(frozen=True, slots=True)
class Spell:
    """A named span of time in a patient's stay."""

    name: str
    from_utc_ns: int
    until_utc_ns: int | None
    """Past or future end; None where nobody entered it."""

    def is_running(self, utc_ns: int) -> bool:
        """Return True if it is running at a moment."""
        begun = self.from_utc_ns <= utc_ns
        return begun and (self.until_utc_ns is None or utc_ns < self.until_utc_ns)


def spells_of(entries: Iterable[PatientEntry]) -> list[Spell]:
    """Return the spells of some entries, in order.

    An entry of `NONE` ends every spell that began before it. A second entry of one name, such
    as a new dose of a vasopressor, ends the one before.
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
        spells.append(Spell(entry.name, entry.at_utc_ns, entry.until_utc_ns))
    return spells


def _sooner(spell: Spell, utc_ns: int) -> int:
    return utc_ns if spell.until_utc_ns is None else min(spell.until_utc_ns, utc_ns)
