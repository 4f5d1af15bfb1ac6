"""A wrong ward file lists every mistake at once; a right one is a plan."""

from __future__ import annotations

import re
from datetime import time

import pytest

from edge_agent.commands.example_ward import EXAMPLE_WARD
from edge_agent.config.ward_file import WardScope, load_ward_plan, parse_ward_plan
from edge_agent.config.ward_warnings import plan_warnings
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.duty import (
    DEFAULT_STEPS,
    DEFAULT_TIMES,
    CallStep,
    Duty,
    Person,
    ResponseTimes,
    Shift,
)
from edge_agent.model.errors import ConfigError

SCOPE = WardScope(("bed-01", "bed-02"), ("pager", "phone"))
PEOPLE = """
[[people]]
id = "N1"
ways = ["pager"]
[[people]]
id = "N2"
ways = ["pager", "phone", "pager"]
"""
SHIFTS = """
[[shifts]]
name = "day"
begins = "07:00"
ends = 19:00:00
charge = "N2"
[shifts.nurses]
bed-01 = "N1"
[shifts.buddies]
N1 = "N2"
[[shifts]]
name = "night"
begins = "19:00"
ends = "07:00"
rapid_response = "N1"
[shifts.nurses]
bed-01 = "N2"
bed-02 = "N2"
"""


def mistakes_of(text: str, scope: WardScope = SCOPE) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse_ward_plan(text, "ward.toml", scope)
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_a_small_file_has_the_usual_steps_and_times() -> None:
    plan = parse_ward_plan(PEOPLE + SHIFTS, "ward.toml", SCOPE)
    assert plan.people == {"N1": Person("N1", ("pager",)), "N2": Person("N2", ("pager", "phone"))}
    day, night = plan.shifts
    assert day == Shift("day", time(7), time(19), {"bed-01": "N1"}, {"N1": "N2"}, "N2", "")
    assert (night.nurses, night.rapid_response) == ({"bed-01": "N2", "bed-02": "N2"}, "N1")
    assert (plan.steps, plan.times) == (dict(DEFAULT_STEPS), dict(DEFAULT_TIMES))
    assert plan.answers_for_high == 1


def test_the_printed_example_is_a_right_ward_file() -> None:
    scope = WardScope(("bed-01",), ("handset",))
    plan = parse_ward_plan(EXAMPLE_WARD, "example", scope)
    assert [shift.name for shift in plan.shifts] == ["day", "night"]
    assert plan_warnings(plan, scope.beds) == ["shift night: nobody stands in for N15"]
    lines = [line.removeprefix("# ") for line in EXAMPLE_WARD.splitlines()]
    start = lines.index("[steps]")
    whole = parse_ward_plan(EXAMPLE_WARD + "\n".join(lines[start:]), "example", scope)
    assert (whole.steps, whole.times) == (plan.steps, plan.times)


def test_a_ward_sets_its_own_steps_and_times() -> None:
    own = """
    answers_for_high = 2
    [steps]
    high = [{ after_s = 20, duty = "nurse" }, { after_s = 20, duty = "charge" }]
    low = [{ after_s = 1800, duty = "nurse" }]
    [times.high]
    silence_s = 60
    """
    plan = parse_ward_plan(own + PEOPLE + SHIFTS, "ward.toml", SCOPE)
    assert plan.answers_for_high == 2
    assert plan.steps == {
        AlertPriority.HIGH: (CallStep(20, Duty.NURSE), CallStep(20, Duty.CHARGE)),
        AlertPriority.MEDIUM: DEFAULT_STEPS[AlertPriority.MEDIUM],
        AlertPriority.LOW: (CallStep(1800, Duty.NURSE),),
    }
    assert plan.times[AlertPriority.HIGH] == ResponseTimes(300, 1800, 60)


@pytest.mark.parametrize("priority", ["high", "medium", "low"])
def test_no_ward_is_silent_longer_than_usual(priority: str) -> None:
    longest_s = DEFAULT_TIMES[AlertPriority[priority.upper()]].silence_s
    text = f"[times.{priority}]\nsilence_s = {{}}\n" + PEOPLE + SHIFTS
    parse_ward_plan(text.format(longest_s), "ward.toml", SCOPE)
    found = mistakes_of(text.format(longest_s + 1))
    key = f"times.{priority}.silence_s"
    assert found == {key: f"{longest_s + 1}; want a number above 0 to {longest_s}"}


