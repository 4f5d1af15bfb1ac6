"""Reader of vectors files in TOML; `rules/README.md` describes them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.detect.grid import EVALUATE_EVERY_S
from edge_agent.detect.language import toml_table as toml
from edge_agent.detect.language.rule_file import (
    BED_STATE,
    DURATION,
    NUMBER,
    POSITIVE,
    RULE_ID,
    SENTENCE,
    VITAL,
)
from edge_agent.detect.language.toml_table import TomlTable, read_toml
from edge_agent.model.alerts import AlertState
from edge_agent.model.errors import RuleError
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.entry_check import check_entry
from edge_agent.rulebook.vectors import (
    CourseMark,
    Doubted,
    Expectation,
    StateSeries,
    Vectors,
    VectorSeries,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.model.errors import Mistake
    from edge_agent.rulebook.vectors import Step


def _read_course(seen: object) -> tuple[Step, ...] | None:
    """Return the steps of a course, with repetitions written out; None for an unknown word."""
    if not isinstance(seen, str):
        return None
    steps: list[Step] = []
    for word in _GROUP.sub(_repeated, seen).split():
        found = _WORD.fullmatch(word)
        if found is None:
            return None
        value, times = found.groups()
        steps += [_read_step(value)] * int(times or 1)
    return tuple(steps)


def _read_step(word: str) -> Step:
    if word in _MARKS:
        return _MARKS[word]
    return Doubted(float(word[:-1])) if word.endswith("?") else float(word)


def _repeated(group: re.Match[str]) -> str:
    return f" {group[1]}" * int(group[2])


def _read_evaluated(seen: object) -> float | None:
    at_s = DURATION.read(seen)
    return at_s if at_s is not None and at_s % EVALUATE_EVERY_S == 0 else None


_ENTRY: Final = toml.one_of({kind.value: kind for kind in EntryKind})
_WORD: Final = re.compile(r"(-?\d+(?:\.\d+)?\??|_|\.)(?:\*(\d+))?")
_GROUP: Final = re.compile(r"\(([^()]*)\)\*(\d+)")
_MARKS: Final = {"_": CourseMark.NO_VALUE, ".": CourseMark.SILENT}
_COURSE: Final[toml.FieldType[tuple[Step, ...]]] = toml.FieldType(
    'a text such as "37.0*30 38.5 _ . 62? (120 .*59)*8"', _read_course, ()
)
_EVALUATED: Final = toml.FieldType(
    f"a multiple of {EVALUATE_EVERY_S:g} s, >= 0", _read_evaluated, 0.0
)
_STATE: Final = toml.one_of({"none": "none"} | {state.value: state.value for state in AlertState})


def parse_vectors(source_name: str, text: str) -> Vectors:
    """Return the course and the expected alert states that a vectors file describes.

    Raises
    ------
    RuleError
        For all mistakes together: each with its key, the value seen and the values allowed.
    """
    mistakes: list[Mistake] = []
    file = TomlTable(source_name, "", read_toml(source_name, text), mistakes)
    series = file.table("series")
    states = file.table("states") if "states" in file else TomlTable(source_name, "", {}, mistakes)
    vectors = Vectors(
        source_name=source_name,
        rule_id=file.take("rule", RULE_ID),
        step_s=file.take("step_s", POSITIVE),
        series=tuple(_series(series, name) for name in series),
        states=tuple(_state_series(states, name) for name in states),
        entries=_entries(file),
        acknowledge_at_s=file.take("acknowledge_at_s", toml.list_of(_EVALUATED), ()),
        expect=tuple(
            Expectation(table.take("at_s", _EVALUATED), table.take("state", _STATE))
            for table in _checked(file.tables("expect"))
        ),
    )
    file.reject_unknown()
    if mistakes:
        raise RuleError(tuple(mistakes))
    return vectors


def _series(table: TomlTable, name: str) -> VectorSeries:
    vital, _, site = name.partition("@")
    kind = VITAL.read(vital)
    if kind is None:
        table.wrong(name, f"want a vital, or vital@site; vitals: {VITAL.want}")
    return VectorSeries(kind or VITAL.stand_in, site, table.take(name, _COURSE))


def _entries(file: TomlTable) -> tuple[PatientEntry, ...]:
    tables = file.tables("entries") if "entries" in file else []
    return tuple(_entry(table, number) for number, table in enumerate(_checked(tables)))


def _entry(table: TomlTable, number: int) -> PatientEntry:
    """Return an entry about the patient; its times may lie before the start of the course."""
    at_s = table.take("at_s", NUMBER)
    end_s = table.take("until_s", NUMBER) if "until_s" in table else None
    if end_s is not None and end_s < at_s:
        table.wrong("until_s", f"{end_s:g}; want at least the {at_s:g} s of its begin")
        end_s = None
    entry = PatientEntry(
        entry_id=f"entry-{number}",
        patient_id="vectors",
        kind=table.take("kind", _ENTRY),
        at_utc_ns=round(at_s * 1e9),
        name=table.take("name", SENTENCE) if "name" in table else "",
        amount=table.take("amount", NUMBER) if "amount" in table else None,
        until_utc_ns=None if end_s is None else round(end_s * 1e9),
    )
    if not table.refused("kind"):
        for message in check_entry(replace(entry, at_utc_ns=0, until_utc_ns=None)):
            table.wrong("", message)
    return entry


def _state_series(table: TomlTable, name: str) -> StateSeries:
    state = BED_STATE.read(name)
    if state is None:
        table.wrong(name, f"want a state: {BED_STATE.want}")
    return StateSeries(state or BED_STATE.stand_in, table.take(name, _COURSE))


def _checked(tables: list[TomlTable]) -> Iterator[TomlTable]:
    for table in tables:
        yield table
        table.reject_unknown()
