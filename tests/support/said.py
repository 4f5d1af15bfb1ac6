"""Words that an alert carries from devices and programs, in English."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from edge_agent.model.language import Language
from edge_agent.wording.notes import said_words
from edge_agent.wording.values import Reading

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert


def said_of(alert: Alert) -> str:
    """Return the sentences of an alert's notes; empty without any."""
    assert alert.facts is not None
    return " ".join(said_words(alert.facts.notes, Reading(Language.EN, UTC, 0)))


def words_of(alert: Alert) -> str:
    """Return the words of an alert's notes as the program has them."""
    assert alert.facts is not None
    return "; ".join(words for note in alert.facts.notes for words in note.words)
