"""Facts and entries about a recorded patient, read from a TOML file as patient entries.

A time is seconds from the record's start, negative before it, or ISO 8601 (UTC without a zone).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeGuard

from edge_agent.model.entry_bounds import not_of_adult, too_early
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.model.texts import read_text, toml_of
from edge_agent.patient.entry_check import FLAGS, PATIENT_ID, check_entry
from edge_agent.recorded.moments import moment_utc_ns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

RECORDED: Final = "recorded"
"""Patient_id where the file gives none."""
_FLAG_KEYS: Final = tuple(flag for flag in FLAGS if flag not in {"culture", "infusion_reaction"})
"""Flags that hold for the whole record; flags with a time are entries."""
_PATIENT_KEYS: Final = (
    "patient_id",
    "product",
    "infused_at",
    "age_years",
    "weight_kg",
    "baseline",
    *_FLAG_KEYS,
)
_ENTRY_KEYS: Final = ("kind", "at", "until", "name", "amount", "unit", "site")
_KIND_OF: Final = {kind.value: kind for kind in EntryKind}
_MOVES: Final = frozenset({EntryKind.ADMITTED, EntryKind.TRANSFERRED, EntryKind.DISCHARGED})
_CHILD_YEARS: Final = 18.0
_FARTHEST_S: Final = 1e9
"""Greatest distance of a time from the record's start, seconds: 31 years."""
_WANT_TIME: Final = "want seconds from the start, or a moment such as 2026-01-31T08:00:00Z"


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
    source
        Name of the text, for messages.
    start_utc_ns
        Start of the record.

    Raises
    ------
    ConfigError
        With every mistake in the text.
    """
    table = toml_of(text, source)
    reader = _Reader(source, start_utc_ns)
    entries = reader.entries(table)
    if reader.mistakes:
        raise ConfigError(tuple(reader.mistakes))
    return tuple(sorted(entries, key=lambda entry: entry.at_utc_ns))


class _Reader:
    """Parser of a context file; collects the mistakes in it."""

    def __init__(self, source: str, start_utc_ns: int) -> None:
        self._source = source
        self._start_utc_ns = start_utc_ns
        self._patient_id = RECORDED
        self._count = 0
        self._is_child = False
        self.mistakes: list[Mistake] = []

    def entries(self, table: Mapping[str, object]) -> list[PatientEntry]:
        """Return the file's valid entries; collect mistakes in `self.mistakes`."""
        self._known(table, "", ("patient", "entry"))
        patient = self._table(table.get("patient", {}), "patient")
        listed = table.get("entry", [])
        if not isinstance(listed, list):
            self._wrong("entry", f"{listed!r}; want [[entry]] tables")
            listed = []
        entries = list(self._patient(patient))
        for number, entry in enumerate(listed):
            where = f"entry[{number}]"
            entries += self._entry(self._table(entry, where), where)
        return entries

    def _patient(self, table: Mapping[str, object]) -> Iterator[PatientEntry]:
        self._known(table, "patient.", _PATIENT_KEYS)
        patient_id = self._words(table, "patient_id", "patient") or RECORDED
        if PATIENT_ID.fullmatch(patient_id):
            self._patient_id = patient_id
        else:
            want = "want a pseudonym of 1 to 32 letters, digits and dashes, never a name"
            self._wrong("patient.patient_id", f"of {len(patient_id)} characters; {want}")
        if "product" in table or "infused_at" in table:
            infused_at = self._moment(table.get("infused_at"), "patient.infused_at")
            name = self._words(table, "product", "patient")
            yield from self._fact("patient.product", EntryKind.INFUSION, name, None, infused_at)
        for key, kind in (("age_years", EntryKind.AGE), ("weight_kg", EntryKind.WEIGHT)):
            if key in table:
                amount = self._number(table[key], f"patient.{key}")
                yield from self._fact(f"patient.{key}", kind, "", amount, self._start_utc_ns)
        yield from self._baselines(self._table(table.get("baseline", {}), "patient.baseline"))
        for flag in _FLAG_KEYS:
            is_so = table.get(flag, False)
            if not isinstance(is_so, bool):
                self._wrong(f"patient.{flag}", f"{is_so!r}; want true or false")
            elif is_so:
                fact = (EntryKind.FLAG, flag, None, self._start_utc_ns)
                yield from self._fact(f"patient.{flag}", *fact)

    def _baselines(self, table: Mapping[str, object]) -> Iterator[PatientEntry]:
        self._known(table, "patient.baseline.", tuple(kind.value for kind in VitalKind))
        for kind in VitalKind:
            if kind.value in table:
                where = f"patient.baseline.{kind.value}"
                amount = self._number(table[kind.value], where)
                fact = (EntryKind.BASELINE, kind.value, amount, self._start_utc_ns)
                yield from self._fact(where, *fact)

    def _fact(
        self, where: str, kind: EntryKind, name: str, amount: float | None, at_utc_ns: int | None
    ) -> Iterator[PatientEntry]:
        """Yield the entry that a field of the patient's table stands for."""
        if at_utc_ns is not None and (amount is not None or kind not in _COUNTED):
            yield from self._checked(
                PatientEntry(
                    self._next_id(), self._patient_id, kind, at_utc_ns, name=name, amount=amount
                ),
                where,
            )

    def _entry(self, table: Mapping[str, object], where: str) -> Iterator[PatientEntry]:
        self._known(table, f"{where}.", _ENTRY_KEYS)
        kind = _KIND_OF.get(str(table.get("kind")))
        if kind is None or kind in _MOVES:
            allowed = ", ".join(name for name, one in _KIND_OF.items() if one not in _MOVES)
            self._wrong(f"{where}.kind", f"{table.get('kind')!r}; want one of {allowed}")
            return
        found = len(self.mistakes)
        at_ns = self._moment(table.get("at"), f"{where}.at")
        until_ns = self._moment(table["until"], f"{where}.until") if "until" in table else None
        amount = self._number(table["amount"], f"{where}.amount") if "amount" in table else None
        name, unit, site = (self._words(table, key, where) for key in ("name", "unit", "site"))
        if at_ns is None or len(self.mistakes) > found:
            return
        if until_ns is not None and until_ns < at_ns:
            self._wrong(f"{where}.until", f"{table['until']!r}; want no moment before at")
            return
        entry = PatientEntry(
            entry_id=self._next_id(),
            patient_id=self._patient_id,
            kind=kind,
            at_utc_ns=at_ns,
            name=name,
            amount=amount,
            unit=unit,
            site=site,
            until_utc_ns=until_ns,
        )
        yield from self._checked(entry, where)

    def _checked(self, entry: PatientEntry, where: str) -> Iterator[PatientEntry]:
        wrong = check_entry(entry)
        if not wrong:
            wrong = too_early(entry, self._start_utc_ns)
            wrong += [] if self._is_child else not_of_adult(entry)
        if entry.kind is EntryKind.AGE and entry.amount is not None:
            self._is_child = entry.amount < _CHILD_YEARS
        for message in wrong:
            self._wrong(where, message)
        if not wrong:
            yield entry

    def _next_id(self) -> str:
        self._count += 1
        return f"{self._patient_id}/{self._count}"

    def _moment(self, seen: object, key: str) -> int | None:
        """Return a moment in UTC, None where there is none."""
        if _is_number(seen) and abs(seen) <= _FARTHEST_S:
            return self._start_utc_ns + round(seen * 1e9)
        utc_ns = moment_utc_ns(seen)
        if utc_ns is None:
            self._wrong(key, f"{'missing' if seen is None else repr(seen)}; {_WANT_TIME}")
        return utc_ns

    def _number(self, seen: object, key: str) -> float | None:
        if _is_number(seen):
            return float(seen)
        self._wrong(key, f"{seen!r}; want a number")
        return None

    def _words(self, table: Mapping[str, object], key: str, where: str) -> str:
        seen = table.get(key, "")
        if isinstance(seen, str):
            return seen
        self._wrong(f"{where}.{key}", f"{seen!r}; want a text")
        return ""

    def _table(self, seen: object, key: str) -> Mapping[str, object]:
        if isinstance(seen, dict):
            return seen
        self._wrong(key, f"{seen!r}; want a table")
        return {}

    def _known(self, table: Mapping[str, object], where: str, allowed: tuple[str, ...]) -> None:
        for key in sorted(table.keys() - set(allowed)):
            self._wrong(f"{where}{key}", f"unknown key; have {', '.join(allowed)}")

    def _wrong(self, key: str, message: str) -> None:
        self.mistakes.append(Mistake(self._source, key, message))


_COUNTED: Final = frozenset({EntryKind.AGE, EntryKind.WEIGHT, EntryKind.BASELINE})


def _is_number(seen: object) -> TypeGuard[float]:
    return isinstance(seen, int | float) and not isinstance(seen, bool) and math.isfinite(seen)
