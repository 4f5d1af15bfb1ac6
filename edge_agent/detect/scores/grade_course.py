"""The range of the CRS grade over a stay, and its inputs at one moment."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.detect.conditions.answers import answer
from edge_agent.detect.conditions.kleene import ABSENT, INDETERMINATE, PRESENT, Answers
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import (
    ConditionGroup,
    LatestCondition,
    Operator,
    RuleCondition,
    ShareCondition,
    Threshold,
)
from edge_agent.detect.scores.crs_grade import GradeRange, astct_grade
from edge_agent.detect.scores.crs_limbs import GradeInputs
from edge_agent.model.durations import HOUR_NS
from edge_agent.model.patient import CHILD_YEARS, EntryKind, OxygenDevice
from edge_agent.patient.context import ContextLog, state_at, states_over
from edge_agent.patient.state import PatientContext

_EPISODE_NS: Final = 7 * 86_400 * 10**9
"""Time for which tocilizumab or a steroid counts for the grade (TRANSCEND CLL: CRS that returns
within 7 days is one episode)."""
ANTIPYRETIC_NS: Final = 12 * 3600 * 10**9
"""Time for which an antipyretic may hide a fever; design start value, unvalidated."""
_COUNTS_NS: Final = {
    EntryKind.ANTIPYRETIC: ANTIPYRETIC_NS,
    EntryKind.TOCILIZUMAB: _EPISODE_NS,
    EntryKind.STEROID: _EPISODE_NS,
}
"""Time for which low pressure or oxygen count without fever after each therapy."""
_HIDES_NS: Final = {
    EntryKind.ANTIPYRETIC: ANTIPYRETIC_NS,
    EntryKind.TOCILIZUMAB: 24 * HOUR_NS,
    EntryKind.STEROID: 24 * HOUR_NS,
}
"""Time for which each therapy may hide a fever; design start values, unvalidated."""
_SHIFT_NS: Final = 12 * HOUR_NS
"""Time for which an entry that nothing is given counts where the pressure may be low: one shift;
design start value, unvalidated."""


class _Criterion(NamedTuple):
    """The rule that shows one criterion of the grade, and how long the criterion outlasts it."""

    rule_id: str
    within_s: float
    """Seconds for which it is met after its rule was PRESENT."""
    fades_s: float
    """Seconds after which it is no longer met; in between it is unknown."""


# how long a criterion outlasts its rule: design start values, unvalidated
_FEVER: Final = _Criterion("crs.fever", 1_800.0, 14_400.0)
_HYPOTENSION: Final = _Criterion("crs.hypotension", 3_600.0, 7_200.0)
_HYPOXIA: Final = _Criterion("crs.hypoxia", 3_600.0, 7_200.0)
_NEED_OF_OXYGEN: Final = _Criterion("crs.hypoxia", 604_800.0, 604_800.0)
"""Hypoxia while oxygen is given: the oxygen hides it, for as long as it is given."""
CRITERIA: Final = (_FEVER, _HYPOTENSION, _HYPOXIA, _NEED_OF_OXYGEN)
NO_FEVER_BY_HAND: Final = ConditionGroup(
    is_any=False,
    conditions=(
        LatestCondition(
            "spot_temperature", Threshold(Operator.BELOW, 37.5), 3_600.0, 1, if_monitored=False
        ),
    ),
)
"""Temperature taken by hand that shows no fever where the probe shows nothing, as the recovery of
crs.fever: many are taken at sites that read half a degree too low. The limit and the hour: design
start value, unvalidated."""
_FROM_90: Final = Threshold(Operator.AT_LEAST, 90.0, ((CHILD_YEARS, inf),))
_FROM_65: Final = Threshold(Operator.AT_LEAST, 65.0, ((CHILD_YEARS, inf),))
NOT_BELOW_90: Final = ConditionGroup(
    is_any=False,
    conditions=(
        LatestCondition("nibp_systolic", _FROM_90, 7_500.0, 1, if_monitored=False),
        LatestCondition("nibp_mean", _FROM_65, 7_500.0, 1, if_monitored=True),
        ShareCondition("art_systolic", _FROM_90, 100.0, 120.0, if_monitored=True),
        ShareCondition("art_mean", _FROM_65, 100.0, 120.0, if_monitored=True),
    ),
)
"""Pressure of an adult that is low for the patient alone, if at all: whether it is hypotension is
for a clinician to say, as ASTCT names no limit. 90: PMC8021214, table 1; 65 and the window: as rule
crs.hypotension."""
_TRUTH: Final = {PRESENT: True, ABSENT: False}

Signs = tuple[int, int, int, int]
"""Answers at one moment, in the order of `CRITERIA`."""
SignsOver = tuple[Answers, Answers, Answers, Answers]
"""Answers at each of several moments, in the order of `CRITERIA`."""


def faded(lately: Answers, before: Answers) -> Answers:
    """Return a criterion's answers: unknown while it fades.

    Parameters
    ----------
    lately, before
        Answers within `within_s` and within `fades_s`.
    """
    is_fading = (lately == ABSENT) & (before == PRESENT)
    return np.where(is_fading, np.int8(INDETERMINATE), lately)


def with_readings(signs: SignsOver, no_fever: Answers, not_below_90: Answers) -> SignsOver:
    """Return the answers, corrected by what the newest readings themselves show.

    Parameters
    ----------
    no_fever, not_below_90
        Answers of the groups of these names.
    """
    fever, hypotension, hypoxia, need = signs
    is_known = (fever == INDETERMINATE) & (no_fever == PRESENT)
    is_open = (hypotension == PRESENT) & (not_below_90 == PRESENT)
    return (
        np.where(is_known, np.int8(ABSENT), fever),
        np.where(is_open, np.int8(INDETERMINATE), hypotension),
        hypoxia,
        need,
    )


def _grade_inputs(signs: Signs, context: PatientContext, utc_ns: int) -> GradeInputs:
    """Return the inputs of the grade at a moment."""
    fever, hypotension, hypoxia, need = signs
    has_oxygen = context.oxygen_device not in {None, OxygenDevice.AIR}
    hypoxia = need if has_oxygen else hypoxia
    is_doubted = hypotension != ABSENT and _none_is_old(context, utc_ns)
    known = GradeInputs(
        fever=_TRUTH.get(fever),
        therapy_given=None,
        hypotension=_TRUTH.get(hypotension),
        vasopressors=None if is_doubted else context.vasopressors,
        oxygen_device=None if is_doubted else context.oxygen_device,
        oxygen_flow_l_min=context.oxygen_flow_l_min,
        hypoxia=_TRUTH.get(hypoxia),
        is_ruled_out=context.crs is not None and context.crs.name == "ruled_out",
    )
    return replace(known, therapy_given=_therapy_given(known, context, utc_ns))


def _none_is_old(context: PatientContext, utc_ns: int) -> bool:
    """Return True if an old entry says that neither oxygen nor a vasopressor is given.

    Where the pressure may be low, it says nothing about what has been given since.
    """
    if context.vasopressors or context.oxygen_device not in {None, OxygenDevice.AIR}:
        return False
    entered_ns = (context.oxygen_entered_utc_ns, context.vasopressors_entered_utc_ns)
    return all(ns is None or utc_ns - ns > _SHIFT_NS for ns in entered_ns)


def _therapy_given(known: GradeInputs, context: PatientContext, utc_ns: int) -> bool | None:
    """Return True while therapy stands in for fever, None where nobody entered any.

    It does for as long as a drug may hide a fever, and after that while any sign is left.
    """
    if not any(map(context.was_entered, _COUNTS_NS)):
        return None
    if any(utc_ns <= until_ns for until_ns in _therapies(context, _HIDES_NS)):
        return True
    is_over = (
        known.hypotension is False
        and known.hypoxia is False
        and known.vasopressors == ()
        and known.oxygen_device is OxygenDevice.AIR
    )
    counts = any(utc_ns <= until_ns for until_ns in _therapies(context, _COUNTS_NS))
    return counts and not is_over


def _therapies(context: PatientContext, lasts_ns: Mapping[EntryKind, int]) -> list[int]:
    """Return the UTC times up to which the therapies given last."""
    given_ns = {
        EntryKind.ANTIPYRETIC: context.antipyretic_utc_ns,
        EntryKind.TOCILIZUMAB: context.tocilizumab_utc_ns,
        EntryKind.STEROID: context.steroid_utc_ns,
    }
    return [ns + lasts_ns[kind] for kind, ns in given_ns.items() if ns is not None]


def grade_at(signs: Signs, log: ContextLog | None, utc_ns: int) -> GradeRange:
    """Return the range of the ASTCT grade at a moment."""
    return astct_grade(_grade_inputs(signs, state_at(log, utc_ns), utc_ns))


def _answer_at(criterion: _Criterion, view: View, evaluated: Container[str]) -> Answers:
    """Return the answer for a criterion at a moment; INDETERMINATE if its rule was not evaluated.

    Parameters
    ----------
    evaluated
        The rules that were evaluated at the moment.
    """
    if criterion.rule_id not in evaluated:
        return np.asarray(INDETERMINATE, np.int8)
    lately, before = (
        np.asarray(answer(RuleCondition(criterion.rule_id, seconds), view), np.int8)
        for seconds in (criterion.within_s, criterion.fades_s)
    )
    return faded(lately, before)


def current_inputs(view: View, evaluated: Container[str]) -> GradeInputs:
    """Return the inputs of a grade at the moment of a view; `evaluated` as in `_answer_at`."""
    fever, hypotension, hypoxia, need = (
        _answer_at(criterion, view, evaluated) for criterion in CRITERIA
    )
    read = (np.asarray(answer(group, view), np.int8) for group in (NO_FEVER_BY_HAND, NOT_BELOW_90))
    signs = with_readings((fever, hypotension, hypoxia, need), *read)
    now = int(signs[0]), int(signs[1]), int(signs[2]), int(signs[3])
    return _grade_inputs(now, context_of(view), view.at.utc_ns)


def current_grade(view: View, evaluated: Container[str]) -> GradeRange:
    """Return the ASTCT grade's range at the moment of a view; `evaluated` as in `_answer_at`."""
    return astct_grade(current_inputs(view, evaluated))


