"""Names that devices behind one line give their place or themselves, made comparable."""

from __future__ import annotations

import unicodedata
from typing import Final

UNREADABLE: Final = "\ufffd"
"""Stands for bytes that no charset explains; two names with it may be of two places."""
OF_DEVICE: Final = "^^^"
"""Between the name of a kind of device and the number of one; a place has three parts at most."""
LONGEST: Final = 250
"""Of a name in characters; HL7 allows 80, real ones have some 40."""


def plain(name: str) -> str:
    """Return `name` in the one form in which names are compared.

    Accents are composed (NFC), no part has blanks around it, and no empty parts stand at the end.
    What is cut because it is too long ends with U+FFFD, as its end is not known.
    """
    parts = unicodedata.normalize("NFC", name).split("^")
    joined = "^".join(part.strip() for part in parts).rstrip("^")
    return joined if len(joined) <= LONGEST else joined[: LONGEST - 1] + UNREADABLE


def is_readable(name: str) -> bool:
    """Return whether every character of `name` is known.

    Question marks in a row, or as a whole part, are what senders write for characters that their
    own charset does not have: one for each, whatever it was.
    """
    is_lost = "??" in name or "?" in name.split("^")
    return UNREADABLE not in name and not is_lost


def look(name: str) -> str:
    """Return what a person sees of `name`: no case, no blanks, no invisible characters."""
    folded = unicodedata.normalize("NFKC", plain(name)).casefold()
    return "".join(c for c in folded if unicodedata.category(c) not in {"Cf", "Cc", "Zs"})
