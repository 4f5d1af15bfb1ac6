"""Facts and entries about a recorded patient, read from a TOML file as patient entries.

A time is seconds from the record's start, negative before it, or ISO 8601 (UTC without a zone).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge_agent.model.entry_bounds import not_of_adult, too_early
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import CHILD_YEARS, EntryKind, PatientEntry
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    ANY_TEXT,
    FLAG,
    LARGEST,
    FieldType,
    TomlTable,
    number_from,
    one_of,
    read_toml,
)
from edge_agent.patient.entry_check import FLAGS, PATIENT_ID, check_entry
from edge_agent.recorded.moments import moment_utc_ns

RECORDED: Final = "recorded"
"""Patient_id where the file gives none."""
_FLAG_KEYS: Final = tuple(flag for flag in FLAGS if flag not in {"culture", "infusion_reaction"})
"""Flags that hold for the whole record; flags with a time are entries."""
_MOVES: Final = frozenset({EntryKind.ADMITTED, EntryKind.TRANSFERRED, EntryKind.DISCHARGED})
_KIND: Final = one_of({kind.value: kind for kind in EntryKind if kind not in _MOVES})
_ID: Final = FieldType(
    "a pseudonym of 1 to 32 letters, digits and dashes, never a name",
    lambda seen: seen if isinstance(seen, str) and PATIENT_ID.fullmatch(seen) else None,
    RECORDED,
    is_shown=False,
)
_NUMBER: Final = number_from(-LARGEST)
_SECONDS: Final = number_from(-1e9, 1e9)
"""Distance of a time from the record's start: 31 years."""


def load_context(path: Path, start_utc_ns: int) -> tuple[PatientEntry, ...]:
    """Return the entries of the file, in order of the times they are about.

    Raises
    ------
    ConfigError
        If the file cannot be read, or with every mistake in it.
    """
    return parse_context(read_text(path), str(path), start_utc_ns)


def parse_context(text: str, source: str, start_utc_ns: int) -> tuple[PatientEntry, ...]:
    """Return the entries of a TOML text, in order of the times they are about.

    Parameters
    ----------
    text
        A table `[patient]`, or any number of `[[entry]]`, or both.

    Raises
    ------
    ConfigError
        With every mistake in the text.
    """
    entries = read_toml(text, source, _ContextReader(start_utc_ns).entries)
    return tuple(sorted(entries, key=lambda entry: entry.at_utc_ns))


class _ContextReader:
    """Parser of a context file."""

    def __init__(self, start_utc_ns: int) -> None:
        self._start_utc_ns = start_utc_ns
        self._patient_id = RECORDED
        self._count = 0
        self._is_child = False
        self._moment = FieldType(
            "seconds from the start, or a moment such as 2026-01-31T08:00:00Z",
            self._read_moment,
            start_utc_ns,
        )

    def entries(self, file: TomlTable) -> list[PatientEntry]:
        """Return the file's valid entries."""
        entries = list(self._patient(file.table("patient")))
        for table in file.tables("entry"):
            entries += self._entry(table)
        return entries

    def _read_moment(self, seen: object) -> int | None:
        """Return a moment in UTC, None where there is none."""
        seconds = _SECONDS.read(seen)
        if seconds is None:
            return moment_utc_ns(seen)
        return self._start_utc_ns + round(seconds * 1e9)

    def _patient(self, table: TomlTable) -> Iterator[PatientEntry]:
        self._patient_id = table.get("patient_id", _ID, RECORDED)
        product = table.find("product", ANY_TEXT)
        if "infused_at" in table or product is not None:
            infused_at = table.get("infused_at", self._moment)
            entry = self._new(EntryKind.INFUSION, infused_at, name=product or "")
            yield from self._checked(entry, table, "product", "infused_at")
        for key, kind in (("age_years", EntryKind.AGE), ("weight_kg", EntryKind.WEIGHT)):
            amount = table.find(key, _NUMBER)
            if amount is not None:
                entry = self._new(kind, self._start_utc_ns, amount=amount)
                yield from self._checked(entry, table, key)
        baseline = table.table("baseline")
        for vital in VitalKind:
            amount = baseline.find(vital.value, _NUMBER)
            if amount is not None:
                entry = self._new(
                    EntryKind.BASELINE, self._start_utc_ns, name=vital.value, amount=amount
                )
                yield from self._checked(entry, baseline, vital.value)
        for flag in _FLAG_KEYS:
            if table.get(flag, FLAG, default=False):
                entry = self._new(EntryKind.FLAG, self._start_utc_ns, name=flag)
                yield from self._checked(entry, table, flag)

    def _entry(self, table: TomlTable) -> Iterator[PatientEntry]:
        at_ns, until_ns = table.get("at", self._moment), table.find("until", self._moment)
        if until_ns is not None and until_ns < at_ns and not table.refused("at", "until"):
            table.refuse("until", "no moment before at")
        kind, amount = table.get("kind", _KIND), table.find("amount", _NUMBER)
        name, unit, site = (table.get(key, ANY_TEXT, "") for key in ("name", "unit", "site"))
        if not table.refused():
            entry = self._new(kind, at_ns, name=name, amount=amount)
            entry = replace(entry, unit=unit, site=site, until_utc_ns=until_ns)
            yield from self._checked(entry, table, "")

    def _new(
        self, kind: EntryKind, at_utc_ns: int, *, name: str = "", amount: float | None = None
    ) -> PatientEntry:
        self._count += 1
        entry_id = f"{self._patient_id}/{self._count}"
        return PatientEntry(entry_id, self._patient_id, kind, at_utc_ns, name=name, amount=amount)

    def _checked(self, entry: PatientEntry, table: TomlTable, *keys: str) -> Iterator[PatientEntry]:
        """Yield the entry if the fields it comes from are right; note a mistake at the first."""
        if table.refused(*keys):
            return
        wrong = check_entry(entry)
        if not wrong:
            wrong = too_early(entry, self._start_utc_ns)
            wrong += [] if self._is_child else not_of_adult(entry)
        if entry.kind is EntryKind.AGE and entry.amount is not None:
            self._is_child = entry.amount < CHILD_YEARS
        for message in wrong:
            table.wrong(keys[0], message)
        if not wrong:
            yield entry
