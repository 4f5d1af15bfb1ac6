"""Shifts follow the clock on the wall, also in the nights in which it is changed."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from edge_agent.model.duty import Duty, Person, Shift, WardPlan
from edge_agent.model.local_time import first_ns
from edge_agent.model.shifts import on_duty_at

BERLIN = ZoneInfo("Europe/Berlin")
BED = "bed-01"


def shift(name: str, begins: str, ends: str) -> Shift:
    nurses, buddies = {BED: f"{name}-nurse"}, {f"{name}-nurse": f"{name}-buddy"}
    return Shift(name, time.fromisoformat(begins), time.fromisoformat(ends), nurses, buddies)


def plan(*shifts: Shift) -> WardPlan:
    people = [p for s in shifts for p in (*s.nurses.values(), *s.buddies.values())]
    return WardPlan({name: Person(name, ("pager",)) for name in people}, shifts)


def ns(utc: str) -> int:
    return round(datetime.fromisoformat(f"{utc}+00:00").timestamp()) * 10**9


DAY = plan(shift("early", "06:00", "14:00"), shift("late", "14:00", "22:00"))
THREE = plan(*DAY.shifts, shift("night", "22:00", "06:00"))


@pytest.mark.parametrize(
    ("utc", "name", "ends"),
    [
        ("2026-01-10T04:59:59", "night", "2026-01-10T05:00:00"),
        ("2026-01-10T05:00:00", "early", "2026-01-10T13:00:00"),
        ("2026-01-10T20:59:59", "late", "2026-01-10T21:00:00"),
        ("2026-01-10T21:00:00", "night", "2026-01-11T05:00:00"),
        ("2026-01-10T23:30:00", "night", "2026-01-11T05:00:00"),
        ("2026-07-10T03:59:59", "night", "2026-07-10T04:00:00"),
        # the night in which clocks go back is an hour longer, the other one an hour shorter
        ("2026-10-25T04:59:59", "night", "2026-10-25T05:00:00"),
        ("2026-10-24T20:00:00", "night", "2026-10-25T05:00:00"),
        ("2026-03-28T21:00:00", "night", "2026-03-29T04:00:00"),
    ],
)
def test_a_shift_begins_at_its_time_of_day(utc: str, name: str, ends: str) -> None:
    found = on_duty_at(THREE, BERLIN, ns(utc))
    assert (found.shift_name, found.ends_ns) == (name, ns(ends))


@pytest.mark.parametrize(
    ("utc", "name"),
    [
        ("2026-10-25T00:29:59", "first"),  # 02:29:59, first time
        ("2026-10-25T00:30:00", "second"),  # 02:30, first time
        ("2026-10-25T01:10:00", "second"),  # 02:10, second time: the shift is not called back
        ("2026-10-25T01:30:00", "second"),
        ("2026-03-29T00:59:59", "first"),  # 01:59:59, a second before 03:00
        ("2026-03-29T01:00:00", "second"),  # 03:00: 02:30 was jumped over
    ],
)
def test_a_change_of_shift_in_the_hour_of_the_clocks_happens_once(utc: str, name: str) -> None:
    both = plan(shift("first", "14:00", "02:30"), shift("second", "02:30", "14:00"))
    assert on_duty_at(both, BERLIN, ns(utc)).shift_name == name


def test_of_two_shifts_that_begin_in_a_skipped_hour_the_later_one_works() -> None:
    three = plan(
        shift("a", "14:00", "02:15"), shift("b", "02:15", "02:45"), shift("c", "02:45", "14:00")
    )
    assert on_duty_at(three, BERLIN, ns("2026-03-29T01:00:00")).shift_name == "c"


def test_one_shift_can_last_the_whole_day() -> None:
    always = on_duty_at(plan(shift("all", "07:00", "07:00")), BERLIN, ns("2026-01-10T05:00:00"))
    assert (always.shift_name, always.ends_ns) == ("all", ns("2026-01-10T06:00:00"))


def test_nobody_is_on_duty_without_a_ward_file() -> None:
    nobody = on_duty_at(WardPlan(), BERLIN, ns("2026-01-10T05:00:00"))
    assert (nobody.shift_name, nobody.ends_ns) == ("", None)
    assert {duty: nobody.person(duty, BED) for duty in Duty} == dict.fromkeys(Duty)


def test_the_people_of_a_shift_are_found_by_their_duty() -> None:
    late = on_duty_at(THREE, BERLIN, ns("2026-01-10T14:00:00"))
    found = {duty: late.person(duty, BED) for duty in Duty}
    assert {duty: who and who.person_id for duty, who in found.items()} == {
        Duty.NURSE: "late-nurse",
        Duty.BUDDY: "late-buddy",
        Duty.CHARGE: None,
        Duty.RAPID_RESPONSE: None,
    }
    assert late.person(Duty.NURSE, "bed-02") is None
    assert late.person(Duty.BUDDY, "bed-02") is None


def test_a_local_time_that_is_shown_twice_is_the_first() -> None:
    twice = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    assert first_ns(twice) == ns("2026-10-25T00:30:00")
    assert first_ns(datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN)) == ns("2026-03-29T01:00:00")
