"""Comparable forms of the names that devices on one line give to their bed or themselves."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

UNREADABLE: Final = "\ufffd"
"""Replacement for bytes that no character set explains; equal names with it may mean two beds."""
OF_DEVICE: Final = "^^^"
"""Separator between a device type's name and a device's number; a bed's name has at most three
parts, followed by its facility or the number of its monitor."""
_NAMING_PARTS: Final = 3
_OF_ONE_DEVICE: Final = re.compile(
    r"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{16}|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?"
)
"""EUI-48, EUI-64, or a network address."""
LONGEST: Final = 250
"""Longest name in characters; HL7 allows 80, real ones have about 40."""


def plain(name: str) -> str:
    """Return `name` in the one form in which names are compared.

    Accents are composed (NFC), no part has blanks around it, and no empty parts remain at the end.
    A name that is too long is cut and ends with U+FFFD, because its end is unknown.
    """
    parts = unicodedata.normalize("NFC", name).split("^")
    joined = "^".join(part.strip() for part in parts).rstrip("^")
    return joined if len(joined) <= LONGEST else joined[: LONGEST - 1] + UNREADABLE


def is_readable(name: str) -> bool:
    """Return True if every character of `name` is known.

    Senders write question marks, in a row or as a whole part, for characters that their own
    character set lacks: one for each.
    """
    is_lost = "??" in name or "?" in name.split("^")
    return UNREADABLE not in name and not is_lost


def name_of(origin: str) -> str:
    """Return the name in an origin, without facility or number; several beds may share it."""
    return "^".join(origin.split("^")[:_NAMING_PARTS]).rstrip("^")


def is_of_device(origin: str) -> bool:
    """Return True if the part after the name identifies one device, not a facility."""
    return any(_OF_ONE_DEVICE.fullmatch(part) for part in origin.split("^")[_NAMING_PARTS:])


def as_seen(name: str) -> str:
    """Return `name` as a person sees it: no case, no blanks, no invisible characters."""
    folded = unicodedata.normalize("NFKC", plain(name)).casefold()
    return "".join(c for c in folded if unicodedata.category(c) not in {"Cf", "Cc", "Zs"})
