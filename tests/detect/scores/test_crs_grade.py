"""The CRS grade is the range of what is possible, and never narrower."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from edge_agent.detect.scores.crs_grade import GradeRange, astct_grade, ctcae_grade, suggestion
from edge_agent.detect.scores.crs_limbs import GradeInputs, GradeScale
from edge_agent.model.patient import OxygenDevice
from tests.support import grade_cases

if TYPE_CHECKING:
    from collections.abc import Callable

ASTCT = GradeScale.ASTCT_2019
FEVER_ALONE = GradeInputs(
    fever=True,
    therapy_given=False,
    hypotension=False,
    vasopressors=(),
    oxygen_device=OxygenDevice.AIR,
    oxygen_flow_l_min=None,
    hypoxia=False,
)
ON_CANNULA = replace(
    FEVER_ALONE,
    oxygen_device=OxygenDevice.NASAL_CANNULA,
    oxygen_flow_l_min=2.0,
    hypoxia=True,
)
NOTHING_ENTERED = GradeInputs(
    fever=True,
    therapy_given=None,
    hypotension=None,
    vasopressors=None,
    oxygen_device=None,
    oxygen_flow_l_min=None,
    hypoxia=None,
)


def span(grade: GradeRange) -> tuple[int, int]:
    return grade.low, grade.high


@pytest.mark.parametrize("every", [97, pytest.param(1, marks=pytest.mark.untraced)])
def test_the_range_is_that_of_all_completions_for_every_combination_of_inputs(every: int) -> None:
    count = 0
    for known in islice(grade_cases.all_inputs(), 0, None, every):
        grade = astct_grade(known)
        possible = grade_cases.grades(known)
        assert span(grade) == (min(possible), max(possible)), known
        assert grade.scale is ASTCT
        assert grade.decided_by
        # an exact grade asks for nothing; an open one says what would narrow it, but for a fever
        # that therapy may hide
        is_hidden = span(grade) == (0, 1) and known.fever is False
        assert bool(grade.missing) == (grade.low < grade.high) or is_hidden, known
        count += 1
    assert count == -(-(3**4 * 7 * (2 * 6 + 9 * 3)) // every)


@pytest.mark.untraced
def test_worse_inputs_never_lower_the_grade() -> None:
    steps: list[Callable[[GradeInputs, bool], GradeInputs]] = [
        lambda known, worse: replace(known, hypotension=worse),
        lambda known, worse: replace(known, hypoxia=worse),
        lambda known, worse: replace(known, fever=worse),
        lambda known, worse: replace(known, vasopressors=("norepinephrine",) if worse else ()),
        lambda known, worse: replace(
            known, oxygen_device=OxygenDevice.FACE_MASK if worse else OxygenDevice.BLOW_BY
        ),
        lambda known, worse: replace(
            known, oxygen_device=OxygenDevice.CPAP if worse else OxygenDevice.FACE_MASK
        ),
    ]
    for known in islice(grade_cases.all_inputs(), 0, None, 25):
        for step in steps:
            before, after = (astct_grade(step(known, worse)) for worse in (False, True))
            assert after.low >= before.low
            assert after.high >= before.high


def test_an_input_that_would_not_change_the_range_is_not_missing() -> None:
    known = replace(
        FEVER_ALONE, oxygen_device=OxygenDevice.VENTILATOR, vasopressors=None, hypotension=None
    )
    assert astct_grade(known) == GradeRange(ASTCT, 4, 4, "oxygen by ventilator", ())


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (FEVER_ALONE, GradeRange(ASTCT, 1, 1, "fever", ())),
        (
            replace(FEVER_ALONE, hypotension=True, vasopressors=None),
            GradeRange(ASTCT, 2, 4, "hypotension", ("vasopressors",)),
        ),
        (
            replace(FEVER_ALONE, hypotension=True),
            GradeRange(ASTCT, 2, 2, "hypotension without vasopressor", ()),
        ),
        (
            # fever, one vasopressor and low flow: the worse limb decides
            replace(ON_CANNULA, hypotension=True, vasopressors=("Norepinephrine",)),
            GradeRange(ASTCT, 3, 3, "vasopressor norepinephrine", ()),
        ),
        (
            replace(ON_CANNULA, hypotension=True),
            GradeRange(
                ASTCT, 2, 2, "hypotension without vasopressor; oxygen by nasal cannula 2 l/min", ()
            ),
        ),
        (
            replace(FEVER_ALONE, oxygen_device=OxygenDevice.NON_REBREATHER, oxygen_flow_l_min=15),
            GradeRange(ASTCT, 3, 3, "oxygen by non-rebreather 15 l/min", ()),
        ),
        (
            replace(FEVER_ALONE, hypoxia=True),
            GradeRange(ASTCT, 2, 4, "low SpO2 without oxygen", ("how much oxygen is needed",)),
        ),
        (
            replace(FEVER_ALONE, hypoxia=True, oxygen_device=None),
            GradeRange(ASTCT, 2, 4, "low SpO2", ("oxygen device",)),
        ),
        (
            replace(ON_CANNULA, hypoxia=False),
            GradeRange(ASTCT, 1, 2, "fever", ("whether oxygen is needed",)),
        ),
        (
            replace(ON_CANNULA, oxygen_flow_l_min=None),
            GradeRange(ASTCT, 2, 3, "oxygen by nasal cannula", ("oxygen flow",)),
        ),
        (
            replace(ON_CANNULA, oxygen_device=OxygenDevice.HIGH_FLOW_CANNULA),
            GradeRange(
                ASTCT,
                2,
                3,
                "oxygen by high-flow cannula 2 l/min",
                ("oxygen flow, which contradicts the device",),
            ),
        ),
        (
            replace(
                FEVER_ALONE,
                oxygen_device=OxygenDevice.HIGH_FLOW_CANNULA,
                hypotension=True,
                vasopressors=None,
            ),
            GradeRange(ASTCT, 3, 4, "oxygen by high-flow cannula", ("vasopressors",)),
        ),
        (
            replace(FEVER_ALONE, fever=False, hypotension=True),
            GradeRange(ASTCT, 0, 0, "no fever, and no therapy that hides it", ()),
        ),
        (
            replace(FEVER_ALONE, fever=False, therapy_given=True, hypotension=True),
            GradeRange(ASTCT, 2, 2, "hypotension without vasopressor", ()),
        ),
        (
            replace(FEVER_ALONE, fever=False, therapy_given=True),
            GradeRange(ASTCT, 0, 1, "no fever seen after therapy that hides it", ()),
        ),
        (
            replace(FEVER_ALONE, fever=None),
            GradeRange(ASTCT, 0, 1, "fever is not known", ("fever",)),
        ),
        (
            replace(FEVER_ALONE, fever=False, therapy_given=None, hypotension=True),
            GradeRange(
                ASTCT,
                0,
                2,
                "no fever, but therapy that hides it may have been given",
                ("antipyretic or anticytokine therapy",),
            ),
        ),
        (
            replace(ON_CANNULA, is_ruled_out=True, vasopressors=("a", "b")),
            GradeRange(ASTCT, 0, 0, "a clinician ruled CRS out", ()),
        ),
        (
            NOTHING_ENTERED,
            GradeRange(
                ASTCT, 1, 4, "fever", ("blood pressure", "vasopressors", "oxygen device", "SpO2")
            ),
        ),
    ],
)
def test_one_patient(known: GradeInputs, expected: GradeRange) -> None:
    assert astct_grade(known) == expected


@pytest.mark.parametrize(
    ("drugs", "grade"),
    [
        (("vasopressin",), 3),
        (("Vasopressin", "argipressin"), 3),
        (("Norepinephrine", "vasopressin"), 3),
        (("Levophed-k", "noradrenaline", "Norepinephrine"), 3),
        (("Neo-Synephrine", "Phenylephrine"), 3),
        (("adrenaline", "Epinephrine-k"), 3),
        (("adrenaline", "noradrenaline"), 4),
        (("Dopamine", "metaraminol"), 4),
    ],
)
def test_vasopressors_are_counted_by_drug_and_vasopressin_never_makes_several(
    drugs: tuple[str, ...], grade: int
) -> None:
    for hypotension in (True, False, None):
        known = replace(FEVER_ALONE, vasopressors=drugs, hypotension=hypotension)
        assert span(astct_grade(known)) == (grade, grade)


def test_no_laboratory_value_is_an_input() -> None:
    assert [field.name for field in fields(GradeInputs)] == [
        "fever",
        "therapy_given",
        "hypotension",
        "vasopressors",
        "oxygen_device",
        "oxygen_flow_l_min",
        "hypoxia",
        "is_ruled_out",
    ]


@pytest.mark.parametrize(
    ("known", "low", "high", "missing"),
    [
        (FEVER_ALONE, 1, 1, ()),
        (replace(FEVER_ALONE, fever=False), 0, 0, ()),
        (replace(FEVER_ALONE, hypotension=True), 2, 2, ()),
        (replace(FEVER_ALONE, vasopressors=("norepinephrine",)), 3, 3, ()),
        (replace(FEVER_ALONE, vasopressors=("norepinephrine", "vasopressin")), 4, 4, ()),
        (ON_CANNULA, 2, 3, ("oxygen fraction",)),
        (replace(FEVER_ALONE, oxygen_device=OxygenDevice.VENTURI_MASK), 2, 3, ("oxygen fraction",)),
        (replace(FEVER_ALONE, oxygen_device=OxygenDevice.NON_REBREATHER), 3, 3, ()),
        (replace(FEVER_ALONE, oxygen_device=OxygenDevice.CPAP), 2, 4, ("oxygen fraction",)),
        (replace(FEVER_ALONE, oxygen_device=OxygenDevice.VENTILATOR), 4, 4, ()),
        (replace(FEVER_ALONE, is_ruled_out=True), 0, 0, ()),
    ],
)
def test_ctcae_stands_beside_it_under_its_own_name(
    known: GradeInputs, low: int, high: int, missing: tuple[str, ...]
) -> None:
    grade = ctcae_grade(known)
    assert (grade.scale, *span(grade)) == (GradeScale.CTCAE_V5, low, high)
    assert grade.missing == missing


@pytest.mark.untraced
def test_ctcae_never_leaves_0_to_4_and_opens_where_inputs_are_unknown() -> None:
    for known in islice(grade_cases.all_inputs(), 0, None, 5):
        grade = ctcae_grade(known)
        assert 0 <= grade.low <= grade.high <= 4
        assert grade.high == 4 or known.vasopressors is not None or grade.high == 0


@pytest.mark.parametrize(
    ("known", "text"),
    [
        (
            replace(FEVER_ALONE, hypotension=True, vasopressors=None),
            "If CRS: ASTCT grade 2 to 4 (suggestion); infection not excluded. "
            "Enter or measure to narrow it: vasopressors.",
        ),
        (
            replace(FEVER_ALONE, fever=None),
            "If CRS: ASTCT grade 0 to 1 (suggestion); infection not excluded. "
            "Enter or measure to narrow it: fever.",
        ),
        (
            replace(FEVER_ALONE, fever=False),
            "No pattern of CRS (ASTCT, suggestion); infection not excluded.",
        ),
    ],
)
def test_people_read_a_suggestion_that_excludes_no_infection(known: GradeInputs, text: str) -> None:
    assert suggestion(astct_grade(known)) == text


@pytest.mark.parametrize("flow", [-1.0, float("nan"), float("inf")])
def test_a_flow_that_cannot_be_is_refused(flow: float) -> None:
    with pytest.raises(ValueError, match="want 0 or more"):
        replace(ON_CANNULA, oxygen_flow_l_min=flow)


def test_a_vasopressor_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="want a name each"):
        replace(FEVER_ALONE, vasopressors=("norepinephrine", " 1 "))
