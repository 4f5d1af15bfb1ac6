"""Line ends inside rows and texts, which never give another value."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import Validity
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, HR, PERCENT, SPO2, obx
from tests.drivers.hl7_oru.test_careless_senders import (
    ALL,
    HEART,
    HEAT,
    LINES,
    OXYGEN,
    Heard,
    framed,
)


@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
@pytest.mark.parametrize("text", ["left hand now", "now: left", "", "x" * 300, "^~&", "näher"])
def test_a_line_end_inside_a_text_costs_nothing(text: str, line_end: str) -> None:
    note = f"NTE|1||probe changed{line_end}{text}"
    heard = Heard(framed([*LINES[:5], note, *LINES[5:]]))
    assert (heard.values, heard.answers, heard.reasons) == ([ALL], ["AA"], [])


def test_a_line_end_inside_a_long_text_with_separators_costs_nothing() -> None:
    note = "NTE|1||probe | finger\nnow | left | hand"
    heard = Heard(framed([*LINES[:5], note, *LINES[5:]]))
    assert (heard.values, heard.answers) == ([ALL], ["AA"])


def test_an_escaped_line_end_is_part_of_the_text() -> None:
    note = r"NTE|1||a\X0D0A\b\.br\c"
    assert Heard(framed([*LINES[:5], note, *LINES[5:]])).values == [ALL]


@pytest.mark.parametrize("cut", range(len("OBX||NM|147842"), len(HEART)))
def test_a_row_broken_by_a_line_end_never_gives_another_value(cut: int) -> None:
    broken = HEART[:cut] + "\n" + HEART[cut:]
    (values,) = Heard(framed([*LINES[:4], broken, OXYGEN])).values
    assert values[150456] == 97.0
    assert values.get(147842) in {88.0, None}


INVALID = obx(HR, "88", BPM, "X")


@pytest.mark.parametrize("cut", range(len("OBX||NM|147842"), len(INVALID)))
def test_a_row_broken_by_a_line_end_stays_invalid(cut: int) -> None:
    broken = INVALID[:cut] + "\n" + INVALID[cut:]
    for numeric in sender.numerics(sender.read(framed([*LINES[:4], broken, OXYGEN])))[:-1]:
        assert numeric.validity is not Validity.VALID


def test_a_mark_behind_the_break_of_a_row_still_counts() -> None:
    row = obx(SPO2, "77", PERCENT, flags="DEMO").replace("DEMO", "\nDEMO")
    events = sender.read(framed([*LINES[:4], row]))
    assert [n.mode.value for n in sender.numerics(events)] == ["demo"]


def test_a_place_broken_by_a_line_end_is_that_place_or_none() -> None:
    lines = [line.replace("ICU^^5", "ICU^^\n5") for line in LINES]
    assert Heard(framed(lines)).origins == ["ICU^^5"]
    lines = [line.replace("ICU^^5", "ICU^^1\n5") for line in LINES]
    assert Heard(framed(lines)).origins == ["ICU^^1\n5"]


def test_a_header_broken_by_a_line_end_is_one() -> None:
    lines = [LINES[0].replace("|ORU", "|\nORU"), *LINES[1:]]
    assert Heard(framed(lines)).values == [ALL]
    lines = [LINES[0].replace("M1|P|2.6", "M1|\nD|2.6"), *LINES[1:]]
    modes = [n.mode.value for n in sender.numerics(sender.read(framed(lines)))]
    assert set(modes) == {"test"}


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ([*LINES[:4], HEART, "OB?|2|NM|x", OXYGEN, HEAT], [ALL]),
        ([*LINES[:3], "0BX|2|NM|x", *LINES[4:]], [ALL]),
        ([*LINES[:2], "0BX|2|NM|x", *LINES[2:]], [ALL]),
        ([LINES[0], "PID|1||7||X^Y|||M|||Main Street", "5^^Town|more", *LINES[2:]], [ALL]),
        ([*LINES[:2], "0BX|2|NM|x", HEART, *LINES[2:]], []),
        ([*LINES[:2], "0BX|2|NM|x", HEART, "0BX|2|NM|x", *LINES[2:]], []),
        ([*LINES[:2], HEART, "0BX|2|NM|x", *LINES[2:]], [{147842: 88.0}, ALL]),
        ([LINES[0], "?|1", HEART], []),
        ([*LINES[:5], "P?D|2", "PV1||I|ICU^^6", OXYGEN], []),
        ([*LINES[:5], "P?1||I|ICU^^6", OXYGEN, "PID|3", HEAT], []),
        ([LINES[0], "PID|1", "PID|2", LINES[2], "OB?|1", HEART], []),
    ],
)
def test_a_line_that_may_have_named_another_patient_costs_the_message(
    lines: list[str], values: list[dict[int, float]]
) -> None:
    heard = Heard(framed(lines))
    assert heard.values == values
    assert heard.answers == (["AA"] if values else ["AE"])
    if not values:
        assert heard.reasons == ["malformed message: its segments are damaged"]


def test_a_line_that_belongs_nowhere_is_counted_and_costs_itself() -> None:
    heard = Heard(framed([*LINES[:5], "OB?|2|NM|x", "and more", *LINES[5:]]))
    assert heard.values == [ALL]
    assert heard.reasons == ["a line that is not a segment"] * 2
    heard = Heard(framed([*LINES, *(["?"] * 1000)]))
    assert heard.reasons == ["a line that is not a segment"] * 16
