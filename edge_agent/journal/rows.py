"""Rows read one by one: one that cannot be used is named and left out, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from edge_agent.journal.entries import Entry

UNREADABLE: Final = (msgspec.MsgspecError, ValueError, TypeError, OverflowError)
"""Errors of decoding what a damaged row holds."""


class _OfBed(Protocol):
    @property
    def bed_id(self) -> str:
        """The bed that it is about."""


_Record = TypeVar("_Record", bound=_OfBed)


def sound(
    entries: Iterable[Entry], decode: Callable[[bytes], _Record], note: Callable[[str], object]
) -> Iterator[_Record]:
    """Yield what entries say, each of the bed that its row names.

    Parameters
    ----------
    note
        Takes in words which row is left out, and why.
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
