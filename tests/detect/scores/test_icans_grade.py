"""The ICANS grade by ICE and consciousness."""

from __future__ import annotations

import pytest

from edge_agent.detect.scores.crs_limbs import GradeScale
from edge_agent.detect.scores.early_warning import CONSCIOUSNESS
from edge_agent.detect.scores.icans_grade import NOT_GRADED, icans_grade

# Lee DW et al., 2019: ICE 10 down to 0 in a patient who is awake
AWAKE = (3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0)


@pytest.mark.parametrize("letter", ["A", "C"])
@pytest.mark.parametrize("ice", range(11))
def test_awake_the_ice_score_decides(letter: str, ice: int) -> None:
    grade = icans_grade(ice, CONSCIOUSNESS[letter])
    assert (grade.low, grade.high) == (AWAKE[ice], AWAKE[ice])
    assert grade.scale is GradeScale.ICANS_2019
    assert grade.missing == (NOT_GRADED,)


@pytest.mark.parametrize(
    ("ice", "letter", "span", "decided_by", "missing"),
    [
        (10, "A", (0, 0), "nothing found", ()),
        (8, "A", (1, 1), "ICE", ()),
        (8, "V", (2, 2), "consciousness", ()),
        (1, "V", (3, 3), "ICE", ()),
        (0, "P", (3, 4), "ICE", ()),
        (0, "U", (4, 4), "consciousness", ()),
        (None, "U", (4, 4), "consciousness", ()),
        (None, "P", (3, 4), "consciousness", ("ICE",)),
        (None, "V", (2, 3), "consciousness", ("ICE",)),
        (None, "A", (0, 3), "nothing found", ("ICE",)),
        (0, "", (3, 4), "ICE", ("consciousness",)),
        (2, "", (3, 3), "ICE", ()),
        (10, "", (0, 2), "nothing found", ("consciousness",)),
        (None, "", (0, 4), "nothing found", ("ICE", "consciousness")),
    ],
)
def test_the_worse_of_the_two_decides_and_the_unknown_stays_open(
    ice: int | None,
    letter: str,
    span: tuple[int, int],
    decided_by: str,
    missing: tuple[str, ...],
) -> None:
    grade = icans_grade(ice, CONSCIOUSNESS.get(letter))
    assert ((grade.low, grade.high), grade.decided_by) == (span, decided_by)
    assert grade.missing == (*missing, NOT_GRADED)


@pytest.mark.parametrize("ice", [-1, 11])
def test_points_that_the_score_does_not_have_are_refused(ice: int) -> None:
    with pytest.raises(ValueError, match="want 0 to 10"):
        icans_grade(ice, None)
