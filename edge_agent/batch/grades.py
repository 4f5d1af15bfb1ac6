"""The range of the ASTCT grade over a recorded stay."""

from __future__ import annotations

from edge_agent.batch.answers import StayAnswers
from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.grid import MINUTE_STEPS
from edge_agent.detect.language.rule import ConditionGroup
from edge_agent.detect.scores.grade_course import (
    CRITERIA,
    NO_FEVER_BY_HAND,
    faded,
    grade_course,
    with_hand,
)


def grades(answers: StayAnswers) -> dict[str, FloatArray]:
    """Return the range of the ASTCT grade at each minute of a stay."""
    stay = answers.stay
    ends = stay.minutes * MINUTE_STEPS - stay.closed_before - 1
    fever, *others = (
        faded(*(answers.within(one.rule_id, s)[ends] for s in (one.within_s, one.fades_s)))
        for one in CRITERIA
    )
    by_hand = answers.of_group(ConditionGroup(is_any=True, conditions=(NO_FEVER_BY_HAND,)))[ends]
    hypotension, hypoxia, need = others
    signs = with_hand(fever, by_hand), hypotension, hypoxia, need
    low, high = grade_course(signs, stay.log, stay.times_ns[ends] + stay.utc_offset_ns)
    return {"grade_low": low, "grade_high": high}
