"""Oxygen as people entered it: what is given, and whether that is more than lately."""

from __future__ import annotations

import math
import random

import pytest

from edge_agent.model.patient import OxygenDevice, PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.patient.oxygen_course import RAISED_FOR_NS, oxygen_phases
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

STRENGTH = {device: rank for rank, device in enumerate(OxygenDevice)}


def oxygen(
    entry_id: str,
    name: str,
    at_h: float,
    until_h: float | None = None,
    flow: float | None = 2.0,
) -> PatientEntry:
    amount = None if name == "air" else flow
    return an_entry(entry_id, "oxygen", name, amount=amount, at_h=at_h, until_h=until_h)


def raised(entries: list[PatientEntry], at_h: float) -> bool:
    until_ns = ContextLog(entries).at(NOW_NS + round(at_h * HOUR_NS)).oxygen_raised_until_utc_ns
    return until_ns is not None and NOW_NS + round(at_h * HOUR_NS) < until_ns


def test_oxygen_that_is_needed_again_is_raised_however_it_ended() -> None:
    first, again = oxygen("a", "nasal cannula", 0, 1), oxygen("b", "nasal cannula", 10)
    by_air = [oxygen("a", "nasal cannula", 0), oxygen("n", "air", 1), again]
    for entries in ([first, again], by_air):
        assert [raised(entries, h) for h in (0.5, 3, 9.5, 10, 15.9, 16)] == [
            True,
            False,
            False,
            True,
            True,
            False,
        ]


def test_a_device_beside_one_that_runs_is_raised_and_its_end_is_not() -> None:
    entries = [oxygen("a", "nasal cannula", 0), oxygen("b", "face mask", 10, 12)]
    assert [raised(entries, h) for h in (9, 10, 11.9, 12, 13)] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("flows", "is_raised"),
    [
        ((None, 2.0), False),
        ((None, None), False),
        ((4.0, None, 2.0), False),
        ((4.0, None, 4.0), False),
        ((4.0, None, 5.0), True),
        ((4.0, 2.0, None), False),
    ],
)
def test_a_flow_that_was_not_entered_is_not_zero(
    flows: tuple[float | None, ...], *, is_raised: bool
) -> None:
    entries = [oxygen(str(n), "nasal cannula", 10.0 * n, flow=flow) for n, flow in enumerate(flows)]
    assert raised(entries, 10.0 * len(flows) - 9) is is_raised


def slowly_raised(entries: list[PatientEntry], utc_ns: int) -> bool:
    """Return the same by looking at every moment of six hours, entry by entry."""
    changes = {e.at_utc_ns for e in entries} | {e.until_utc_ns or 0 for e in entries}

    def level(at_ns: int) -> tuple[int, float]:
        flows, found = {"air": 0.0}, (0, 0.0)
        for moment in sorted(ns for ns in changes | {at_ns} if ns <= at_ns):
            running = [
                e
                for e in entries
                if e.at_utc_ns <= moment and (e.until_utc_ns is None or moment < e.until_utc_ns)
            ]
            name = running[-1].name if running else "air"
            if running and running[-1].amount is not None:
                flows[name] = running[-1].amount
            found = STRENGTH[OxygenDevice(name)], flows.get(name, math.inf)
        return found

    moments = {e.at_utc_ns - 1 for e in entries} | {
        e.until_utc_ns - 1 for e in entries if e.until_utc_ns is not None
    }
    begin_ns = utc_ns - RAISED_FOR_NS + 1
    seen = [level(ns) for ns in moments | {begin_ns} if begin_ns <= ns <= utc_ns]
    return any(one < level(utc_ns) for one in seen)


@pytest.mark.parametrize("seed", range(40))
def test_phases_agree_with_a_slow_look(seed: int) -> None:
    draw = random.Random(seed)
    entries = []
    for number in range(draw.randint(1, 8)):
        at_h = float(number * 2)
        name = draw.choice(["air", "nasal cannula", "face mask", "cpap"])
        until_h = at_h + draw.choice([1, 3, 9]) if draw.random() < 0.5 else None
        flow = draw.choice([None, 2.0, 4.0])
        entries.append(oxygen(str(number), name, at_h, until_h, flow))
    for half in range(60):
        utc_ns = NOW_NS + half * HOUR_NS // 2
        assert raised(entries, half / 2) == slowly_raised(entries, utc_ns), half


def test_of_no_entries_there_is_no_phase() -> None:
    assert oxygen_phases(()) == []
