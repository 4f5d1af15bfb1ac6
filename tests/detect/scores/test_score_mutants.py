"""The checks of scores and grades find planted mistakes: a limit, a comparison, a band."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.support import grade_cases, score_cases

if TYPE_CHECKING:
    from collections.abc import Callable

    Load = Callable[[str], ModuleType]
    Check = Callable[[Load], bool]

DETECT = Path(__file__).resolve().parents[3] / "edge_agent" / "detect" / "scores"
COUNT = 4_000
STEPS = {"systolic": 1, "temperature": 0.1}

BANDS, SCORES, CHILDREN, LIMBS, GRADE = (
    "bands",
    "early_warning",
    "bedside_pews",
    "crs_limbs",
    "crs_grade",
)


def news2_is_wrong(load: Load) -> bool:
    cases = score_cases.adults(COUNT)
    news2 = load(SCORES).news2
    expected = score_cases.news2_by_vitalscore(COUNT)
    between = score_cases.unrounded(cases.seen, STEPS)
    return not all(
        np.array_equal(news2(seen, scale_2=cases.scale_2).total, expected)
        for seen in (cases.seen, between)
    )


def rounding_is_wrong(load: Load) -> bool:
    means, tenths = score_cases.means_of_tenths()
    return not np.array_equal(load(BANDS).round_half_up(means, 10), tenths)


def mews_is_wrong(load: Load) -> bool:
    total = load(SCORES).mews(score_cases.adults(COUNT).seen).total
    return not np.array_equal(total, score_cases.mews_by_open_medicine(COUNT), equal_nan=True)


def qsofa_is_wrong(load: Load) -> bool:
    total = load(SCORES).qsofa(score_cases.adults(COUNT).seen).total
    return not np.array_equal(total, score_cases.qsofa_by_packages(COUNT)[0])


def pews_is_wrong(load: Load) -> bool:
    seen, _ = score_cases.children(COUNT)
    total = load(CHILDREN).bedside_pews(seen).total
    return not np.array_equal(total, score_cases.pews_by_open_medicine(COUNT))


def grade_is_wrong(load: Load) -> bool:
    astct_grade = load(GRADE).astct_grade
    # every fifth: 5 divides no number of choices, so each pair of neighbours is still met
    for known in islice(grade_cases.all_inputs(), 0, None, 5):
        grade = astct_grade(known)
        possible = grade_cases.grades(known)
        if (grade.low, grade.high) != (min(possible), max(possible)):
            return True
    return False


CHECKS = (
    rounding_is_wrong,
    news2_is_wrong,
    mews_is_wrong,
    qsofa_is_wrong,
    pews_is_wrong,
    grade_is_wrong,
)

MUTANTS = [
    # a limit, a comparison, a band, an exchange of tables, and the rounding
    (
        news2_is_wrong,
        SCORES,
        "NEWS2_PULSE = Bands((41, 51, 91,",
        "NEWS2_PULSE = Bands((41, 51, 90,",
    ),
    (news2_is_wrong, SCORES, "Bands((91, 101, 111, 220)", "Bands((90, 101, 111, 220)"),
    (news2_is_wrong, SCORES, "(35.1, 36.1, 38.1, 39.1)", "(35.1, 36.1, 38.0, 39.1)"),
    (
        news2_is_wrong,
        SCORES,
        "88, 93, 95, 97), (3, 2, 1, 0, 1, 2, 3)",
        "88, 93, 95), (3, 2, 1, 0, 1, 2)",
    ),
    (news2_is_wrong, SCORES, "(on_air, on_oxygen)", "(on_oxygen, on_air)"),
    (news2_is_wrong, SCORES, "scale_2, by_target.low", "~scale_2, by_target.low"),
    (news2_is_wrong, BANDS, 'side="right"', 'side="left"'),
    (rounding_is_wrong, BANDS, "_HALF = 0.5 + 1e-9", "_HALF = 0.5"),
    (news2_is_wrong, BANDS, "_HALF = 0.5 + 1e-9", "_HALF = 0.499"),
    (mews_is_wrong, SCORES, "MEWS_PULSE = Bands((40,", "MEWS_PULSE = Bands((41,"),
    (mews_is_wrong, SCORES, "(35.0, 38.5)", "(35.1, 38.5)"),
    (
        mews_is_wrong,
        SCORES,
        "Bands((9, 15, 21, 30), (2, 0, 1, 2, 3))",
        "Bands((9, 21, 30), (2, 0, 2, 3))",
    ),
    (mews_is_wrong, SCORES, "    fixed_points(2),\n", "    fixed_points(1),\n"),
    (mews_is_wrong, SCORES, "fixed_points(0, 1)", "fixed_points(1)"),
    (qsofa_is_wrong, SCORES, "Bands((22,), (0, 1))", "Bands((23,), (0, 1))"),
    (qsofa_is_wrong, SCORES, "Bands((101,), (1, 0))", "Bands((100,), (1, 0))"),
    (
        qsofa_is_wrong,
        SCORES,
        "QSOFA_CONSCIOUSNESS = Bands((Consciousness.CONFUSED,)",
        "QSOFA_CONSCIOUSNESS = Bands((Consciousness.VOICE,)",
    ),
    (pews_is_wrong, CHILDREN, "Bands((51, 61, 71, 110,", "Bands((51, 61, 71, 111,"),
    (pews_is_wrong, CHILDREN, "(0.25, 1.0, 4.0, 12.0)", "(0.25, 1.0, 5.0, 12.0)"),
    (pews_is_wrong, CHILDREN, 'age_years, side="right"', 'age_years, side="left"'),
    (pews_is_wrong, CHILDREN, "Bands((91, 95), (2, 1, 0))", "Bands((91, 96), (2, 1, 0))"),
    (
        pews_is_wrong,
        CHILDREN,
        "fixed_points(2), fixed_points(4))\nOXYGEN",
        "fixed_points(3), fixed_points(4))\nOXYGEN",
    ),
    (pews_is_wrong, CHILDREN, "steps_per_unit=10", "steps_per_unit=1"),
    (grade_is_wrong, LIMBS, "AT_MOST_L_MIN = 6.0", "AT_MOST_L_MIN = 5.0"),
    (grade_is_wrong, LIMBS, "flow > LOW_FLOW_AT_MOST_L_MIN", "flow >= LOW_FLOW_AT_MOST_L_MIN"),
    (grade_is_wrong, LIMBS, "vasopressin_counts=False", "vasopressin_counts=True"),
    (grade_is_wrong, LIMBS, "len(counted) > 1", "len(counted) >= 1"),
    (grade_is_wrong, LIMBS, "else 3\n", "else 2\n"),
    (
        grade_is_wrong,
        LIMBS,
        "OxygenDevice.FACE_MASK: Support.HIGH",
        "OxygenDevice.FACE_MASK: Support.LOW",
    ),
    (grade_is_wrong, LIMBS, "return Limb(seen.low, 4,", "return Limb(seen.low, 3,"),
    (grade_is_wrong, LIMBS, "or support is not Support.LOW_FLOW", "or support"),
    (grade_is_wrong, LIMBS, "else GradeSpan(0, span.high)", "else GradeSpan(0, 0)"),
    (grade_is_wrong, LIMBS, "if flow == 0:", "if flow < 0:"),
    (grade_is_wrong, GRADE, "Span(max(int(known.fever is True), *", "Span(max(1, *"),
    (
        grade_is_wrong,
        GRADE,
        "if known.fever is False and known.therapy_given is False:\n        return GradeSpan(0, 0)",
        "if known.fever is False:\n        return GradeSpan(0, 0)",
    ),
    (grade_is_wrong, GRADE, "high = max(1, *", "high = min(1, *"),
]


def _load(monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> ModuleType:
    """Return a module made of this source, which others import in place of the real one."""
    module = ModuleType(f"edge_agent.detect.scores.{name}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    # a file name in brackets keeps it out of the coverage of the real module
    exec(compile(source, f"<mutant of {name}>", "exec"), module.__dict__)
    return module


def _loader(
    monkeypatch: pytest.MonkeyPatch, mutated: str = "", old: str = "", new: str = ""
) -> Load:
    """Return what loads a module anew, on top of those it needs and with one of them mutated."""

    def load(wanted: str) -> ModuleType:
        below = {SCORES: BANDS, CHILDREN: BANDS, GRADE: LIMBS}
        modules = []
        for name in (*([below[wanted]] if wanted in below else []), wanted):
            source = (DETECT / f"{name}.py").read_text()
            if name == mutated:
                assert source.count(old) == 1, f"{old!r} is {source.count(old)} times in {name}"
                source = source.replace(old, new)
            modules.append(_load(monkeypatch, name, source))
        return modules[-1]

    return load


@pytest.mark.untraced
@pytest.mark.parametrize("is_wrong", CHECKS)
def test_the_real_modules_pass(
    is_wrong: Check,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not is_wrong(_loader(monkeypatch))


@pytest.mark.untraced
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant[1]}: {mutant[3]}"[:60])
def test_a_planted_mistake_is_found(
    mutant: tuple[Check, str, str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_wrong, module, old, new = mutant
    assert is_wrong(_loader(monkeypatch, module, old, new))
