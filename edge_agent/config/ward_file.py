"""The ward file: people, shifts and steps of the calls; all mistakes are reported at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from pathlib import Path
from typing import Final

from edge_agent.config.gateway_file import AgentConfig
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.duty import (
    DEFAULT_STEPS,
    DEFAULT_TIMES,
    CallStep,
    Duty,
    Person,
    ResponseTimes,
    Shift,
    WardPlan,
)
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    NAME,
    FieldType,
    TomlTable,
    member_of,
    number_from,
    read_toml,
    shown,
    whole_from,
)

_DAY_MIN: Final = 24 * 60
_LONGEST_WAIT_S: Final = 86_400.0
_FIRST_HIGH_S: Final = 60.0
"""Latest first call for HIGH, seconds: a first hop of 20 to 60 s is usual (Hoffmann 2018, 26 beds:
20 s); design start value, unvalidated."""
_REMINDER_S: Final = 30.0
"""Shortest time between reminders, so that they do not bury other alerts; design start value,
unvalidated."""
_MUST_CALL: Final = (AlertPriority.HIGH, AlertPriority.MEDIUM)
_PERSON: Final = "the id of one of the people"
_NAMES: Final = {priority: priority.name.lower() for priority in reversed(AlertPriority)}


def _read_time(seen: object) -> time | None:
    if isinstance(seen, str):
        try:
            seen = time.fromisoformat(seen)
        except ValueError:
            return None
    if not isinstance(seen, time) or seen.tzinfo or seen.second or seen.microsecond:
        return None
    return seen


_TIME: Final = FieldType("a time of day in whole minutes, such as 07:30", _read_time, time())


@dataclass(frozen=True, slots=True)
class WardScope:
    """Names that a ward file may use."""

    beds: Collection[str]
    """Beds of the gateway."""
    ways: Collection[str]
    """Ways out of the gateway."""


def scope_of(config: AgentConfig) -> WardScope:
    """Return the names that the ward file of a gateway may use."""
    ways = tuple(way.name for way in config.ways)
    return WardScope(tuple(bed.id for bed in config.beds), ways)


def load_ward_plan(path: Path, scope: WardScope) -> WardPlan:
    """Return the plan in a ward file.

    Raises
    ------
    ConfigError
        For all mistakes of the file together: key, value seen and values allowed.
    """
    return parse_ward_plan(read_text(path), str(path), scope)


def parse_ward_plan(text: str, source: str, scope: WardScope) -> WardPlan:
    """Return the plan in a text.

    Raises
    ------
    ConfigError
        For all mistakes of the text together: key, value seen and values allowed.
    """
    return read_toml(text, source, lambda top: _read_plan(top, scope))


def _read_plan(top: TomlTable, scope: WardScope) -> WardPlan:
    people = _read_people(top, scope.ways)
    return WardPlan(
        people,
        _read_shifts(top, people, scope.beds),
        _read_steps(top.table("steps")),
        _read_times(top.table("times")),
        top.get("answers_for_high", whole_from(1, 2), 1),
    )


def _read_people(top: TomlTable, ways: Collection[str]) -> dict[str, Person]:
    known = _one_of(ways, "a way out in gateway.toml")
    people: dict[str, Person] = {}
    for table in top.tables("people", is_required=True):
        names = table.some("ways", known)
        person_id = table.get("id", NAME)
        if person_id in people and not table.refused("id"):
            table.refuse("id", "another id: each person has their own")
        people[person_id] = Person(person_id, tuple(dict.fromkeys(names)))
    return people


def _one_of(names: Collection[str], what: str) -> FieldType[str]:
    """Return the type of texts that are one of some names, of which there may be none."""
    want = f"{what}: {', '.join(sorted(names))}" if names else f"{what}, where there is none"
    return FieldType(
        want, lambda seen: seen if isinstance(seen, str) and seen in names else None, ""
    )


def _read_shifts(
    top: TomlTable, people: Mapping[str, Person], beds: Collection[str]
) -> tuple[Shift, ...]:
    tables = top.tables("shifts", is_required=True)
    shifts = [_read_shift(table, people, beds) for table in tables]
    names = Counter(shift.name for shift in shifts)
    for table, shift in zip(tables, shifts, strict=True):
        if names[shift.name] > 1 and not table.refused("name"):
            table.refuse("name", "another name: each shift has its own")
    if not any(table.refused("begins", "ends") for table in tables):
        _check_day(tables, shifts)
    return tuple(shifts)


def _read_shift(table: TomlTable, people: Mapping[str, Person], beds: Collection[str]) -> Shift:
    person = _one_of(people.keys() - {""}, _PERSON)
    nurses = _read_names(table.table("nurses"), beds, "a bed in gateway.toml", person)
    buddies_table = table.table("buddies")
    buddies = _read_names(buddies_table, people.keys() - {""}, _PERSON, person)
    for nurse, buddy in buddies.items():
        if nurse == buddy:
            buddies_table.refuse(nurse, "somebody else: nobody stands in for themselves")
    charge = table.find("charge", person) or ""
    free = [bed for bed in beds if bed not in nurses]
    if free and not charge and not table.refused():
        message = f"missing; want somebody in charge, or a nurse for {', '.join(sorted(free))}"
        table.wrong("charge", message)
    rapid_response = table.find("rapid_response", person) or ""
    return Shift(
        table.get("name", NAME),
        table.get("begins", _TIME),
        table.get("ends", _TIME),
        nurses,
        buddies,
        charge,
        rapid_response,
    )


def _read_names(
    table: TomlTable, keys: Collection[str], what: str, person: FieldType[str]
) -> dict[str, str]:
    """Return a table of people by bed or by person."""
    found = {}
    for key in table:
        found[key] = table.get(key, person)
        if key not in keys:
            table.wrong(key, f"is not {_one_of(keys, what).want}")
    return found


def _check_day(tables: Sequence[TomlTable], shifts: Sequence[Shift]) -> None:
    """Check that the shifts cover each minute of the day once."""
    listed = sorted(zip(shifts, tables, strict=True), key=lambda pair: pair[0].begins)
    for (shift, table), (following, _) in pairwise([*listed, *listed[:1]]):
        length_min = (_minutes(shift.ends) - _minutes(shift.begins)) % _DAY_MIN or _DAY_MIN
        until_next_min = (_minutes(following.begins) - _minutes(shift.begins)) % _DAY_MIN
        is_alone = len(listed) == 1
        if length_min != (_DAY_MIN if is_alone else until_next_min):
            fault = "overlap" if length_min > until_next_min and not is_alone else "leave a hole"
            begins = f"{following.begins:%H:%M}, when {shown(following.name)} begins"
            table.refuse("ends", f"{begins}: shifts may not {fault}")


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _read_steps(table: TomlTable) -> Mapping[AlertPriority, tuple[CallStep, ...]]:
    return {
        priority: _read_steps_of(table, priority) if name in table else DEFAULT_STEPS[priority]
        for priority, name in _NAMES.items()
    }


def _read_steps_of(table: TomlTable, priority: AlertPriority) -> tuple[CallStep, ...]:
    name = _NAMES[priority]
    steps: list[CallStep] = []
    for step in table.tables(name, is_required=priority in _MUST_CALL):
        is_first_high = priority is AlertPriority.HIGH and not steps
        earliest_s = steps[-1].after_s if steps else 0.0
        latest_s = _FIRST_HIGH_S if is_first_high else _LONGEST_WAIT_S
        after_s = step.get("after_s", number_from(earliest_s, latest_s))
        steps.append(CallStep(after_s, step.get("duty", member_of(Duty))))
    return tuple(steps)


def _read_times(table: TomlTable) -> Mapping[AlertPriority, ResponseTimes]:
    return {
        priority: _read_times_of(table.table(name), DEFAULT_TIMES[priority])
        for priority, name in _NAMES.items()
    }


def _read_times_of(table: TomlTable, usual: ResponseTimes) -> ResponseTimes:
    """Return the times of a priority; a silence may be shorter than usual, never longer."""
    return ResponseTimes(
        reminder_s=table.get(
            "reminder_s", number_from(_REMINDER_S, usual.answer_s), usual.reminder_s
        ),
        answer_s=table.get("answer_s", number_from(_REMINDER_S, _LONGEST_WAIT_S), usual.answer_s),
        silence_s=table.get(
            "silence_s", number_from(0, usual.silence_s, is_open=True), usual.silence_s
        ),
    )
