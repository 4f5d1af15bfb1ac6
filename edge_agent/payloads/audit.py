"""Entries of the audit trail as lines of canonical JSON, chained by SHA-256.

A line is `{"entry":{...},"hash":"..."}`, written as RFC 8785 has it: keys sorted, no spaces, UTF-8.
The hash is that of the entry's bytes, among them its number, the time of the gateway and the hash
of the entry before.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from edge_agent.model.audit import AuditAct, AuditEntry
from edge_agent.model.clock import Instant, within_bounds
from edge_agent.payloads.common import UNREADABLE, rfc3339_ns, utc_ns_of

GENESIS: Final = "0" * 64
"""Hash before the first entry."""
LINE_BEGIN: Final = b'{"entry":{"act":"'
"""Beginning of every line."""
LONGEST_LINE_BYTES: Final = 64 * 1024
"""Longest line that is read; texts are cut so that no entry of ours comes near."""
_LONGEST_TEXT: Final = 1000
_MOST_DETAILS: Final = 16
_CUT: Final = "..."


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    act: str
    at: str
    bed_id: str
    by: str
    detail: dict[str, str]
    n: int
    previous: str
    role: str
    subject: str
    via: str


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: _Record
    hash: str


_encode: Final = msgspec.json.Encoder(order="sorted").encode
_decoder: Final = msgspec.json.Decoder(_Line)


def chained(act: AuditAct, n: int, previous: str) -> AuditEntry:
    """Return an act as the entry number `n` behind the entry with the hash `previous`."""
    fitted = AuditAct(
        act=_text(act.act),
        by=_text(act.by),
        at=Instant(0, within_bounds(act.at.utc_ns)),
        role=_text(act.role),
        via=_text(act.via),
        bed_id=_text(act.bed_id),
        subject=_text(act.subject),
        detail=_details(act.detail),
    )
    head = sha256(_encode(_record(fitted, n, previous))).hexdigest()
    return AuditEntry(n, previous, head, fitted)


def encode_line(entry: AuditEntry) -> bytes:
    """Return the entry's line, with its line end."""
    return _encode(_Line(_record(entry.act, entry.n, entry.previous), entry.head)) + b"\n"


def decode_line(line: bytes) -> AuditEntry | None:
    """Return the entry in a line; None where the line is not one that `encode_line` writes.

    An entry whose bytes do not match its hash, or that is written in another way, is none.
    """
    if len(line) > LONGEST_LINE_BYTES:
        return None
    try:
        record = _decoder.decode(line).entry
        act = AuditAct(
            act=record.act,
            by=record.by,
            at=Instant(0, utc_ns_of(record.at)),
            role=record.role,
            via=record.via,
            bed_id=record.bed_id,
            subject=record.subject,
            detail=record.detail,
        )
        head = sha256(_encode(_record(act, record.n, record.previous))).hexdigest()
        entry = AuditEntry(record.n, record.previous, head, act)
        return entry if encode_line(entry) == line else None
    except UNREADABLE:
        return None


def claimed_number(line: bytes) -> int | None:
    """Return the number in a line that has the form of an entry but is none; None without it."""
    try:
        return _decoder.decode(line).entry.n
    except UNREADABLE:
        return None


def _record(act: AuditAct, n: int, previous: str) -> _Record:
    return _Record(
        act=str(act.act),
        at=rfc3339_ns(act.at.utc_ns),
        bed_id=act.bed_id,
        by=act.by,
        detail=dict(act.detail),
        n=n,
        previous=previous,
        role=act.role,
        subject=act.subject,
        via=act.via,
    )


def _details(detail: Mapping[str, str]) -> dict[str, str]:
    """Return the details that fit; a detail that says so stands for the others."""
    kept = {_text(name): _text(text) for name, text in list(detail.items())[:_MOST_DETAILS]}
    left_out = len(detail) - _MOST_DETAILS
    return kept | {_CUT: f"{left_out} more"} if left_out > 0 else kept


def _text(text: str) -> str:
    """Return a text that UTF-8 can hold, cut to the longest length."""
    sound = text.encode("utf-8", "replace").decode()
    return sound if len(sound) <= _LONGEST_TEXT else sound[:_LONGEST_TEXT] + _CUT
