r"""Regular expressions out of files, matched in time that grows with the text alone.

Python's own engine tries every way in which a pattern could fit: a pattern such as `(\d+\.?)+x` and
a field of 34 digits hold up the whole program. RE2 follows all ways at once and refuses what needs
more: references to groups, looks ahead and behind (https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

from typing import Final

import re2  # type: ignore[import-untyped]  # ships no types

MAX_PATTERN: Final = 200
"""Longest pattern in characters; the shipped ones have up to 25."""
MAX_TEXT: Final = 250
"""Longest text that a pattern may fit; identifiers of HL7 rows have up to 199 characters (HL7 v2.6,
chapter 2, EI)."""
_MEMORY_BYTES: Final = 1 << 20
"""For the compiled pattern; bounds the work for one character."""


class PatternError(ValueError):
    """A text is no pattern, or one that cannot be matched in linear time."""


class LinearPattern:
    """A pattern that fits a text as a whole, or not.

    Parameters
    ----------
    text
        A regular expression in the syntax of RE2.

    Raises
    ------
    PatternError
        If it is none; says what was seen.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN:
            raise PatternError(f"has {len(text)} characters; want at most {MAX_PATTERN}")
        options = re2.Options()
        options.log_errors = False
        options.max_mem = _MEMORY_BYTES
        try:
            self._pattern = re2.compile(text, options)
        except re2.error as error:
            (reason,) = error.args
            raise PatternError(reason.decode(errors="replace")) from error

    def fullmatch(self, text: str) -> bool:
        """Return whether the whole text fits; one longer than `MAX_TEXT` never does."""
        if len(text) > MAX_TEXT:
            return False
        # RE2 takes UTF-8 alone; a half of a surrogate pair fits as a question mark does.
        encodable = text.encode(errors="replace").decode()
        return self._pattern.fullmatch(encodable) is not None
