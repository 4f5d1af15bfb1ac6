"""Figures over wards and physiologies: the worst ward decides, and too few say nothing."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.evaluate.cohort.spread import places_of, target_rows
from edge_agent.evaluate.estimates.figure import Verdict
from edge_agent.evaluate.stays.stay import OURS, Place, StayOutcome
from simulators.cohorts.cohort import PhysiologyName
from tests.support.made_stays import NO_COUNTS, found, stay

CURVES, SETPOINT = PhysiologyName.CURVES, PhysiologyName.SETPOINT


def there(
    ward: str, high: int, patients: int = 8, physiology: PhysiologyName = CURVES
) -> list[StayOutcome]:
    """Return patients of one place, each with so many high alerts in two days."""
    counts = replace(NO_COUNTS, high=high, evaluated=high, right=high)
    place = Place(ward, physiology)
    return [replace(stay(n, [found(11)], counts=counts), place=place) for n in range(patients)]


def test_the_worst_ward_of_each_physiology_is_named() -> None:
    stays = [*there("a", 1), *there("b", 3), *there("c", 0), *there("a", 0, physiology=SETPOINT)]
    places = places_of(stays)
    assert [str(result.place) for result in places] == [
        "a, curves",
        "b, curves",
        "c, curves",
        "a, setpoint",
    ]
    assert [result.patients for result in places] == [8, 8, 8, 8]
    row = next(r for r in target_rows(stays, places) if r.key == "high_per_patient_day")
    curves, setpoint = row.spreads
    assert curves.worst is not None
    assert curves.worst.place.ward == "b"
    assert curves.worst.figure(row.key).value == 1.5
    assert curves.median == 0.5
    assert curves.together.value == (8 + 24) / 48
    assert (curves.verdict, setpoint.verdict) == (Verdict.MISSED, Verdict.MET)
    assert row.verdict is Verdict.MISSED
    assert curves.why == "most often reported: none"
    assert setpoint.why == ""


def test_a_ward_with_too_few_or_nothing_to_count_leaves_the_target_open() -> None:
    stays = [*there("a", 0), *there("b", 0, patients=3)]
    rows = {row.key: row for row in target_rows(stays, places_of(stays))}
    assert rows["high_per_patient_day"].verdict is Verdict.TOO_FEW
    assert rows["crs_sensitivity"].verdict is Verdict.TOO_FEW  # all of 11, which 98 % may be too
    nothing = rows["ppv"]
    assert (nothing.verdict, nothing.spreads[0].worst) == (Verdict.TOO_FEW, None)
    assert nothing.spreads[0].median is None


def test_a_low_share_is_the_worst_one() -> None:
    missed = [replace(one, methods=stay(0, [found(None)]).methods) for one in there("b", 0)]
    row = target_rows([*there("a", 0), *missed], places_of([*there("a", 0), *missed]))[0]
    assert row.key == "crs_sensitivity"
    assert row.spreads[0].worst is not None
    assert row.spreads[0].worst.place.ward == "b"
    assert OURS in missed[0].methods
    assert row.spreads[0].why.startswith("8 missed")
