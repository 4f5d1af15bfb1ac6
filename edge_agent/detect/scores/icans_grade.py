"""Range of the neurotoxicity grade (ICANS) that an ICE score and the consciousness allow."""

from __future__ import annotations

from edge_agent.detect.scores.crs_grade import GradeRange
from edge_agent.detect.scores.crs_limbs import GradeScale, GradeSpan
from edge_agent.detect.scores.early_warning import Consciousness

NOT_GRADED = "seizures, motor findings, cerebral oedema"
"""Signs that no monitor shows and nobody enters; they can only raise the grade."""

# Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638, table of the ICANS consensus grading
_ICE = ((10, 0), (7, 1), (3, 2), (0, 3))
"""Lowest points of each grade, best first."""
_BY_CONSCIOUSNESS = {
    Consciousness.ALERT: GradeSpan(0, 0),
    Consciousness.CONFUSED: GradeSpan(0, 0),  # awake; the ICE score grades the confusion
    Consciousness.VOICE: GradeSpan(2, 2),
    Consciousness.PAIN: GradeSpan(3, 4),  # 3 by touch, 4 if the touch must be vigorous
    Consciousness.UNRESPONSIVE: GradeSpan(4, 4),
}


def icans_grade(ice: int | None, consciousness: Consciousness | None) -> GradeRange:
    """Return the grades that ICE and consciousness allow; the worse of the two decides.

    Parameters
    ----------
    ice
        Points, 0 to 10; None if nobody tested, as in an unconscious patient.
    consciousness
        Level of consciousness; None if nobody assessed it.

    Raises
    ------
    ValueError
        If the points are not in 0 to 10.
    """
    if ice is not None and not 0 <= ice <= 10:
        raise ValueError(f"ICE {ice!r}; want 0 to 10")
    points = GradeSpan(0, 3) if ice is None else _by_points(ice)
    arousal = _by_arousal(ice) if consciousness is None else _BY_CONSCIOUSNESS[consciousness]
    low, high = max(points.low, arousal.low), max(points.high, arousal.high)
    unknown = (("ICE", ice), ("consciousness", consciousness))
    missing = [name for name, value in unknown if value is None and low < high]
    return GradeRange(
        GradeScale.ICANS_2019, low, high, _decided_by(points, arousal), (*missing, NOT_GRADED)
    )


def _by_points(ice: int) -> GradeSpan:
    grade = next(grade for least, grade in _ICE if ice >= least)
    return GradeSpan(grade, grade)


def _by_arousal(ice: int | None) -> GradeSpan:
    """Return the grades without a consciousness entry: a patient with ICE points wakes to voice."""
    return GradeSpan(0, 2) if ice else GradeSpan(0, 4)


def _decided_by(points: GradeSpan, arousal: GradeSpan) -> str:
    if arousal.low > points.low:
        return "consciousness"
    return "ICE" if points.low > 0 else "nothing found"
