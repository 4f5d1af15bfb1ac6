"""Facts on which an alert rests, from the evidence of the conditions that hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from edge_agent.detect.conditions.view import View
from edge_agent.detect.report.readings import (
    doubted,
    heart_rate,
    line_pressure,
    newest_pressure,
    oxygen,
    running,
    temperature,
    vasopressors,
)
from edge_agent.detect.series.doubts import AS_MEASURED, DOUBTED
from edge_agent.model.facts import Fact, FactKind, Limit, LimitOf
from edge_agent.model.findings import Branch, Evidence
from edge_agent.model.measurements import VitalKind

_OF_RULE: Final = "age_of_last_present"
_AGE: Final = "age"


@dataclass(frozen=True, slots=True)
class _Measured:
    """The fact that a kind of evidence is about, and the number that its limit is compared with."""

    kind: FactKind
    of: LimitOf | None = LimitOf.VALUE
    """None where the limit is of a number that no reader knows."""


_PRESSURES: Final = {"systolic": LimitOf.VALUE, "mean": LimitOf.MEAN}
_KINDS: Final[Mapping[str, _Measured]] = MappingProxyType(
    {
        **{
            f"{place}_{part}{how}": _Measured(FactKind.PRESSURE, of)
            for place in ("nibp", "art")
            for part, of in _PRESSURES.items()
            for how in ("", "_as_measured", "_doubted")
        },
        **{
            f"{kind}{how}": _Measured(kind)
            for kind in (
                FactKind.SPO2,
                FactKind.HEART_RATE,
                FactKind.RESPIRATORY_RATE,
                FactKind.TEMPERATURE,
            )
            for how in ("", "_agreed", "_doubted")
        },
        "last_spo2": _Measured(FactKind.SPO2),
        "last_heart_rate": _Measured(FactKind.HEART_RATE),
        "last_temperature": _Measured(FactKind.TEMPERATURE),
        "spot_temperature": _Measured(FactKind.TEMPERATURE),
        "systolic_share_of_baseline": _Measured(FactKind.PRESSURE, LimitOf.SHARE),
        "cuff_overdue": _Measured(FactKind.PRESSURE, None),
        "temperature_by_minute": _Measured(FactKind.TEMPERATURE),
        "temperature_over_baseline": _Measured(FactKind.TEMPERATURE, LimitOf.ABOVE),
        "temperature_slope": _Measured(FactKind.TEMPERATURE, None),
        "temperature_shift": _Measured(FactKind.TEMPERATURE, None),
        "heart_rate_by_minute": _Measured(FactKind.HEART_RATE),
        "heart_rate_over_baseline": _Measured(FactKind.HEART_RATE, LimitOf.ABOVE),
        "heart_rate_excess": _Measured(FactKind.HEART_RATE, LimitOf.ABOVE),
        "shock_index": _Measured(FactKind.HEART_RATE, None),
        "shock_index_rise": _Measured(FactKind.HEART_RATE, None),
        "oxygen_raised": _Measured(FactKind.OXYGEN, None),
        "vasopressors": _Measured(FactKind.VASOPRESSOR, None),
        "news2": _Measured(FactKind.NEWS2),
        "crs_score_low": _Measured(FactKind.CRS_SCORE),
    }
)
"""Kinds of evidence that people read as facts; entries and other rules are none."""
_RANKS: Final[Mapping[FactKind, int]] = MappingProxyType(
    {
        FactKind.PRESSURE: 0,
        FactKind.SPO2: 1,
        FactKind.OXYGEN: 2,
        FactKind.VASOPRESSOR: 4,
        FactKind.NEWS2: 5,
        FactKind.CRS_SCORE: 5,
        FactKind.MONITORING: 6,
    }
)
"""Order of facts: signs of an organ lead, scores and states come last, the others stand between in
the rule's own order."""
_BETWEEN: Final = 3
_READERS: Final[Mapping[FactKind, Callable[[View], Fact]]] = MappingProxyType(
    {
        FactKind.PRESSURE: newest_pressure,
        FactKind.TEMPERATURE: temperature,
        FactKind.HEART_RATE: heart_rate,
        FactKind.OXYGEN: oxygen,
        FactKind.VASOPRESSOR: vasopressors,
    }
)
"""Readers of the kinds that are more than one running value."""


