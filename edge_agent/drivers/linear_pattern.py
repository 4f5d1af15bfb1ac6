r"""Regular expressions from files, matched in time linear in the length of the text.

Python's own engine tries every way in which a pattern could fit: a pattern such as `(\d+\.?)+x` and
a field of 34 digits block the whole program. RE2 follows all ways at once and rejects what needs
more: back-references, look-ahead and look-behind (https://github.com/google/re2/wiki/Syntax).
"""

from __future__ import annotations

from typing import Final

import re2  # type: ignore[import-untyped]  # ships no types

MAX_PATTERN: Final = 200
"""Longest pattern in characters; the shipped ones have up to 25."""
MAX_TEXT: Final = 250
"""Longest text in characters that a pattern may fit; identifiers of HL7 rows have up to 199 (HL7
v2.6, chapter 2, EI)."""
_MEMORY_BYTES: Final = 1 << 20
"""Memory of one compiled pattern; bounds the work for one character."""


class PatternError(ValueError):
    """A text is not a pattern, or not one that RE2 can match in linear time."""


class LinearPattern:
    """A pattern that must fit a whole text.

    Parameters
    ----------
    text
        A regular expression in the syntax of RE2.

    Raises
    ------
    PatternError
        If the text is not such a pattern; the message says what was seen.
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
        """Return whether the whole text fits; False for a text longer than `MAX_TEXT`."""
        if len(text) > MAX_TEXT:
            return False
        # RE2 accepts UTF-8 only; half of a surrogate pair is matched as a question mark.
        encodable = text.encode(errors="replace").decode()
        return self._pattern.fullmatch(encodable) is not None
