"""Row-by-row reading that names a damaged row, leaves it out and continues."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeVar

import msgspec

from edge_agent.journal.entries import JournalEntry

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, OverflowError)
"""Errors of decoding a damaged row."""


class _OfBed(Protocol):
    @property
    def bed_id(self) -> str:
        """Bed that the record is about."""


_Record = TypeVar("_Record", bound=_OfBed)


def sound(
    entries: Iterable[JournalEntry],
    decode: Callable[[bytes], _Record],
    note: Callable[[str], object],
) -> Iterator[_Record]:
    """Yield the records in the entries, leaving out damaged ones and those of another bed.

    Parameters
    ----------
    note
        Called with the row that is left out and the reason, in words.
    """
    for entry in entries:
        what = f"entry {entry.seq} of {entry.lane}"
        try:
            found = decode(entry.body)
        except UNREADABLE as error:
            note(f"{what} is damaged: {error}")
            continue
        if found.bed_id == entry.bed_id:
            yield found
        else:
            note(f"{what} is damaged: it names two beds")