def rang(branches: Sequence[Branch], view: View) -> tuple[Fact, ...]:
    """Return the facts behind the branches that hold, each kind once, the leading one first.

    What a rule measures itself comes before what other rules found.
    """
    own = [e for branch in branches for e in branch.own]
    found: dict[tuple[FactKind, bool], Fact] = {}
    for fact in (*_facts(own, own, view), *_facts(_all(branches), own, view)):
        known = found.setdefault((fact.kind, fact.is_former), fact)
        if fact.is_lost and known.limit is None:
            found[fact.kind, fact.is_former] = replace(known, limit=fact.limit)
    facts = [
        fact
        for (kind, is_former), fact in found.items()
        if not (is_former and (kind, False) in found)
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.is_former, _RANKS.get(fact.kind, _BETWEEN))))


def _all(branches: Sequence[Branch]) -> list[Evidence]:
    return [evidence for branch in branches for evidence in branch.evidence]


def _facts(listed: Sequence[Evidence], own: Sequence[Evidence], view: View) -> Iterator[Fact]:
    """Yield the fact of each evidence; that of another rule may be of the hours before."""
    age_s = 0.0
    for evidence in listed:
        if evidence.statistic == _OF_RULE:
            age_s = evidence.value or 0.0
        elif evidence.statistic == _AGE:
            yield _silent(evidence, view)
        elif evidence.kind in _KINDS:
            is_former = age_s > 0 and evidence not in own
            fact = _former(evidence) if is_former else _present(evidence, view)
            if _says_something(fact):
                yield fact


def _says_something(fact: Fact) -> bool:
    has_value = fact.value is not None or fact.mean is not None
    return has_value or fact.is_lost or bool(fact.names)


def _silent(evidence: Evidence, view: View) -> Fact:
    """Return the fact of a signal that is lost, or of a state of the monitoring."""
    if evidence.kind in _KINDS:
        return _lost(_KINDS[evidence.kind].kind, view)
    since_ns = None if evidence.measured_at is None else evidence.measured_at.utc_ns
    return Fact(FactKind.MONITORING, measured_utc_ns=since_ns)


def _lost(kind: FactKind, view: View) -> Fact:
    """Return the last value of a signal that is lost, and its time."""
    if kind is FactKind.PRESSURE:
        return replace(newest_pressure(view), is_lost=True)
    newest = view.newest_usable(VitalKind(kind))
    at_ns = None if newest is None else newest.at.utc_ns
    last = (
        running(kind, f"last_{kind}", view) if kind is not FactKind.RESPIRATORY_RATE else Fact(kind)
    )
    return replace(last, measured_utc_ns=at_ns, is_lost=True)


def _former(evidence: Evidence) -> Fact:
    """Return a fact of the hours before, as another rule found it."""
    measured = _KINDS[evidence.kind]
    at = evidence.measured_at
    fact = Fact(
        measured.kind,
        measured_utc_ns=None if at is None else at.utc_ns,
        limit=_limit(evidence, measured),
        is_former=True,
    )
    value, unit = evidence.value, evidence.unit
    if measured.of is LimitOf.MEAN:
        return replace(fact, mean=value, unit=unit)
    return replace(fact, value=value, unit=unit) if measured.of is LimitOf.VALUE else fact


def _present(evidence: Evidence, view: View) -> Fact:
    """Return a fact of the moment, with the value that people see on the monitor."""
    measured = _KINDS[evidence.kind]
    fact = replace(_now(evidence, measured.kind, view), limit=_limit(evidence, measured))
    if fact.kind is FactKind.PRESSURE or fact.value is not None or evidence.value is None:
        return fact
    if measured.of is not LimitOf.VALUE:
        return fact
    return replace(fact, value=evidence.value, unit=evidence.unit)


def _now(evidence: Evidence, kind: FactKind, view: View) -> Fact:
    """Return the newest reading of a kind as the rule reads it."""
    name = evidence.kind
    if name in DOUBTED or name in AS_MEASURED:
        return doubted(name, kind, evidence, view)
    if name.startswith("last_") or name == "cuff_overdue":
        return _lost(kind, view)
    if kind is FactKind.PRESSURE and name.startswith("art_"):
        return line_pressure(view)
    read = _READERS.get(kind)
    return running(kind, name, view) if read is None else read(view)


def _limit(evidence: Evidence, measured: _Measured) -> Limit | None:
    """Return the limit that the evidence has passed; None where nobody reads it."""
    if measured.of is None:
        return None
    how, _, count = evidence.statistic.partition("_")
    value = evidence.value
    return Limit(
        value=evidence.threshold,
        is_lower=value is not None and value < evidence.threshold,
        of=measured.of,
        for_s=float(count.removesuffix("_s")) if how == "for" else 0.0,
        times=int(count) if how == "latest" else 0,
    )
