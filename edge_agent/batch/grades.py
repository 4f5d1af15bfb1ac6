"""The range of the ASTCT grade over a recorded stay."""

from __future__ import annotations

from edge_agent.batch.answers import StayAnswers
from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.grid import MINUTE_STEPS
from edge_agent.detect.scores.grade_course import (
    CRITERIA,
    NO_FEVER_BY_HAND,
    NOT_BELOW_90,
    faded,
    grade_course,
    with_readings,
)


def grades(answers: StayAnswers) -> dict[str, FloatArray]:
    """Return the range of the ASTCT grade at each minute of a stay."""
    stay = answers.stay
    ends = stay.minutes * MINUTE_STEPS - stay.closed_before - 1
    fever, hypotension, hypoxia, need = (
        faded(*(answers.within(one.rule_id, s)[ends] for s in (one.within_s, one.fades_s)))
        for one in CRITERIA
    )
    read = (answers.of_group(group)[ends] for group in (NO_FEVER_BY_HAND, NOT_BELOW_90))
    signs = with_readings((fever, hypotension, hypoxia, need), *read)
    low, high = grade_course(signs, stay.log, stay.times_ns[ends] + stay.utc_offset_ns)
    return {"grade_low": low, "grade_high": high}
