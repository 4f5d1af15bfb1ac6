"""Entries about a patient, made from the words of a command line."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from edge_agent.model.entry_bounds import too_early
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.entry_check import check_entry

_SOURCE: Final = "context"
_ARRIVALS: Final = frozenset({EntryKind.ADMITTED, EntryKind.TRANSFERRED})
_ANYBODY: Final = "anybody"
"""Placeholder for the patient in the bed, whom only the gateway knows for certain."""


def moment(text: str, now_utc_ns: int, *, is_ahead: bool = False) -> int | None:
    """Return the moment that a text names, None where it names none.

    Parameters
    ----------
    text
        14:05 is the most recent 14:05 here; 2026-01-31T14:05 is local time where it has no zone.
    is_ahead
        True for a planned moment: 14:05 is the next 14:05.
    """
    try:
        if ":" in text and "-" not in text and "T" not in text:
            now = datetime.fromtimestamp(now_utc_ns / 1e9).astimezone()
            clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the zone is ours
            at = datetime.combine(now.date(), clock).astimezone()
            if (at < now) if is_ahead else (at > now):
                other_day = now.date() + timedelta(days=1 if is_ahead else -1)
                at = datetime.combine(other_day, clock).astimezone()
        else:
            at = datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        return None
    return round(at.timestamp()) * 1_000_000_000


def entry_of(
    arguments: argparse.Namespace, known: Sequence[PatientEntry], now_utc_ns: int
) -> PatientEntry:
    """Return the valid entry that the arguments describe.

    Parameters
    ----------
    known
        Entries in this gateway's journal, of which one is to end or to be withdrawn.
    now_utc_ns
        Time of the entry where the arguments name none.

    Raises
    ------
    ConfigError
        With every mistake.
    """
    mistakes: list[Mistake] = []
    moments = {key: _moment(arguments, key, now_utc_ns, mistakes) for key in ("at", "until")}
    if not arguments.by:
        mistakes.append(Mistake(_SOURCE, "--by", "is missing; want who enters it"))
    at_ns = now_utc_ns if moments["at"] is None else moments["at"]
    earlier = _earlier(arguments, known, mistakes)
    if mistakes:
        raise ConfigError(tuple(mistakes))
    entry_id = arguments.id or f"{arguments.bed}/{uuid.uuid4().hex[:12]}"
    try:
        if earlier is not None:
            changed = replace(earlier, entry_id=entry_id, by=arguments.by, entered_utc_ns=0)
            if arguments.end is not None:
                entry = replace(changed, corrects=earlier.entry_id, until_utc_ns=at_ns)
            else:
                entry = replace(changed, corrects=earlier.entry_id, is_void=True)
        else:
            entry = _new(arguments, entry_id, at_ns, moments["until"])
    except ValueError as error:
        raise ConfigError((Mistake(_SOURCE, "entry", str(error)),)) from error
    _check(entry, arguments.bed, now_utc_ns)
    return entry


def _new(
    arguments: argparse.Namespace, entry_id: str, at_ns: int, until_ns: int | None
) -> PatientEntry:
    return PatientEntry(
        entry_id=entry_id,
        patient_id=arguments.patient or "",
        kind=EntryKind(arguments.kind),
        at_utc_ns=at_ns,
        name=arguments.name or "",
        amount=arguments.amount,
        unit=arguments.unit or "",
        site=arguments.site or "",
        until_utc_ns=until_ns,
        by=arguments.by,
        corrects=arguments.corrects or "",
    )


def _earlier(
    arguments: argparse.Namespace, known: Sequence[PatientEntry], mistakes: list[Mistake]
) -> PatientEntry | None:
    """Return the entry that is to end or to be withdrawn, None for a new entry."""
    option = "--end" if arguments.end is not None else "--take-back"
    wanted = arguments.end if arguments.end is not None else arguments.take_back
    if wanted is None:
        kinds = ", ".join(EntryKind)
        if arguments.kind is None:
            mistakes.append(Mistake(_SOURCE, "KIND", f"is missing; want one of {kinds}"))
        elif arguments.kind not in list(EntryKind):
            message = f"is {arguments.kind!r}; want one of {kinds}"
            mistakes.append(Mistake(_SOURCE, "KIND", message))
        return None
    found = [entry for entry in known if entry.entry_id == wanted]
    if not found:
        message = f"is {wanted!r}; this gateway's journal has no such entry, see --list"
        mistakes.append(Mistake(_SOURCE, option, message))
        return None
    return found[-1]


def _moment(
    arguments: argparse.Namespace, key: str, now_utc_ns: int, mistakes: list[Mistake]
) -> int | None:
    """Return the moment of an option, None where it is not given or wrong."""
    text = getattr(arguments, key)
    if text is None:
        return None
    is_ahead = key == "until" and arguments.kind == EntryKind.AWAY
    utc_ns = moment(text, now_utc_ns, is_ahead=is_ahead)
    if utc_ns is None:
        message = f"is {text!r}; want a time such as 14:05 or 2026-01-31T14:05"
        mistakes.append(Mistake(_SOURCE, f"--{key}", message))
    return utc_ns


def _check(entry: PatientEntry, bed_id: str, now_utc_ns: int) -> None:
    """Refuse an entry that the gateway would refuse, before it is sent."""
    whole = replace(
        entry,
        patient_id=entry.patient_id or _ANYBODY,
        bed_id=entry.bed_id or (bed_id if entry.kind in _ARRIVALS else ""),
    )
    wrong = check_entry(whole)
    wrong += [] if wrong else too_early(whole, now_utc_ns)
    if entry.kind is EntryKind.ADMITTED and not entry.patient_id:
        wrong.append("patient_id is missing; want --patient with the pseudonym of the new patient")
    if wrong:
        raise ConfigError(tuple(Mistake(_SOURCE, "entry", message) for message in wrong))
