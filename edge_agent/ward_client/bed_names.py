"""Names of beds as people say and type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_PARTS: Final = re.compile(r"\d+|\D+")
_NUMBERED: Final = re.compile(r"(?i:bed|bett)[-_. ]?0*(\d+)")
"""Names that are a number only, such as bed-04."""


def plain(text: str) -> str:
    """Return a text from elsewhere without characters that could command a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text
    )


def by_number(bed_id: str) -> tuple[tuple[int, int | str], ...]:
    """Return the key that sorts bed-10 after bed-9."""
    parts = _PARTS.findall(bed_id)
    return tuple((0, int(part)) if part.isdecimal() else (1, part) for part in parts)


def bed_labels(bed_ids: Iterable[str], word: str) -> dict[str, str]:
    """Return each bed's name for people, such as BED 4 for bed-04, unless two would be the same.

    Parameters
    ----------
    word
        "Bed" in the reader's language.
    """
    found = {bed_id: _label(bed_id, word) for bed_id in bed_ids}
    labels = list(found.values())
    return {
        bed_id: label if labels.count(label) == 1 else plain(bed_id)
        for bed_id, label in found.items()
    }


def _label(bed_id: str, word: str) -> str:
    numbered = _NUMBERED.fullmatch(bed_id)
    return f"{word} {numbered[1]}" if numbered else plain(bed_id)


def beds_meant(text: str, bed_ids: Sequence[str]) -> list[str]:
    """Return the beds that a person may mean: by name, or by the only number in it."""
    wanted = text.strip().casefold()
    exact = [bed_id for bed_id in bed_ids if bed_id.casefold() == wanted]
    if exact:
        return exact
    number = re.fullmatch(r"(?:bed|bett)?[-_. ]?0*(\d+)", wanted)
    if number is None:
        return []
    return [b for b in bed_ids if [int(n) for n in re.findall(r"\d+", b)] == [int(number[1])]]
