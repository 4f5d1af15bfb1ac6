"""The board in a terminal fits its window and never hides a bed with an open alert."""

from __future__ import annotations

import io
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from edge_agent.board.shapes import Snapshot, Words
from edge_agent.model.language import Language
from edge_agent.ward_client.problem_lines import open_problems
from edge_agent.ward_client.top_picture import View, Window, picture
from tests.support.shown_snapshots import (
    bed_of,
    copies,
    every_state,
    quiet,
    reader_of,
    with_beds,
)

SSH = Window(80, 24)
EVERY_STATE = every_state()
QUIET = quiet()


def lines_of(view: View, window: Window = SSH) -> list[str]:
    return picture(view, window).plain.split("\n")


def view_of(snapshot: Snapshot, language: Language = Language.EN) -> View:
    return View(snapshot, reader_of(snapshot, language))


def row_of(lines: list[str], label: str) -> str:
    (row,) = [line for line in lines if line.startswith(f" {label} ")]
    return row


def test_eight_beds_with_open_alerts_fit_over_ssh_and_each_has_its_line() -> None:
    lines = lines_of(view_of(EVERY_STATE))
    assert len(lines) == 24
    assert max(map(len, lines)) <= 80
    rows = [line.split()[1] for line in lines if line.startswith(" BED")]
    assert rows == ["2", "3", "7", "5", "4", "6", "8", "1", "9"]
    assert "HIGH" in row_of(lines, "BED 2")
    assert "nobody for 2 min" in row_of(lines, "BED 2")
    assert "nurse.okafor" in row_of(lines, "BED 6")
    assert "ended, not seen" in row_of(lines, "BED 7")


def test_values_in_alarm_are_marked_and_what_is_off_or_missing_is_said() -> None:
    lines = lines_of(view_of(EVERY_STATE))
    vitals = bed_of(EVERY_STATE, "bed-02").vitals
    assert f" {vitals['heart_rate'].text}! " in row_of(lines, "BED 2")
    assert f" {vitals['pressure'].text}! " in row_of(lines, "BED 2")
    assert f" {vitals['temperature'].text}  " in row_of(lines, "BED 2")
    assert "off" in row_of(lines, "BED 5")
    assert "away until" in row_of(lines, "BED 8")
    assert "assessed, day 2" in row_of(lines, "BED 1")


def test_a_doubtful_value_is_marked_and_an_old_one_is_not_shown() -> None:
    bed = bed_of(QUIET, "bed-01")
    pulse, spo2 = bed.vitals["heart_rate"], bed.vitals["spo2"]
    changed = {
        **bed.vitals,
        "heart_rate": msgspec.structs.replace(pulse, state="doubtful"),
        "spo2": msgspec.structs.replace(spo2, state="old"),
        "temperature": msgspec.structs.replace(spo2, state="never"),
    }
    row = row_of(
        lines_of(view_of(with_beds(QUIET, msgspec.structs.replace(bed, vitals=changed)))), "BED 1"
    )
    assert f"{pulse.text}?" in row
    assert spo2.text not in row
    assert row.split()[3:5] == ["old", "--"]


def test_the_most_urgent_problem_is_told_in_full() -> None:
    text = " ".join("\n".join(lines_of(view_of(EVERY_STATE))).split())
    assert "BP 72/42 mmHg, HR 147 /min, SpO2 88 %, T 39.2 °C." in text
    assert "if CRS: ASTCT grade 2-3" in text


def test_without_contact_nothing_looks_live() -> None:
    live = lines_of(view_of(EVERY_STATE))
    lost = lines_of(replace(view_of(EVERY_STATE), lost_ms=EVERY_STATE.now_ms))
    assert "NO CONTACT since" in lost[1]
    assert "NO CONTACT" not in live[1]
    values = {vital.text for bed in EVERY_STATE.beds for vital in bed.vitals.values()}
    words = [
        {word for line in lines if line.startswith(" BED") for word in line.split()}
        for lines in (live, lost)
    ]
    assert [bool(words_shown & values) for words_shown in words] == [True, False]


def test_what_is_wrong_with_the_watching_is_on_the_second_line() -> None:
    assert "pager does not deliver: timed out" in lines_of(view_of(EVERY_STATE))[1]
    assert "not a medical device" in lines_of(view_of(QUIET))[1]
    assert "8 of 8 watched" in lines_of(view_of(QUIET))[0]
    assert "1 NOT WATCHED" in lines_of(view_of(EVERY_STATE))[0]


def test_the_last_line_is_the_question_or_the_keys() -> None:
    assert lines_of(view_of(QUIET))[-1] == "a answer   q quit"
    assert lines_of(replace(view_of(QUIET), footer="who?\x1b[2J"))[-1].startswith(
        "who?\N{REPLACEMENT CHARACTER}"
    )


def test_beds_without_an_alert_give_way_and_are_counted() -> None:
    snapshot = with_beds(
        QUIET,
        *copies(QUIET.beds[0], 30),
        msgspec.structs.replace(bed_of(EVERY_STATE, "bed-02"), id="troubled"),
    )
    lines = lines_of(view_of(snapshot))
    assert "HIGH" in row_of(lines, "troubled")
    assert any("more beds without an open alert" in line for line in lines)
    shown = sum(line.startswith((" room", " troubled")) for line in lines)
    assert f"{len(snapshot.beds) - shown} more beds" in "\n".join(lines)


@pytest.mark.parametrize("language", Language)
@settings(deadline=None, max_examples=60)
@given(
    open_beds=st.integers(0, 120),
    quiet_beds=st.integers(0, 40),
    width=st.integers(40, 160),
    height=st.integers(6, 60),
)
def test_no_window_hides_a_bed_with_an_open_alert(
    language: Language, open_beds: int, quiet_beds: int, width: int, height: int
) -> None:
    troubled = copies(bed_of(EVERY_STATE, "bed-02"), open_beds)
    calm = [
        msgspec.structs.replace(bed, id=f"calm-{bed.id}")
        for bed in copies(QUIET.beds[0], quiet_beds)
    ]
    snapshot = with_beds(EVERY_STATE, *calm, *troubled)
    lines = lines_of(view_of(snapshot, language), Window(width, height))
    assert len(lines) == height
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    hidden = [bed.id for bed, _ in open_problems(snapshot.beds) if bed.id not in text]
    assert not hidden or ("SMALL" in text or "KLEIN" in text)


def test_colours_come_with_words_and_survive_a_terminal() -> None:
    console = Console(width=80, height=24, record=True, file=io.StringIO(), force_terminal=True)
    console.print(picture(view_of(EVERY_STATE), SSH))
    svg = console.export_svg(clear=False)
    assert "HIGH" in svg
    text = console.export_text()
    assert len(text.rstrip("\n").split("\n")) == 24


def test_text_of_a_device_cannot_break_the_picture() -> None:
    bed = bed_of(EVERY_STATE, "bed-02")
    assert bed.problem is not None
    nasty = Words("[red]Sh\x1b[2Jock\nagain[/red]", "x")
    problem = msgspec.structs.replace(bed.problem, title=nasty, sentence=nasty)
    lines = lines_of(
        view_of(with_beds(QUIET, msgspec.structs.replace(bed, problem=problem, id="b\x1bed")))
    )
    assert len(lines) == 24
    assert "\x1b" not in "".join(lines)
