"""Entries about a patient as JSON commands."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.names import WANTED_NAME, names_somebody
from edge_agent.model.patient import BedEntry, EntryKind, PatientEntry
from edge_agent.payloads.common import MAX_COMMAND_BYTES, encode_json, record_of


class _EntryCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `PatientEntry` as received; the gateway adds the time of entry."""

    entry_id: str
    kind: EntryKind
    at_utc_ns: int
    by: str
    patient_id: str = ""
    name: str = ""
    amount: float | None = None
    unit: str = ""
    site: str = ""
    until_utc_ns: int | None = None
    bed_id: str = ""
    entered_utc_ns: int = 0
    corrects: str = ""
    is_void: bool = False


_decoder: Final = msgspec.json.Decoder(_EntryCommand)


def encode_entry(entry: PatientEntry) -> bytes:
    """Return an entry as a command."""
    return encode_json(entry)


def parse_entry(bed_id: str, payload: bytes) -> BedEntry:
    """Return the entry in `payload`, in the form that `encode_entry` writes.

    Without a patient_id it is about the patient who is in the bed. The limits of its kind are not
    checked here.

    Raises
    ------
    ValueError
        With the mistake, the value seen and the values allowed.
    """
    if len(payload) > MAX_COMMAND_BYTES:
        raise ValueError(f"entry has {len(payload)} bytes; at most {MAX_COMMAND_BYTES} allowed")
    try:
        command = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(
            f"entry of {len(payload)} bytes: {error}; want entry_id, kind, at_utc_ns, by and more"
        ) from error
    if not names_somebody(command.by.strip()):
        raise ValueError(
            f"entry {command.entry_id[:80]!r}: by is {command.by[:80]!r}; want {WANTED_NAME}"
        )
    try:
        entry = record_of(PatientEntry, command, by=command.by.strip())
    except ValueError as error:
        raise ValueError(f"entry {command.entry_id[:80]!r}: {error}") from error
    return BedEntry(bed_id, entry)
