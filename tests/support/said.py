"""Words that an alert carries from devices and programs, in English."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, Final

from edge_agent.model.language import Language
from edge_agent.wording.notes import said_words
from edge_agent.wording.sentence import sentence_of
from edge_agent.wording.values import Reading

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert


TIMES: Final = re.compile(r"(?:\d{1,2} [A-Z][a-z]{2} )?\d\d:\d\d|\d{1,2} [A-Z][a-z]{2}\b")
"""Times of day and days, which go with the clock."""


def sentence(alert: Alert) -> str:
    """Return an alert's sentence in English, with times in UTC."""
    return sentence_of(alert, Language.EN, UTC)


def said_of(alert: Alert) -> str:
    """Return the sentences of an alert's notes; empty without any."""
    assert alert.facts is not None
    return " ".join(said_words(alert.facts.notes, Reading(Language.EN, UTC, 0)))


def words_of(alert: Alert) -> str:
    """Return the words of an alert's notes as the program has them."""
    assert alert.facts is not None
    return "; ".join(words for note in alert.facts.notes for words in note.words)