def context_of(view: View) -> PatientContext:
    """Return the patient's state at the moment of a view, as entered."""
    return state_at(view.log, view.at.utc_ns)


def grade_course(
    criteria: SignsOver, log: ContextLog | None, utc_ns: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest possible ASTCT grade at each moment, shape (n,) each.

    Parameters
    ----------
    criteria
        Answers in the order of `CRITERIA`, shape (n,) each.
    utc_ns
        The moments, increasing, shape (n,).
    """
    low, high = np.zeros(utc_ns.size), np.zeros(utc_ns.size)
    codes = np.zeros(utc_ns.size, np.int64)
    for answers in criteria:
        codes = codes * 3 + answers + 1
    starts = _starts(log, utc_ns)
    for begin, end in pairwise([*starts, utc_ns.size]):
        moment_ns = int(utc_ns[begin])
        for code in np.unique(codes[begin:end]).tolist():
            signs = (code // 27 - 1, code // 9 % 3 - 1, code // 3 % 3 - 1, code % 3 - 1)
            grade = grade_at(signs, log, moment_ns)
            is_code = codes[begin:end] == code
            low[begin:end][is_code], high[begin:end][is_code] = grade.low, grade.high
    return low, high


def _starts(log: ContextLog | None, utc_ns: IntArray) -> list[int]:
    """Return the indices at which an entry begins or ceases to count."""
    found = {0}
    for begin, end, context in states_over(log, utc_ns):
        entered_ns = (context.oxygen_entered_utc_ns, context.vasopressors_entered_utc_ns)
        until_ns = [
            *_therapies(context, _COUNTS_NS),
            *_therapies(context, _HIDES_NS),
            *(ns + _SHIFT_NS for ns in entered_ns if ns is not None),
        ]
        expired = utc_ns[begin:end].searchsorted(until_ns, side="right")
        found |= {begin, *(begin + expired).tolist()}
    return sorted(found - {utc_ns.size})
