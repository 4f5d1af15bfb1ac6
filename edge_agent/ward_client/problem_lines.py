"""The problems of a ward for a terminal: one line for each bed with something open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from edge_agent.board.shapes import ShownBed, ShownProblem
from edge_agent.ward_client.bed_names import by_number, plain
from edge_agent.ward_client.reader import Reader

_URGENCY: Final = {"high": 0, "medium": 1, "low": 2}
_OPEN_FIRST: Final = {"open": 0, "latched": 1, "answered": 2}


def open_problems(beds: Iterable[ShownBed]) -> list[tuple[ShownBed, ShownProblem]]:
    """Return the beds with an open problem, the most urgent first: what nobody took over leads."""
    found = [(bed, bed.problem) for bed in beds if bed.problem is not None]
    return sorted(found, key=lambda pair: _concern(*pair))


def _concern(bed: ShownBed, problem: ShownProblem) -> tuple[object, ...]:
    """Return the key that sorts problems by the concern that they deserve."""
    return (
        _OPEN_FIRST[problem.state] == 2,
        _URGENCY[problem.priority],
        problem.kind == "technical",
        _OPEN_FIRST[problem.state],
        problem.since_ms,
        by_number(bed.id),
    )


def problem_line(bed: ShownBed, problem: ShownProblem, label: str, reader: Reader) -> str:
    """Return one problem as one line: bed, urgency, finding, values, grade, since when, who."""
    parts = [
        f"{label}  {urgency(problem, reader)}  {reader.words(problem.title)}",
        reader.words(problem.sentence),
        _grade(bed, reader) if problem.kind == "physiological" else "",
        _course(problem, reader),
        f"[{who(problem, reader)}]",
    ]
    return "  ".join(part for part in parts if part)


def urgency(problem: ShownProblem, reader: Reader) -> str:
    """Return the priority in a word; a problem with the monitoring and a test are marked."""
    word = reader.say(problem.priority)
    if problem.is_test:
        return f"{reader.say('test')} {word}"
    return f"{word} {reader.say('signal')}" if problem.kind == "technical" else word


def who(problem: ShownProblem, reader: Reader) -> str:
    """Return who has taken a problem over; who was called, where nobody has."""
    at_ms = problem.answered_ms or problem.since_ms
    answer = {"by": plain(problem.answered_by), "time": reader.clock(at_ms)}
    if answer["by"] and problem.state == "answered":
        return reader.say("answered", **answer)
    words = [reader.say("ended" if problem.state == "latched" else "nobody")]
    if answer["by"]:
        words.append(reader.say("answered_rest", **answer))
    called = [plain(one.person) for one in problem.called if one.person]
    if called:
        words.append(reader.say("called", people=", ".join(called)))
    until_ms = problem.silenced_until_ms
    if until_ms is not None and until_ms > reader.now_ms:
        by = plain(problem.silenced_by)
        words.append(reader.say("silenced", time=reader.clock(until_ms), by=by))
    return "; ".join(words)


def _grade(bed: ShownBed, reader: Reader) -> str:
    """Return the suggested CRS grade; empty where it is 0 for certain, or not known."""
    if bed.crs is None or bed.crs.grade[1] == 0:
        return ""
    low, high = bed.crs.grade
    return reader.say("grade", grade=f"{low}" if low == high else f"{low}-{high}")


def _course(problem: ShownProblem, reader: Reader) -> str:
    words = [reader.say("since", span=reader.span(problem.since_ms))]
    if problem.course is not None:
        words.append(reader.say(problem.course))
    return ", ".join(words)
