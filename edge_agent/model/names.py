"""Ids of entries and alerts, and names of the people who give commands."""

from __future__ import annotations

import re
from typing import Final

_PRINTABLE: Final = re.compile(r"[ -~]{1,160}")
MAX_ID_CHARS: Final = 160
MAX_NAME_CHARS: Final = 80
WANTED_NAME: Final = f"who enters it, 1 to {MAX_NAME_CHARS} characters that can be seen"


def is_id(text: str) -> bool:
    """Return True if a text can be the id of an entry or an alert."""
    return _PRINTABLE.fullmatch(text) is not None


def names_somebody(by: str) -> bool:
    """Return True if a text can be the name of a person who gives a command.

    Invisible characters, and characters that reverse a line, are not allowed in a name.
    """
    return 0 < len(by) <= MAX_NAME_CHARS and bool(by.strip()) and by.isprintable()
