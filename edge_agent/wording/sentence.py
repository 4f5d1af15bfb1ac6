"""An alert in words: a headline, a sentence with the values, what to do, and the evidence.

Texts are made of the facts that the alert carries. An alert of an older journal has none: its own
text and explanation stand in for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.facts import Fact, FactKind, Facts, Note
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import listed, phrase
from edge_agent.wording.notes import note_words, said_words
from edge_agent.wording.rule_texts import HIGH, LOW, RuleText, RuleTexts, shipped_texts
from edge_agent.wording.times import day_of
from edge_agent.wording.values import Reading, fact_words, tail_words

HEADLINE_WORDS: Final = 6
"""Most words of a headline: a person reads them in well under three seconds."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One fact behind an alert, for the evidence on the board."""

    text: str
    at_utc_ns: int
    """Time of the reading, or of the alert for what held then."""


def headline_of(
    alert: Alert, language: Language, zone: tzinfo, texts: RuleTexts | None = None
) -> str:
    """Return the finding and its leading value, in at most six words where the value is short.

    Parameters
    ----------
    zone
        The ward's time zone.
    texts
        Words of the rules in force; None for the shipped ones. A rule without any, such as one of
        another gateway's own, has the text that its alert carries.
    """
    text = _text(alert, language, texts)
    if text is None:
        return alert.text
    lead = _lead(alert)
    if lead is None or alert.facts is None:
        return text.headline
    keys = [lead.kind.value]
    if lead.limit is not None:
        keys.append(LOW if lead.limit.is_lower else HIGH)
    found = next((text.cases[key] for key in keys if key in text.cases), text.headline)
    tail = tail_words(lead, Reading(language, zone, alert.facts.at_utc_ns))
    is_short = len(f"{found}{tail}".split()) <= HEADLINE_WORDS
    return f"{found}{tail}" if is_short or _is_value(lead) else found


def action_of(alert: Alert, language: Language, texts: RuleTexts | None = None) -> str:
    """Return what to do, in one sentence; empty for a rule without words."""
    text = _text(alert, language, texts)
    return "" if text is None else text.action


def sentence_of(alert: Alert, language: Language, zone: tzinfo, now_ns: int | None = None) -> str:
    """Return the signs behind an alert, the one that rang first, with values, units and times.

    Parameters
    ----------
    now_ns
        UTC time of reading, ns: times of another day are given with the date. None for the time of
        the alert.
    """
    facts = alert.facts
    if facts is None:
        return alert.explanation
    reader = Reading(language, zone, facts.at_utc_ns if now_ns is None else now_ns)
    rang = [fact_words(fact, reader, is_full=True) for fact in facts.rang if _is_said(fact)]
    others = [fact_words(fact, reader, is_full=False) for fact in facts.others]
    sentences = [*_sentence([*rang, *others]), *_sentence(_since(alert, facts, reader))]
    sentences += said_words(facts.notes, reader)
    return " ".join(sentences)


def evidence_of(alert: Alert, language: Language, zone: tzinfo) -> tuple[EvidenceLine, ...]:
    """Return each fact behind an alert and each treatment that was known then, with its time."""
    facts = alert.facts
    if facts is None:
        return ()
    reader = Reading(language, zone, facts.at_utc_ns)
    shown = [fact for fact in (*facts.rang, *facts.others) if _is_said(fact)]
    lines = [_line(fact_words(fact, reader, is_full=True), fact, facts) for fact in shown]
    treatments = ((note, words) for note in facts.notes if (words := note_words(note, reader)))
    return (*lines, *(_noted(note, words, facts) for note, words in treatments))


def worded(alert: Alert, language: Language, zone: tzinfo, texts: RuleTexts | None = None) -> Alert:
    """Return an alert with its text and its explanation in a language, if it carries facts."""
    if alert.facts is None:
        return alert
    parts = (headline_of(alert, language, zone, texts), action_of(alert, language, texts))
    text = " ".join(_sentence(parts[:1]) + [part for part in parts[1:] if part])
    has_text = _text(alert, language, texts) is not None
    explanation = sentence_of(alert, language, zone)
    return replace(alert, text=text if has_text else alert.text, explanation=explanation)


def _text(alert: Alert, language: Language, texts: RuleTexts | None) -> RuleText | None:
    return (texts or shipped_texts())[language].get(alert.rule_id)


def _lead(alert: Alert) -> Fact | None:
    """Return the fact that leads the sentence; None without one."""
    return next(iter(alert.facts.rang), None) if alert.facts else None


def _is_value(fact: Fact) -> bool:
    return not fact.is_lost and fact.kind is not FactKind.MONITORING


def _is_said(fact: Fact) -> bool:
    """Return True for a fact of the sentence; a state of the monitoring is said by the headline."""
    return fact.kind is not FactKind.MONITORING


def _since(alert: Alert, facts: Facts, reader: Reading) -> list[str]:
    """Return since when the alert stands, and the day after the infusion.

    The time of the last value of a lost signal says it already.
    """
    states = (f.measured_utc_ns for f in facts.rang if f.kind is FactKind.MONITORING)
    raised_ns = None if alert.raised_at is None else alert.raised_at.utc_ns
    since_ns = next((ns for ns in states if ns is not None), raised_ns)
    is_said = any(f.is_lost and f.measured_utc_ns is not None for f in facts.rang)
    found = []
    if since_ns is not None and not is_said:
        found.append(phrase(reader.language, "when.raised", time=reader.time(since_ns)))
    if facts.infused_utc_ns is not None and facts.day is not None:
        date = day_of(reader.language, facts.infused_utc_ns, reader.zone)
        found.append(
            phrase(
                reader.language, "note.day", day=str(facts.day), product=facts.product, date=date
            )
        )
    return found


def _sentence(parts: list[str] | tuple[str, ...]) -> list[str]:
    """Return a sentence of some parts; nothing without any."""
    joined = listed(list(parts))
    return [f"{joined[0].upper()}{joined[1:]}."] if joined else []


def _line(text: str, fact: Fact, facts: Facts) -> EvidenceLine:
    at_ns = facts.at_utc_ns if fact.measured_utc_ns is None else fact.measured_utc_ns
    return EvidenceLine(text, at_ns)


def _noted(note: Note, words: str, facts: Facts) -> EvidenceLine:
    return EvidenceLine(words, facts.at_utc_ns if note.at_utc_ns is None else note.at_utc_ns)
