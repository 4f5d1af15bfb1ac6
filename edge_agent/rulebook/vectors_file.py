"""Reader of vectors files in TOML; `rules/README.md` describes them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from edge_agent.detect.grid import STEP_S
from edge_agent.detect.language.rule_file import (
    BED_STATE,
    DURATION,
    NUMBER,
    POSITIVE,
    RULE_ID,
    VITAL,
)
from edge_agent.model import toml_table as toml
from edge_agent.model.alerts import AlertState
from edge_agent.model.errors import RuleError
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.model.toml_table import TomlTable, read_toml
from edge_agent.patient.entry_check import check_entry
from edge_agent.rulebook.vectors import (
    CourseMark,
    Doubted,
    Expectation,
    StateSeries,
    Step,
    Vectors,
    VectorSeries,
)


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
    return at_s if at_s is not None and at_s % STEP_S == 0 else None


_ENTRY: Final = toml.member_of(EntryKind)
_WORD: Final = re.compile(r"(-?\d+(?:\.\d+)?\??|_|\.)(?:\*(\d+))?")
_GROUP: Final = re.compile(r"\(([^()]*)\)\*(\d+)")
_MARKS: Final = {"_": CourseMark.NO_VALUE, ".": CourseMark.SILENT}
_COURSE: Final[toml.FieldType[tuple[Step, ...]]] = toml.FieldType(
    'a text such as "37.0*30 38.5 _ . 62? (120 .*59)*8"', _read_course, ()
)
_EVALUATED: Final = toml.FieldType(f"a multiple of {STEP_S:g} s, or 0", _read_evaluated, 0.0)
_STATE: Final = toml.word_of(("none", *(state.value for state in AlertState)))


def parse_vectors(source_name: str, text: str) -> Vectors:
    """Return the course and the expected alert states that a vectors file describes.

    Raises
    ------
    RuleError
        For all mistakes together: each with its key, the value seen and the values allowed.
    """
    return read_toml(text, source_name, lambda file: _vectors(file, source_name), RuleError)


def _vectors(file: TomlTable, source_name: str) -> Vectors:
    series, states = file.table("series", is_required=True), file.table("states")
    return Vectors(
        source_name=source_name,
        rule_id=file.get("rule", RULE_ID),
        step_s=file.get("step_s", POSITIVE),
        series=tuple(_series(series, name) for name in series),
        states=tuple(_state_series(states, name) for name in states),
        entries=tuple(_entry(table, n) for n, table in enumerate(file.tables("entries"))),
        acknowledge_at_s=file.items("acknowledge_at_s", _EVALUATED),
        expect=tuple(
            Expectation(table.get("at_s", _EVALUATED), table.get("state", _STATE))
            for table in file.tables("expect", is_required=True)
        ),
    )


def _series(table: TomlTable, name: str) -> VectorSeries:
    vital, _, site = name.partition("@")
    kind = VITAL.read(vital)
    if kind is None:
        table.wrong(name, f"want a vital, or vital@site; vitals: {VITAL.want}")
    return VectorSeries(kind or VITAL.stand_in, site, table.get(name, _COURSE))


def _entry(table: TomlTable, number: int) -> PatientEntry:
    """Return an entry about the patient; its times may lie before the start of the course."""
    at_s = table.get("at_s", NUMBER)
    end_s = table.find("until_s", NUMBER)
    if end_s is not None and end_s < at_s:
        table.refuse("until_s", f"at least the {at_s:g} s of its begin")
        end_s = None
    entry = PatientEntry(
        entry_id=f"entry-{number}",
        patient_id="vectors",
        kind=table.get("kind", _ENTRY),
        at_utc_ns=round(at_s * 1e9),
        name=table.get("name", toml.TEXT, ""),
        amount=table.find("amount", NUMBER),
        until_utc_ns=None if end_s is None else round(end_s * 1e9),
    )
    if not table.refused("kind"):
        lasts_ns = None if entry.until_utc_ns is None else entry.until_utc_ns - entry.at_utc_ns
        for message in check_entry(replace(entry, at_utc_ns=0, until_utc_ns=lasts_ns)):
            table.wrong("", message)
    return entry


def _state_series(table: TomlTable, name: str) -> StateSeries:
    state = BED_STATE.read(name)
    if state is None:
        table.wrong(name, f"want a state: {BED_STATE.want}")
    return StateSeries(state or BED_STATE.stand_in, table.get(name, _COURSE))
