"""Oxygen as people entered it: what is given, and whether that is more than lately."""

from __future__ import annotations

import random

import pytest

from edge_agent.model.patient import OxygenDevice, PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.patient.oxygen_course import RAISED_FOR_NS, oxygen_phases
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

STRENGTH = {device: rank for rank, device in enumerate(OxygenDevice)}


def oxygen(entry_id: str, name: str, at_h: float, until_h: float | None = None) -> PatientEntry:
    amount = None if name == "air" else 2.0
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


def slowly_raised(entries: list[PatientEntry], utc_ns: int) -> bool:
    """Return the same by looking at every moment of six hours, entry by entry."""

    def level(at_ns: int) -> tuple[int, float]:
        running = [
            e
            for e in entries
            if e.at_utc_ns <= at_ns and (e.until_utc_ns is None or at_ns < e.until_utc_ns)
        ]
        if not running:
            return 0, 0.0
        newest = running[-1]
        return STRENGTH[OxygenDevice(newest.name)], newest.amount or 0.0

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
        entries.append(oxygen(str(number), name, at_h, until_h))
    for half in range(60):
        utc_ns = NOW_NS + half * HOUR_NS // 2
        assert raised(entries, half / 2) == slowly_raised(entries, utc_ns), half


def test_of_no_entries_there_is_no_phase() -> None:
    assert oxygen_phases(()) == []
