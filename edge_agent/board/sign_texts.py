"""Texts of the alerts of one bed in every language, each written once per change and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from edge_agent.board.shapes import ShownEvidence, Words
from edge_agent.board.words import both
from edge_agent.model.alerts import Alert
from edge_agent.model.language import Language
from edge_agent.wording.rule_texts import RuleTexts
from edge_agent.wording.sentence import action_of, evidence_of, headline_of, sentence_of

_MOST_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class SignTexts:
    """Texts of one alert."""

    title: Words
    sentence: Words
    action: Words
    evidence: tuple[ShownEvidence, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Moment and place at which texts are read."""

    now_ms: int
    zone: tzinfo
    texts: RuleTexts | None
    """Words of the rules in force; None for the shipped ones."""


class SignTextBook:
    """The texts of a bed's alerts; kept, because a bed is shown each second."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, date], SignTexts] = {}

    def texts(self, alert: Alert, reader: Reader) -> SignTexts:
        """Return the texts of an alert as read at a moment."""
        today = datetime.fromtimestamp(reader.now_ms / 1000, reader.zone).date()
        key = (alert.alert_id, alert.n, today)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = _written(alert, reader)
        return found


def _written(alert: Alert, reader: Reader) -> SignTexts:
    zone, texts, now_ns = reader.zone, reader.texts, reader.now_ms * 1_000_000
    return SignTexts(
        both(lambda language: headline_of(alert, language, zone, texts)),
        both(lambda language: sentence_of(alert, language, zone, now_ns)),
        both(lambda language: action_of(alert, language, texts)),
        _evidence(alert, zone),
    )


def _evidence(alert: Alert, zone: tzinfo) -> tuple[ShownEvidence, ...]:
    english = evidence_of(alert, Language.EN, zone)
    german = evidence_of(alert, Language.DE, zone)
    return tuple(
        ShownEvidence(Words(one.text, other.text), one.at_utc_ns // 1_000_000)
        for one, other in zip(english, german, strict=True)
    )
