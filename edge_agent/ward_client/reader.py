"""Words, times and spans for the person in front of a terminal."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge_agent.board.shapes import Words
from edge_agent.model.language import Language
from edge_agent.ward_client.bed_names import plain
from edge_agent.wording.catalogue import phrase

_MINUTE_MS: Final = 60_000
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who reads at a moment."""

    language: Language
    zone: ZoneInfo
    now_ms: int

    def words(self, words: Words) -> str:
        """Return a text of the ward in the reader's language."""
        return plain(words.de if self.language is Language.DE else words.en)

    def say(self, key: str, /, **values: str | int) -> str:
        """Return a phrase of the terminal with its placeholders filled."""
        texts = {name: str(value) for name, value in values.items()}
        return phrase(self.language, f"terminal.{key}", **texts)

    def clock(self, at_ms: int) -> str:
        """Return a time of day in the ward's zone, with the date where it is not today's."""
        at = datetime.fromtimestamp(at_ms / 1000, self.zone)
        today = datetime.fromtimestamp(self.now_ms / 1000, self.zone)
        return f"{at:%H:%M}" if at.date() == today.date() else f"{at:%d.%m. %H:%M}"

    def span(self, since_ms: int) -> str:
        """Return the time since a moment in its largest whole unit."""
        passed_ms = max(0, self.now_ms - since_ms)
        if passed_ms < _MINUTE_MS:
            return self.say("seconds", count=passed_ms // 1000)
        if passed_ms < _HOUR_MS:
            return self.say("minutes", count=passed_ms // _MINUTE_MS)
        if passed_ms < 2 * _DAY_MS:
            return self.say("hours", count=passed_ms // _HOUR_MS)
        return self.say("days", count=passed_ms // _DAY_MS)


def usual_language() -> Language:
    """Return the language of this terminal's user, as far as the program knows it."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return Language.DE if name.startswith("de") else Language.EN
