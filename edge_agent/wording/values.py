"""One fact in words: its name, its value with the unit, its time, and the limit it passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from edge_agent.model.durations import MINUTE_S
from edge_agent.model.facts import Fact, FactKind, Limit, LimitOf
from edge_agent.model.language import Language
from edge_agent.wording.catalogue import listed, number, phrase, short_number
from edge_agent.wording.times import clock_time, span_words, time_of_day

_DECIMALS: Final = {FactKind.TEMPERATURE: 1}
"""Decimals of a value and of its limit; none for the other kinds."""
_SCORES: Final = frozenset({FactKind.NEWS2, FactKind.CRS_SCORE})


@dataclass(frozen=True, slots=True)
class Reading:
    """The circumstances in which a text is read."""

    language: Language
    zone: tzinfo
    now_ns: int
    """Present UTC time, ns: a time of another day is given with its date."""

    def time(self, utc_ns: int) -> str:
        """Return a time of day that is unambiguous now."""
        return time_of_day(self.language, utc_ns, self.now_ns, self.zone)

    def clock(self, utc_ns: int) -> str:
        """Return a time of day without the name of its zone."""
        return clock_time(self.language, utc_ns, self.now_ns, self.zone)


def fact_words(fact: Fact, reader: Reading, *, is_full: bool) -> str:
    """Return a fact as people read it.

    Parameters
    ----------
    is_full
        True to name the part above the usual value and the limit, too.
    """
    if fact.kind is FactKind.VASOPRESSOR:
        return phrase(reader.language, "value.vasopressor", names=listed(fact.names))
    if fact.kind is FactKind.OXYGEN:
        return _oxygen(fact, "value", reader.language)
    if not _has_value(fact):
        return _unknown(fact, reader)
    words = _dated(_measured(fact, reader.language), fact, reader)
    return _compared(words, fact, reader.language) if is_full else words


def tail_words(fact: Fact, reader: Reading) -> str:
    """Return the short form of a fact that ends a headline, with what joins it; often a value."""
    language = reader.language
    is_only_lost = fact.is_lost and fact.limit is None
    if fact.kind is FactKind.MONITORING or is_only_lost:
        since = fact.measured_utc_ns
        return "" if since is None else f" {_tail('since', language, time=reader.clock(since))}"
    if fact.is_lost:
        return f" {_tail('former', language, value=_brief(fact, language))}"
    return f": {_brief(fact, language)}"


def device_words(device: str, language: Language) -> str:
    """Return an oxygen device in words."""
    return phrase(language, f"device.{device.replace(' ', '_').replace('-', '_')}")


def _has_value(fact: Fact) -> bool:
    return fact.value is not None or fact.mean is not None


def _tail(key: str, language: Language, **values: str) -> str:
    return phrase(language, f"tail.{key}", **values)


def _brief(fact: Fact, language: Language) -> str:
    """Return a value for a headline."""
    if fact.kind is FactKind.VASOPRESSOR:
        return _tail("vasopressor", language, names=listed(fact.names))
    if fact.kind is FactKind.OXYGEN:
        return _oxygen(fact, "tail", language)
    if fact.kind in _SCORES:
        return _tail("points", language, value=_number(fact, fact.value, language))
    if fact.kind is FactKind.PRESSURE and fact.value is None:
        return _tail("mean", language, value=_number(fact, fact.mean, language))
    if fact.kind is FactKind.PRESSURE and fact.diastolic is None:
        return _tail("systolic", language, value=_number(fact, fact.value, language))
    return _value(fact, language)


def _unknown(fact: Fact, reader: Reading) -> str:
    """Return the words for a vital sign without a usable value."""
    name = phrase(reader.language, f"name.{fact.kind}")
    if fact.is_lost and fact.measured_utc_ns is None:
        return phrase(reader.language, "when.never", name=name)
    if fact.is_lost:
        return phrase(reader.language, "when.last", name=name, time=_time(fact, reader))
    return phrase(reader.language, "value.unknown", name=name)


def _measured(fact: Fact, language: Language) -> str:
    """Return a value with its place and its doubt."""
    words = _value(fact, language)
    if fact.is_line:
        words = phrase(language, "value.line", value=words)
    return phrase(language, "value.doubtful", value=words) if fact.is_doubtful else words


def _value(fact: Fact, language: Language) -> str:
    """Return a value with its name and its unit."""
    if fact.kind is not FactKind.PRESSURE:
        return phrase(language, f"value.{fact.kind}", value=_number(fact, fact.value, language))
    if fact.value is None:
        return phrase(language, "value.mean", value=_number(fact, fact.mean, language))
    systolic = _number(fact, fact.value, language)
    if fact.diastolic is None:
        return phrase(language, "value.systolic", value=systolic)
    diastolic = _number(fact, fact.diastolic, language)
    return phrase(language, "value.pressure", systolic=systolic, diastolic=diastolic)


def _number(fact: Fact, value: float | None, language: Language) -> str:
    assert value is not None, "only what is known is written as a number"
    return number(language, value, _DECIMALS.get(fact.kind, 0))


def _oxygen(fact: Fact, section: str, language: Language) -> str:
    device = device_words(fact.names[0], language)
    if fact.value is None:
        return phrase(language, f"{section}.oxygen", device=device)
    flow = short_number(language, fact.value)
    return phrase(language, f"{section}.oxygen_flow", device=device, value=flow)


def _dated(words: str, fact: Fact, reader: Reading) -> str:
    """Return a value with the time of a single or of a former reading."""
    if fact.measured_utc_ns is None:
        return (
            phrase(reader.language, "when.former_untimed", value=words) if fact.is_lost else words
        )
    key = "former" if fact.is_lost else "by_hand" if fact.is_by_hand else "at"
    return phrase(reader.language, f"when.{key}", value=words, time=_time(fact, reader))


def _time(fact: Fact, reader: Reading) -> str:
    return "" if fact.measured_utc_ns is None else reader.time(fact.measured_utc_ns)


def _compared(words: str, fact: Fact, language: Language) -> str:
    """Return a value with the part above its reference, and the limit it passed."""
    if fact.above is not None and fact.reference is not None:
        above = number(language, fact.above, _DECIMALS.get(fact.kind, 0))
        words = phrase(language, f"above.{fact.reference}", value=words, above=above)
    if fact.limit is None or fact.is_lost:
        return words
    limit = _limit_words(fact, fact.limit, language)
    return phrase(language, "limit.qualified", value=words, limit=limit) if limit else words


def _limit_words(fact: Fact, limit: Limit, language: Language) -> str:
    """Return a limit with the time for which it was passed."""
    span = span_words(language, limit.for_s)
    if limit.of is LimitOf.ABOVE:
        is_lasting = limit.for_s > MINUTE_S
        return phrase(language, "limit.for", span=span) if is_lasting else ""
    shown = number(language, limit.value, _DECIMALS.get(fact.kind, 0))
    if limit.of is LimitOf.SHARE:
        shown = phrase(language, "limit.share", limit=shown)
    how = "for" if limit.for_s else "twice" if limit.times > 1 else "once"
    key = f"limit.{'low' if limit.is_lower else 'high'}_{how}"
    words = phrase(language, key, limit=shown, span=span, times=str(limit.times))
    is_of_mean = limit.of is LimitOf.MEAN
    return phrase(language, "limit.mean", limit=words) if is_of_mean else words
