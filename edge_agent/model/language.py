"""Languages in which people on the ward read alerts and the board."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language with a catalogue of words, by its ISO 639-1 code."""

    EN = "en"
    DE = "de"
