"""Facts about a bed while a rule holds, and the inputs that are missing then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import Rule, ShareCondition
from edge_agent.detect.report.assessment import missing_inputs
from edge_agent.detect.report.rang import rang
from edge_agent.detect.report.readings import heart_rate, pressure, running, temperature
from edge_agent.detect.scores.grade_course import context_of
from edge_agent.model.alerts import AlertKind
from edge_agent.model.durations import DAY_NS
from edge_agent.model.facts import Fact, FactKind, Facts, Note, NoteKind
from edge_agent.model.findings import Branch
from edge_agent.model.patient import EntryKind
from edge_agent.patient.state import PatientContext

_SCORES: Final = frozenset({"crs_score_low", "crs_score_high", "crs_score_high_measured"})


@dataclass(frozen=True, slots=True)
class GatheredFacts:
    """Facts about a bed, and the inputs that are out of date or were never entered."""

    facts: Facts
    missing: tuple[str, ...]


def facts_of(rule: Rule, view: View, branches: Sequence[Branch]) -> GatheredFacts:
    """Return the facts about a bed while a rule holds, and the missing inputs.

    An alert about the monitoring has no other vital signs than those it is about.

    Parameters
    ----------
    branches
        Grounds of the rule, each sufficient on its own.
    """
    known = context_of(view)
    missing = _missing(view, known)
    signs = rang(branches, view)
    if rule.policy.kind is AlertKind.TECHNICAL:
        notes = [*_away(known)]
        notes += [Note(NoteKind.MISSING, missing)] if _is_about_missing(rule) else []
        about = tuple(fact for fact in signs if fact.kind is not FactKind.CRS_SCORE)
        return GatheredFacts(Facts(view.at.utc_ns, about, notes=tuple(notes)), missing)
    infused_ns = known.infused_utc_ns
    if infused_ns is not None and infused_ns > view.at.utc_ns:
        infused_ns = None
    facts = Facts(
        view.at.utc_ns,
        signs,
        tuple(_others(signs, view)),
        product="" if infused_ns is None else known.product,
        infused_utc_ns=infused_ns,
        day=None if infused_ns is None else (view.at.utc_ns - infused_ns) // DAY_NS,
        notes=(*_away(known), *_entered(known), *_treatments(known)),
    )
    return GatheredFacts(facts, missing)


def _others(signs: Sequence[Fact], view: View) -> Iterator[Fact]:
    """Yield the other vital signs; a pressure or breathing that was never measured is left out."""
    seen = {fact.kind for fact in signs if not fact.is_former}
    found = (
        pressure(view),
        heart_rate(view),
        running(FactKind.SPO2, "spo2", view),
        temperature(view),
        running(FactKind.RESPIRATORY_RATE, "respiratory_rate", view),
    )
    for fact in found:
        if fact is None or fact.kind in seen:
            continue
        if fact.kind is not FactKind.RESPIRATORY_RATE or fact.value is not None:
            yield fact


def _away(known: PatientContext) -> Iterator[Note]:
    """Yield the absence of the patient with its planned end."""
    if known.away is not None:
        yield Note(NoteKind.AWAY, (known.away.name,), at_utc_ns=known.away.until_utc_ns)


def _entered(known: PatientContext) -> Iterator[Note]:
    """Yield the symptoms, the fluids and the flags that people entered."""
    for symptom in known.symptoms:
        yield Note(NoteKind.SYMPTOM, (symptom.name,), at_utc_ns=symptom.utc_ns)
    if known.fluids_l is not None:
        yield Note(NoteKind.FLUIDS, value=known.fluids_l)
    for flag in sorted(known.flags):
        yield Note(NoteKind.FLAG, (flag,))


def _treatments(known: PatientContext) -> Iterator[Note]:
    """Yield the oxygen, the vasopressors and the newest dose of each drug that hides a fever."""
    if known.oxygen_device is not None:
        flow = known.oxygen_flow_l_min
        yield Note(NoteKind.OXYGEN, (known.oxygen_device.value,), flow)
    if known.vasopressors is not None:
        yield Note(NoteKind.VASOPRESSORS, known.vasopressors)
    doses = {
        NoteKind.ANTIPYRETIC: known.antipyretic_utc_ns,
        NoteKind.TOCILIZUMAB: known.tocilizumab_utc_ns,
        NoteKind.STEROID: known.steroid_utc_ns,
    }
    for kind, at_ns in doses.items():
        if at_ns is not None:
            yield Note(kind, at_utc_ns=at_ns)


def _is_about_missing(rule: Rule) -> bool:
    """Return True for a rule about a score that missing inputs leave open."""
    return any(
        isinstance(leaf, ShareCondition) and leaf.signal in _SCORES for leaf in rule.leaves()
    )


def _missing(view: View, known: PatientContext) -> tuple[str, ...]:
    """Return the inputs that are out of date or were never entered."""
    never_entered = {
        "oxygen device": not known.was_entered(EntryKind.OXYGEN),
        "vasopressors": not known.was_entered(EntryKind.VASOPRESSOR),
        "product and infusion time": known.infused_utc_ns is None,
    }
    return (*missing_inputs(view), *(name for name, holds in never_entered.items() if holds))
