"""The range of the CRS grade over a stay, and its inputs at one moment."""

from __future__ import annotations

from collections.abc import Container
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.detect.conditions.answers import answer
from edge_agent.detect.conditions.kleene import ABSENT, INDETERMINATE, PRESENT, Answers
from edge_agent.detect.conditions.view import View
from edge_agent.detect.language.rule import RuleCondition
from edge_agent.detect.scores.crs_grade import GradeRange, astct_grade
from edge_agent.detect.scores.crs_limbs import GradeInputs
from edge_agent.model.patient import EntryKind
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


class _Criterion(NamedTuple):
    """The rules that show one criterion of the grade."""

    rule_ids: tuple[str, ...]
    """Ids of the rules; any one of them shows that it is met."""
    within_s: float
    """Seconds for which it still counts after its rule was PRESENT."""


# how long a criterion counts: design start values, unvalidated
FEVER: Final = _Criterion(("crs.fever",), 28_800.0)
HYPOTENSION: Final = _Criterion(("crs.hypotension",), 7_200.0)
HYPOXIA: Final = _Criterion(("crs.hypoxia", "vital.severe_hypoxia"), 86_400.0)
_TRUTH: Final = {PRESENT: True, ABSENT: False}


def _grade_inputs(
    fever: int, hypotension: int, hypoxia: int, context: PatientContext, utc_ns: int
) -> GradeInputs:
    """Return the inputs of the grade at a moment.

    Parameters
    ----------
    fever, hypotension, hypoxia
        Three-valued answers: PRESENT and ABSENT are known, INDETERMINATE is unknown.
    """
    has_therapy = any(utc_ns <= until_ns for until_ns in _therapies(context))
    is_ruled_out = context.crs is not None and context.crs.name == "ruled_out"
    return GradeInputs(
        fever=_TRUTH.get(fever),
        therapy_given=has_therapy if any(map(context.was_entered, _COUNTS_NS)) else None,
        hypotension=_TRUTH.get(hypotension),
        vasopressors=context.vasopressors,
        oxygen_device=context.oxygen_device,
        oxygen_flow_l_min=context.oxygen_flow_l_min,
        hypoxia=_TRUTH.get(hypoxia),
        is_ruled_out=is_ruled_out,
    )


def _therapies(context: PatientContext) -> list[int]:
    """Return the UTC times up to which the therapies given count."""
    given_ns = {
        EntryKind.ANTIPYRETIC: context.antipyretic_utc_ns,
        EntryKind.TOCILIZUMAB: context.tocilizumab_utc_ns,
        EntryKind.STEROID: context.steroid_utc_ns,
    }
    return [ns + _COUNTS_NS[kind] for kind, ns in given_ns.items() if ns is not None]


def grade_at(
    fever: int, hypotension: int, hypoxia: int, log: ContextLog | None, utc_ns: int
) -> GradeRange:
    """Return the range of the ASTCT grade at a moment."""
    context = state_at(log, utc_ns)
    return astct_grade(_grade_inputs(fever, hypotension, hypoxia, context, utc_ns))


def _answer_at(criterion: _Criterion, view: View, evaluated: Container[str]) -> int:
    """Return the answer for a criterion at a moment, PRESENT also for a while after it was seen.

    Parameters
    ----------
    evaluated
        The rules that were evaluated at the moment; others are INDETERMINATE.
    """
    rules = [RuleCondition(rule, criterion.within_s) for rule in criterion.rule_ids]
    return max(answer(r, view) if r.rule_id in evaluated else INDETERMINATE for r in rules)


def current_inputs(view: View, evaluated: Container[str]) -> GradeInputs:
    """Return the inputs of a grade at the moment of a view; `evaluated` as in `_answer_at`."""
    fever, hypotension, hypoxia = (
        _answer_at(criterion, view, evaluated) for criterion in (FEVER, HYPOTENSION, HYPOXIA)
    )
    return _grade_inputs(fever, hypotension, hypoxia, context_of(view), view.at.utc_ns)


def current_grade(view: View, evaluated: Container[str]) -> GradeRange:
    """Return the ASTCT grade's range at the moment of a view; `evaluated` as in `_answer_at`."""
    return astct_grade(current_inputs(view, evaluated))


def context_of(view: View) -> PatientContext:
    """Return the patient's state at the moment of a view, as entered."""
    return state_at(view.log, view.at.utc_ns)


def grade_course(
    criteria: tuple[Answers, Answers, Answers], log: ContextLog | None, utc_ns: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest possible ASTCT grade at each moment, shape (n,) each.

    Parameters
    ----------
    criteria
        Fever, hypotension and hypoxia, shape (n,) each.
    utc_ns
        The moments, increasing, shape (n,).
    """
    low, high = np.zeros(utc_ns.size), np.zeros(utc_ns.size)
    codes = (criteria[0] + 1) * 9 + (criteria[1] + 1) * 3 + criteria[2] + 1
    starts = _starts(log, utc_ns)
    for begin, end in pairwise([*starts, utc_ns.size]):
        moment_ns = int(utc_ns[begin])
        for code in np.unique(codes[begin:end]).tolist():
            answers = (code // 9 - 1, code // 3 % 3 - 1, code % 3 - 1)
            grade = grade_at(*answers, log, moment_ns)
            is_code = codes[begin:end] == code
            low[begin:end][is_code], high[begin:end][is_code] = grade.low, grade.high
    return low, high


def _starts(log: ContextLog | None, utc_ns: IntArray) -> list[int]:
    """Return the indices at which an entry begins or ceases to count."""
    found = {0}
    for begin, end, context in states_over(log, utc_ns):
        expired = utc_ns[begin:end].searchsorted(_therapies(context), side="right")
        found |= {begin, *(begin + expired).tolist()}
    return sorted(found - {utc_ns.size})
