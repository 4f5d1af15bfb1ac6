"""A bed's problem in one line: bed, urgency, finding, values, grade, since when, and who has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from edge_agent.board.shapes import Words
from edge_agent.model.language import Language
from edge_agent.ward_client.bed_names import bed_labels
from edge_agent.ward_client.problem_lines import open_problems, problem_line
from tests.support.shown_snapshots import bed_of, every_state, later, quiet, reader_of

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownBed, ShownProblem


def line_of(bed: ShownBed, language: Language = Language.EN, **own: object) -> str:
    snapshot = every_state()
    reader = reader_of(snapshot, language)
    assert bed.problem is not None
    problem: ShownProblem = msgspec.structs.replace(bed.problem, **own)
    label = bed_labels([bed.id], reader.say("bed"))[bed.id]
    return problem_line(bed, problem, label, reader)


def test_the_most_urgent_that_nobody_has_comes_first_and_what_is_answered_last() -> None:
    order = [bed.id for bed, _ in open_problems(every_state().beds)]
    assert order == ["bed-02", "bed-03", "bed-07", "bed-05", "bed-04", "bed-06"]
    assert open_problems(quiet().beds) == []


def test_a_line_names_bed_urgency_finding_values_grade_time_and_that_nobody_has_it() -> None:
    bed = bed_of(every_state(), "bed-02")
    line = line_of(bed, called=(), title=Words("Shock", "Schock"))
    assert line == (
        "BED 2  HIGH  Shock  BP 72/42 mmHg, HR 147 /min, SpO2 88 %, T 39.2 °C.  "
        "if CRS: ASTCT grade 2-3  since 2 min  [nobody yet]"
    )


def test_the_same_line_in_german() -> None:
    bed = bed_of(every_state(), "bed-02")
    line = line_of(bed, Language.DE, called=(), title=Words("Shock", "Schock"), course="worse")
    assert line.startswith("BETT 2  HOCH  Schock  ")
    assert line.endswith("falls CRS: ASTCT-Grad 2-3  seit 2 min, schlechter  [noch niemand]")


@pytest.mark.parametrize(
    ("bed_id", "own", "end"),
    [
        ("bed-02", {}, "[nobody yet; called: nurse.okafor, nurse.lang, charge.meyer]"),
        ("bed-02", {"called": (), "state": "answered"}, "[nobody yet]"),
        ("bed-07", {"called": ()}, "[ended, not seen]"),
        ("bed-02", {"called": (), "is_test": True}, "[nobody yet]"),
    ],
)
def test_a_line_ends_with_who_has_it(bed_id: str, own: dict[str, object], end: str) -> None:
    line = line_of(bed_of(every_state(), bed_id), Language.EN, **own)
    assert line.endswith(end)
    assert ("TEST HIGH" in line) == bool(own.get("is_test"))


def test_who_answered_and_when_is_told_in_the_time_of_the_ward() -> None:
    snapshot = every_state()
    bed = bed_of(snapshot, "bed-06")
    assert bed.problem is not None
    assert bed.problem.answered_ms is not None
    time = reader_of(snapshot).clock(bed.problem.answered_ms)
    assert line_of(bed).endswith(f"[nurse.okafor since {time}]")


def test_a_sign_that_waits_beside_an_answered_one_is_told_with_who_has_the_rest() -> None:
    snapshot = every_state()
    bed = bed_of(snapshot, "bed-06")
    assert bed.problem is not None
    assert bed.problem.answered_ms is not None
    time = reader_of(snapshot).clock(bed.problem.answered_ms)
    line = line_of(bed, state="open", called=())
    assert line.endswith(f"[nobody yet; nurse.okafor has the rest since {time}]")


def test_a_pause_of_the_sound_is_told_while_it_lasts() -> None:
    snapshot = every_state()
    reader = reader_of(snapshot)
    bed = bed_of(snapshot, "bed-02")
    assert bed.problem is not None
    until_ms = snapshot.now_ms + 60_000
    problem = msgspec.structs.replace(
        bed.problem, called=(), silenced_until_ms=until_ms, silenced_by="N\x1b7"
    )
    words = f"no sound until {reader.clock(until_ms)}: N\N{REPLACEMENT CHARACTER}7"
    assert words in problem_line(bed, problem, "BED 2", reader)
    assert "no sound" not in problem_line(bed, problem, "BED 2", later(reader, 60_000))


def test_a_problem_of_the_monitoring_is_marked_and_a_grade_of_0_is_not_named() -> None:
    signal = line_of(bed_of(every_state(), "bed-05"))
    assert "MED sig" in signal
    assert "ASTCT grade" not in signal
    bed = bed_of(every_state(), "bed-03")
    assert "if CRS: ASTCT grade 0-1" in line_of(bed)
    assert bed.crs is not None
    certain = msgspec.structs.replace(bed, crs=msgspec.structs.replace(bed.crs, grade=(0, 0)))
    assert "ASTCT grade" not in line_of(certain)
    unknown = msgspec.structs.replace(bed, crs=None)
    assert "ASTCT grade" not in line_of(unknown)


@pytest.mark.parametrize(
    ("passed_ms", "words"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_599_999, "59 min"),
        (3_600_000, "1 h"),
        (47 * 3_600_000, "47 h"),
        (48 * 3_600_000, "2 d"),
        (-5, "0 s"),
    ],
)
def test_a_span_is_told_in_its_largest_whole_unit(passed_ms: int, words: str) -> None:
    reader = reader_of(quiet())
    assert reader.span(reader.now_ms - passed_ms) == words


def test_a_time_of_another_day_carries_its_date() -> None:
    reader = reader_of(quiet())
    assert len(reader.clock(reader.now_ms)) == len("04:26")
    assert len(reader.clock(reader.now_ms - 3 * 86_400_000)) == len("27.11. 04:26")
