"""Check of an audit trail: its chain, and the checkpoints that anchor it; no file, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from edge_agent.model.audit import Act, AuditEntry, Checkpoint
from edge_agent.payloads.audit import GENESIS, claimed_number, decode_line
from edge_agent.payloads.common import rfc3339

_FAULTS_AT_MOST: Final = 20
"""Faults that are said one by one; nobody reads more."""


@dataclass(frozen=True, slots=True)
class TrailRange:
    """Entries that follow one another without a break in the chain."""

    first: int
    last: int
    anchored_until: int
    """Number of the last entry that a checkpoint covers; `first` - 1 where none does."""
    anchored_at_utc_ns: int
    """Time of the newest checkpoint that covers one; 0 where none does."""


@dataclass(frozen=True, slots=True)
class TrailReport:
    """Result of a check."""

    entries: int
    """Number of the sound entries."""
    ranges: tuple[TrailRange, ...]
    faults: tuple[str, ...]
    """Everything that is wrong, in words; empty for a sound trail."""
    notes: tuple[str, ...]
    """Damage that the trail itself records, such as after a loss of power."""


@dataclass(slots=True)
class _Span:
    """A range while it is read."""

    first: int
    last: int
    anchors: list[Checkpoint] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """The trail as far as it was read."""

    heads: dict[int, list[tuple[_Span, str]]]
    """By the counts of checkpoints: ranges with such an entry, and its hash."""
    newest: AuditEntry | None = None
    entries: int = 0
    spans: list[_Span] = field(default_factory=list)
    torn: bytearray = field(default_factory=bytearray)
    """Bytes since the newest sound entry that are no entry."""
    torn_number: int | None = None
    """Number that the first line in them gives itself; None without one."""
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_trail(lines: Iterable[bytes], checkpoints: Sequence[Checkpoint]) -> TrailReport:
    """Return what is wrong with a trail, and which entries are anchored.

    Parameters
    ----------
    lines
        The file's lines with their ends; the last may have none.
    checkpoints
        Checkpoints of this trail whose signature was checked.
    """
    reading = _Reading({checkpoint.count: [] for checkpoint in checkpoints})
    for line in lines:
        entry = decode_line(line)
        if entry is not None:
            _follow(reading, entry)
            continue
        if not reading.torn:
            reading.torn_number = claimed_number(line) if line.endswith(b"\n") else None
        reading.torn += line
    if reading.torn:
        reading.faults.append(_torn_end(reading))
    _anchor(reading, checkpoints)
    ranges = tuple(_range(span) for span in reading.spans)
    return TrailReport(reading.entries, ranges, _limited(reading.faults), _limited(reading.notes))


def _follow(reading: _Reading, entry: AuditEntry) -> None:
    """Take up one sound entry, and note where it does not follow the one before."""
    words = _torn_words(reading, entry) if reading.torn else ""
    is_changed = bool(words) and reading.torn_number == entry.n - 1
    reading.torn.clear()
    follows = "" if is_changed else _break_words(reading.newest, entry)
    reading.faults += [text for text in (words, follows) if text]
    if is_changed or follows or not reading.spans:
        reading.spans.append(_Span(entry.n, entry.n))
    reading.spans[-1].last = entry.n
    reading.newest = entry
    reading.entries += 1
    if entry.n in reading.heads:
        reading.heads[entry.n].append((reading.spans[-1], entry.head))


def _break_words(last: AuditEntry | None, entry: AuditEntry) -> str:
    """Return why an entry does not follow the one before; empty where it does."""
    expected = 1 if last is None else last.n + 1
    if entry.n > expected:
        return f"{_counted(expected, entry.n - 1)} missing before entry {entry.n}"
    if entry.n < expected:
        return f"entry {entry.n} stands behind entry {expected - 1}: moved, or of another trail"
    if entry.previous != (GENESIS if last is None else last.head):
        return (
            f"entry {entry.n} does not follow from the one before it: one of them was changed, or "
            "two trails were put together here"
        )
    return ""


def _torn_words(reading: _Reading, entry: AuditEntry) -> str:
    """Return the fault in bytes that are no entry; empty where the entry behind records them."""
    size, digest = str(len(reading.torn)), sha256(reading.torn).hexdigest()
    detail = entry.act.detail
    is_recorded = detail.get("bytes") == size and detail.get("sha256") == digest
    if entry.act.act == Act.TRAIL_TORN and is_recorded:
        at = rfc3339(entry.act.at.utc_ns)
        reading.notes.append(f"{size} bytes before entry {entry.n} are no entry, as it says ({at})")
        return ""
    if reading.torn_number is not None:
        return f"entry {reading.torn_number} was changed: its hash does not match"
    return f"{size} bytes before entry {entry.n} are no entry"


def _torn_end(reading: _Reading) -> str:
    if reading.torn_number is not None:
        return f"entry {reading.torn_number} was changed: its hash does not match"
    return (
        f"the trail ends with {len(reading.torn)} bytes that are no entry, as after a loss of "
        "power; the agent records them at its next start"
    )


def _anchor(reading: _Reading, checkpoints: Sequence[Checkpoint]) -> None:
    """Give each range the checkpoints that it agrees with; note the others as faults."""
    last = max((span.last for span in reading.spans), default=0)
    agreed = 0
    differing: list[Checkpoint] = []
    for checkpoint in sorted(checkpoints, key=lambda c: (c.count, c.at_utc_ns)):
        found = reading.heads[checkpoint.count]
        spans = [span for span, head in found if head == checkpoint.head]
        if spans:
            spans[0].anchors.append(checkpoint)
            agreed = checkpoint.count if not differing else agreed
        elif found:
            differing.append(checkpoint)
    beyond = [checkpoint for checkpoint in checkpoints if checkpoint.count > last]
    if beyond:
        reading.faults.append(_cut_off(max(beyond, key=lambda c: c.count), last))
    if differing:
        reading.faults.append(_rewritten(differing, agreed))


def _cut_off(newest: Checkpoint, last: int) -> str:
    at = rfc3339(newest.at_utc_ns)
    if last == 0:
        return f"the trail is gone: it had {newest.count} entries at {at}"
    return (
        f"the end was cut off: the trail had {newest.count} entries at {at}, and "
        f"{_counted(last + 1, newest.count)} missing"
    )


def _rewritten(differing: Sequence[Checkpoint], agreed: int) -> str:
    first = differing[0]
    count = f"{len(differing)} checkpoints do" if len(differing) > 1 else "1 checkpoint does"
    return (
        f"{count} not match: {_counted(min(agreed + 1, first.count), first.count)} not as at "
        f"{rfc3339(first.at_utc_ns)}; the trail was written anew after that"
    )


def _range(span: _Span) -> TrailRange:
    newest = max(span.anchors, key=lambda c: (c.count, c.at_utc_ns), default=None)
    if newest is None:
        return TrailRange(span.first, span.last, span.first - 1, 0)
    return TrailRange(span.first, span.last, newest.count, newest.at_utc_ns)


def _counted(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _limited(words: Sequence[str]) -> tuple[str, ...]:
    more = len(words) - _FAULTS_AT_MOST
    shown = tuple(words[:_FAULTS_AT_MOST])
    return (*shown, f"and {more} more") if more > 0 else shown