@pytest.mark.parametrize("priority", ["high", "medium"])
def test_a_ward_must_call_somebody_for_what_is_high_or_medium(priority: str) -> None:
    assert f"steps.{priority}" in mistakes_of(f"[steps]\n{priority} = []\n" + PEOPLE + SHIFTS)
    parse_ward_plan("[steps]\nlow = []\n" + PEOPLE + SHIFTS, "ward.toml", SCOPE)


def test_steps_go_forward_and_the_first_of_high_is_soon() -> None:
    steps = '[steps]\nhigh = [{ after_s = 61, duty = "nurse" }, { after_s = 50, duty = "buddy" }]\n'
    found = mistakes_of(steps + PEOPLE + SHIFTS)
    assert found == {"steps.high[0].after_s": "61; want a number from 0 to 60"}
    back = steps.replace("61", "60")
    assert mistakes_of(back + PEOPLE + SHIFTS) == {
        "steps.high[1].after_s": "50; want a number from 60 to 86400"
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('ends = "07:00"', 'ends = "06:30"'), "'06:30'; want 07:00, when 'day' begins: .* a hole"),
        (('ends = "07:00"', 'ends = "07:30"'), "'07:30'; want 07:00, .* may not overlap"),
        (('begins = "19:00"', 'begins = "07:00"'), "19:00:00; want 07:00, .* may not overlap"),
    ],
)
def test_shifts_cover_each_minute_of_the_day_once(change: tuple[str, str], words: str) -> None:
    found = mistakes_of(PEOPLE + SHIFTS.replace(*change))
    assert any(re.search(words, message) for message in found.values()), found


@pytest.mark.parametrize("begins", ["00:00", "07:30"])
def test_one_shift_lasts_the_whole_day_or_is_refused(begins: str) -> None:
    day = SHIFTS.partition('[[shifts]]\nname = "night"')[0]
    whole = day.replace('"07:00"', f'"{begins}"').replace("19:00:00", f'"{begins}"')
    (shift,) = parse_ward_plan(PEOPLE + whole, "ward.toml", SCOPE).shifts
    assert shift.begins == shift.ends
    found = mistakes_of(PEOPLE + day)
    assert found == {
        "shifts[0].ends": "19:00:00; want 07:00, when 'day' begins: shifts may not leave a hole"
    }


def test_a_bed_that_is_nobodys_is_named() -> None:
    found = mistakes_of(PEOPLE + SHIFTS.replace('charge = "N2"', ""))
    assert found == {"shifts[0].charge": "missing; want somebody in charge, or a nurse for bed-02"}


def test_names_that_the_gateway_does_not_know_are_refused() -> None:
    nowhere = WardScope(("bed-07",), ())
    found = mistakes_of(PEOPLE + SHIFTS, nowhere)
    want = "want a way out in gateway.toml, where there is none"
    assert found["people[0].ways[0]"] == f"'pager'; {want}"
    assert found["shifts[0].nurses.bed-01"] == "is not a bed in gateway.toml: bed-07"


def test_a_file_without_people_says_so_at_each_name() -> None:
    found = mistakes_of(SHIFTS)
    assert found["people"] == "missing; want a list of tables [[people]]"
    assert (
        found["shifts[0].charge"] == "'N2'; want the id of one of the people, where there is none"
    )


def test_the_names_of_shifts_differ() -> None:
    found = mistakes_of(PEOPLE + SHIFTS.replace('"night"', '"day"'))
    assert set(found.values()) == {"'day'; want another name: each shift has its own"}


def test_a_file_that_is_not_there_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_ward_plan(tmp_path_factory.mktemp("ward") / "ward.toml", SCOPE)


def test_what_is_probably_not_intended_is_said() -> None:
    extra = '[[people]]\nid = "N3"\nways = ["phone"]\n'
    plan = parse_ward_plan(PEOPLE + extra + SHIFTS, "ward.toml", SCOPE)
    assert plan_warnings(plan, SCOPE.beds) == [
        "shift day: no nurse for bed-02; calls go straight to N2",
        "shift day: no doctor and no rapid response team",
        "shift night: nobody stands in for N2",
        "shift night: nobody is in charge",
        "people: N3 is in no shift",
    ]
