"""Scores and risk markers beside the CRS score, as people see them."""

from __future__ import annotations

from itertools import product

import pytest

from edge_agent.detect.engine import Engine
from edge_agent.model.assessment import BedReport
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog
from tests.detect.report.test_assessment import NORMAL, RR, RULES, SYS, watch
from tests.support.detector_inputs import BED, START
from tests.support.patient_entries import an_entry

ALERT = an_entry("alert", "consciousness", "A")
LABS = (
    an_entry("ldh", "lab", "ldh", amount=400.0, unit="U/L", at_h=-3.0),
    an_entry("plt", "lab", "platelets", amount=50.0, unit="10*9/L", at_h=-1.0),
)


def report(*entries: PatientEntry, rate: float = 15.0, systolic: float = 120.0) -> BedReport:
    """Return what is told of a patient two minutes after the start."""
    engine = Engine(RULES, START)
    if entries:
        engine.set_context(BED, ContextLog(entries))
    watch(engine, 120, {**NORMAL, RR: rate, SYS: systolic})
    found = engine.report(BED)
    assert found is not None
    return found


def points(found: BedReport) -> dict[str, tuple[int, int]]:
    return {score.name: (score.points.low, score.points.high) for score in found.scores}


def test_an_adult_has_mews_and_qsofa_as_ranges_over_what_nobody_entered() -> None:
    assert points(report()) == {"mews": (1, 4), "qsofa": (0, 1)}
    assert points(report(ALERT)) == {"mews": (1, 1), "qsofa": (0, 0)}
    # Singer 2016: 22 breaths and a systolic pressure of 100
    assert points(report(ALERT, rate=22.0, systolic=100.0))["qsofa"] == (2, 2)


@pytest.mark.parametrize(
    ("device", "flow", "oxygen"),
    [
        ("air", None, (0, 0)),
        ("nasal cannula", 2.0, (2, 2)),
        ("nasal cannula", 4.0, (4, 4)),
        ("face mask", None, (0, 4)),
        ("non-rebreather", None, (4, 4)),
        (None, None, (0, 4)),
    ],
)
def test_a_child_has_bedside_pews(
    device: str | None, flow: float | None, oxygen: tuple[int, int]
) -> None:
    entries = [an_entry("age", "age", amount=10.0)]
    if device:
        entries.append(an_entry("o2", "oxygen", device, amount=flow))
    found = report(*entries, rate=22.0, systolic=110.0)  # no points at 10 years
    assert found.news2 is None
    # Capillary refill and effort are not entered: up to 4 points each.
    low, high = oxygen
    assert points(found) == {"bedside_pews": (low, high + 8)}


@pytest.mark.parametrize(
    ("creatinine", "crp"),
    list(product(((1.0, "mg/dL"), (88.42, "umol/L")), ((20.0, "mg/dL"), (200.0, "mg/L")))),
)
def test_risk_markers_are_shown_in_one_unit_with_the_age_of_their_oldest_value(
    creatinine: tuple[float, str], crp: tuple[float, str]
) -> None:
    entries = [
        *LABS,
        an_entry("cr", "lab", "creatinine", amount=creatinine[0], unit=creatinine[1]),
        an_entry("crp", "lab", "crp", amount=crp[0], unit=crp[1]),
    ]
    found = report(*entries)
    assert [m.name for m in found.risk_markers] == ["easix", "modified_easix"]
    assert [m.value for m in found.risk_markers] == pytest.approx([8.0, 160.0])
    assert {m.oldest_s for m in found.risk_markers} == {3 * 3600 + 120.0}
    assert found.crs_score == report().crs_score


def test_a_marker_without_all_its_values_or_without_platelets_is_not_shown() -> None:
    assert report(*LABS).risk_markers == ()
    none = an_entry("none", "lab", "platelets", amount=0.0, unit="10*9/L", at_h=-0.5)
    creatinine = an_entry("cr", "lab", "creatinine", amount=1.0, unit="mg/dL")
    assert report(*LABS, none, creatinine).risk_markers == ()


def test_before_the_first_minute_there_are_no_scores() -> None:
    engine = Engine(RULES, START)
    watch(engine, 10, NORMAL)
    found = engine.report(BED)
    assert found is not None
    assert found.scores == ()


def test_grades_by_other_scales_stand_beside_with_their_scale() -> None:
    (ctcae,) = report().other_grades
    assert (ctcae.scale, ctcae.low, ctcae.high) == ("CTCAE v5.0", 0, 4)
    assert ctcae.text.startswith("If CRS: CTCAE grade 0 to 4 (suggestion)")
    asked = an_entry("ice", "ice", amount=8.0, at_h=-2.0)
    _, icans = report(asked).other_grades
    assert (icans.scale, icans.low, icans.high) == ("ASTCT 2019 ICANS", 1, 2)
    assert icans.text == "ICANS grade 1-2 from what was entered (suggestion)."
    assert "consciousness" in icans.missing
    _, icans = report(asked, ALERT).other_grades
    assert (icans.low, icans.high, icans.decided_by) == (1, 1, "ICE")
    assert icans.text.startswith("ICANS grade 1 from")


def test_what_was_seen_on_an_earlier_shift_is_no_grade_of_now() -> None:
    old = an_entry("ice", "ice", amount=2.0, at_h=-13.0)
    assert [grade.scale for grade in report(old).other_grades] == ["CTCAE v5.0"]
