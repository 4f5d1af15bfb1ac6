"""States of a disk after a loss of power, rebuilt from recorded operations.

The model is strict where POSIX is: what was not synced may be missing, torn or out of order, and a
name lasts only once its folder was synced. Changes of names reach the disk in their order, as on
every journalling file system. After a failed sync, what waited for it never reaches the disk by a
later sync, as on Linux.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING, Final

from tests.support.recorded_disk import Operation, said

if TYPE_CHECKING:
    import random

    from tests.support.recorded_disk import Recording

_SECTOR_BYTES: Final = 512
_FOLDER: Final = 0
_SYNCS: Final = frozenset("SF")
_OF_NAMES: Final = frozenset("CRLU")


class Writes(Enum):
    """Fate of the writes that no sync had covered."""

    LOST = "lost"
    TORN = "torn"
    """The disk has some first sectors of each write."""
    MIXED = "some of them"
    """Some writes are on the disk, others are not."""
    ZEROS = "zeros"
    """The file has its size, but what was written behind its old end is zeros."""
    ALL = "all there"


class Names(Enum):
    """Fate of the names that no sync of the folder had covered."""

    LOST = "lost"
    SOME = "the first of them"
    ALL = "all there"


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment of a recording, and a way in which its unsynced parts are lost."""

    at: int
    """Number of operations that came before the cut."""
    writes: Writes
    names: Names


@dataclass(slots=True)
class _File:
    """A file's bytes that are safe, and the changes that are not."""

    safe: bytes = b""
    waiting: list[Operation] = field(default_factory=list)


@dataclass(slots=True)
class _Disk:
    files: dict[int, _File] = field(default_factory=dict)
    safe_names: dict[str, int] = field(default_factory=dict)
    waiting_names: list[Operation] = field(default_factory=list)

    @classmethod
    def holding(cls, before: Mapping[str, bytes]) -> _Disk:
        """Return a disk that holds files, numbered from -1 down until they are opened."""
        numbers = {name: -number for number, name in enumerate(before, start=1)}
        files = {number: _File(before[name]) for name, number in numbers.items()}
        return cls(files, numbers)

    def apply(self, op: Operation) -> None:
        if op.kind == "E":
            self.files[op.file] = self.files[self._names(len(self.waiting_names))[op.names[0]]]
        elif op.kind in _OF_NAMES:
            if op.kind == "C":
                self.files[op.file] = _File()
            self.waiting_names.append(op)
        elif op.kind in "WT":
            self.files[op.file].waiting.append(op)
        elif op.file == _FOLDER and op.kind == "S":
            self.safe_names = self._names(len(self.waiting_names))
            self.waiting_names.clear()
        elif op.file != _FOLDER and op.kind in _SYNCS:
            self._sync(self.files[op.file], is_failed=op.kind == "F")

    def _sync(self, file: _File, *, is_failed: bool) -> None:
        if not is_failed:
            file.safe = _written(file.safe, file.waiting)
        file.waiting.clear()

    def after(self, cut: Cut, choice: random.Random) -> dict[str, bytes]:
        """Return the files that are found after the cut."""
        count = {
            Names.LOST: 0,
            Names.SOME: choice.randint(0, len(self.waiting_names)),
            Names.ALL: len(self.waiting_names),
        }[cut.names]
        return {
            name: self._bytes(file, cut.writes, choice) for name, file in self._names(count).items()
        }

    def _names(self, count: int) -> dict[str, int]:
        """Return the names with the first `count` unsynced changes."""
        names = dict(self.safe_names)
        for change in self.waiting_names[:count]:
            _rename(names, change)
        return names

    def _bytes(self, number: int, writes: Writes, choice: random.Random) -> bytes:
        file = self.files[number]
        match writes:
            case Writes.LOST:
                return file.safe
            case Writes.ALL:
                return _written(file.safe, file.waiting)
            case Writes.TORN:
                return _written(file.safe, [_torn(op, choice) for op in file.waiting])
            case Writes.MIXED:
                return _written(file.safe, [op for op in file.waiting if choice.random() < 0.5])
            case Writes.ZEROS:
                size = len(_written(file.safe, file.waiting))
                return file.safe[:size].ljust(size, b"\0")


def cuts_of(recording: Recording) -> list[Cut]:
    """Return every cut of a recording: right before and right after each sync."""
    disk = _Disk.holding(recording.before)
    found: list[Cut] = []
    for at, op in enumerate(recording.operations):
        if op.kind in _SYNCS:
            found += _cuts_at(disk, at)
        disk.apply(op)
        if op.kind in _SYNCS:
            found += _cuts_at(disk, at + 1)
    return found + _cuts_at(disk, len(recording.operations))


def _cuts_at(disk: _Disk, at: int) -> list[Cut]:
    """Return the cuts that may differ from one another."""
    has_writes = any(file.waiting for file in disk.files.values())
    writes: Sequence[Writes] = tuple(Writes) if has_writes else (Writes.LOST,)
    names: Sequence[Names] = tuple(Names) if disk.waiting_names else (Names.ALL,)
    return [Cut(at, *ways) for ways in product(writes, names)]


def after_each(
    recording: Recording, cuts: Sequence[Cut], choice: random.Random
) -> Iterator[tuple[Cut, dict[str, bytes], list[str]]]:
    """Yield cuts in order, each with the files that are left and what was said before it."""
    disk = _Disk.holding(recording.before)
    done = 0
    for cut in sorted(cuts, key=lambda cut: cut.at):
        for op in recording.operations[done : cut.at]:
            disk.apply(op)
        done = cut.at
        yield cut, disk.after(cut, choice), said(recording.operations[:done])


def _rename(names: dict[str, int], op: Operation) -> None:
    match op.kind:
        case "C":
            names[op.names[0]] = op.file
        case "U":
            names.pop(op.names[0], None)
        case "R" if op.names[0] in names:
            names[op.names[1]] = names.pop(op.names[0])
        case "L" if op.names[0] in names:
            names[op.names[1]] = names[op.names[0]]


def _written(content: bytes, operations: Sequence[Operation]) -> bytes:
    if not operations:
        return content
    changed = bytearray(content)
    for op in operations:
        if op.kind == "T":
            del changed[op.offset :]
            changed.extend(bytes(op.offset - len(changed)))
        elif op.content:
            changed.extend(bytes(max(0, op.offset - len(changed))))
            changed[op.offset : op.offset + len(op.content)] = op.content
    return bytes(changed)


def _torn(op: Operation, choice: random.Random) -> Operation:
    """Return the part of a write up to some border of a sector."""
    end = op.offset + len(op.content)
    borders = range((op.offset // _SECTOR_BYTES + 1) * _SECTOR_BYTES, end, _SECTOR_BYTES)
    until = choice.choice((op.offset, *borders, end))
    return Operation(op.kind, op.file, op.offset, op.content[: until - op.offset])
