"""Causes of a missed target, worked out from the alerts and the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from edge_agent.evaluate.cohort.measures import Stays, delay
from edge_agent.evaluate.estimates.clocks import in_minutes
from edge_agent.evaluate.stays.faults import FaultCheck
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.stay import OURS
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.durations import HOUR_S

_NAMED: Final = 5
_OWED: Final = frozenset({About.FEVER, About.CRS, About.SCORE, About.PRESSURE, About.OXYGEN})
_COMPLETE: Final = 0.99


def why_missed(key: str, stays: Stays) -> str:
    """Return the causes of a figure's missed target; empty where none are known."""
    reason = _REASONS.get(key)
    return reason(stays) if reason is not None else ""


def _missed_episodes(stays: Stays) -> str:
    missed = [
        (episode, stay)
        for stay in stays
        for episode, found in zip(stay.episodes, stay.methods[OURS].episodes, strict=True)
        if not found.is_found
    ]
    grades = Counter(f"grade {episode.truth.worst_grade}" for episode, _ in missed)
    gaps = sum(episode.coverage < _COMPLETE for episode, _ in missed)
    products = Counter(stay.product or "none" for _, stay in missed)
    return (
        f"{len(missed)} missed: {_listed(grades)}; with gaps in the temperature: {gaps}; "
        f"after {_listed(products)}"
    )


def _late_limbs(stays: Stays) -> str:
    late = [e for s in stays for e in s.episodes if e.is_limb_in_time is False]
    hours = sorted((e.truth.limb_s or 0.0) - e.truth.window.onset_s for e in late)
    soon = sum(h < HOUR_S for h in hours)
    return f"{len(late)} of grade 2 and more not alerted in time; limb within 1 h of onset: {soon}"


def _slow(stays: Stays) -> str:
    found = delay(stays, OURS)
    every = sum(len(stay.episodes) for stay in stays)
    by_hand = sum(len(stay.episodes) for stay in stays if not stay.has_probe)
    return (
        f"{by_hand} of {every} episodes without a probe, where the rules and the checks read the "
        "same temperatures by hand; "
        f"the alert comes {in_minutes(found.value)} after the onset (median), and checks every few "
        "hours find fever half an interval after it"
    )


def _by_rule(stays: Stays, is_chosen: Callable[[ReportedAlert], bool]) -> str:
    """Return the number of false alerts by rule, and of patients who had one."""
    rules: Counter[str] = Counter()
    patients = set()
    for stay in stays:
        for one, is_right in zip(stay.reported, stay.is_right, strict=True):
            if is_chosen(one) and not is_right:
                rules[one.rule_id] += 1
                patients.add((stay.place, stay.number))
    return f"{rules.total()} false in {len(patients)} patients: {_listed(rules)}"


def _most_reported(stays: Stays, is_chosen: Callable[[ReportedAlert], bool]) -> str:
    rules = Counter(one.rule_id for stay in stays for one in stay.reported if is_chosen(one))
    return f"most often reported: {_listed(rules)}"


def _is_urgent(one: ReportedAlert) -> bool:
    return one.priority >= AlertPriority.MEDIUM


def _is_of_patient(one: ReportedAlert) -> bool:
    return _is_urgent(one) and one.about is not About.TECHNICAL


def _without_crs(stays: Stays) -> str:
    """Return the alerts that CRS would owe in patients without it, and the false ones of them."""
    others = [stay for stay in stays if not stay.episodes]
    most = _most_reported(others, _is_owed)
    return f"in the {len(others)} patients without CRS {most}; {_by_rule(others, _is_owed)}"


def _is_owed(one: ReportedAlert) -> bool:
    return one.about in _OWED


def _grades(stays: Stays) -> str:
    checks = [stay.grades for stay in stays]
    minutes = max(1, sum(c.minutes for c in checks))
    below, above, unstated = (
        100.0 * sum(getattr(c, name) for c in checks) / minutes
        for name in ("below", "above", "unstated")
    )
    return f"below the truth {below:.3g} %, above it {above:.3g} %, not stated {unstated:.3g} %"


def _silent(stays: Stays, is_meant: Callable[[FaultCheck], bool]) -> str:
    silent = Counter(
        f"{check.kind} {check.sensor}"
        for s in stays
        for check in s.faults
        if is_meant(check) and not check.is_in_time
    )
    return f"not in time: {_listed(silent)}"


def _from_faults(stays: Stays) -> str:
    rules = Counter(one.rule_id for stay in stays for one in stay.false_from_faults)
    return _listed(rules)


def _listed(counts: Mapping[str, int]) -> str:
    most: Iterable[tuple[str, int]] = Counter(counts).most_common(_NAMED)
    return ", ".join(f"{name} {count}" for name, count in most) or "none"


_REASONS: Final[Mapping[str, Callable[[Stays], str]]] = MappingProxyType(
    {
        "crs_sensitivity": _missed_episodes,
        "chance_sensitivity": _without_crs,
        "grade2_in_time": _late_limbs,
        "lead_over_4h_hours": _slow,
        "lead_over_8h_hours": _slow,
        "lead_over_4h_hours_without_watch": _slow,
        "lead_over_8h_hours_without_watch": _slow,
        "false_fever_per_patient_day": lambda s: _by_rule(s, lambda one: one.about is About.FEVER),
        "false_watch_per_patient_day": lambda s: _by_rule(s, lambda one: one.about is About.WATCH),
        "false_crs_per_patient_day": lambda s: _by_rule(s, lambda one: one.about is About.CRS),
        "nurse_alerts_per_patient_day": lambda s: _most_reported(s, _is_urgent),
        "patient_alerts_per_patient_day": lambda s: _most_reported(s, _is_of_patient),
        "high_per_patient_day": lambda s: _most_reported(
            s, lambda one: one.priority is AlertPriority.HIGH
        ),
        "nurse_technical_per_patient_day": lambda s: _most_reported(
            s, lambda one: _is_urgent(one) and one.about is About.TECHNICAL
        ),
        "technical_per_patient_day": lambda s: _most_reported(
            s, lambda one: one.about is About.TECHNICAL
        ),
        "ppv": lambda s: _by_rule(s, _is_of_patient),
        "grade_covered": _grades,
        "grade_equal_complete": _grades,
        "faults_announced": lambda s: _silent(s, lambda _: True),
        "losses_in_5_min": lambda s: _silent(s, lambda f: f.is_loss and not f.is_of_temperature),
        "temperature_losses_in_20_min": lambda s: _silent(
            s, lambda f: f.is_loss and f.is_of_temperature
        ),
        "false_from_faults_per_patient_day": _from_faults,
    }
)
