"""The board on a terminal: a picture of exactly the window's size.

A bed with an open alert is always in it, in one line or, where even that does not fit, in a few
letters. Colour never says anything alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.console import Console
from rich.text import Text

from edge_agent.board.shapes import ShownBed, ShownProblem, Snapshot
from edge_agent.ward_client.bed_names import bed_labels, by_number, plain
from edge_agent.ward_client.problem_lines import open_problems, problem_line
from edge_agent.ward_client.reader import Reader
from edge_agent.ward_client.top_rows import bar_of, bed_row, head_row, short_cell
from edge_agent.ward_client.ward_faults import ward_faults

_FAULT: Final = "bold white on red"
_ROWS_AROUND: Final = 4
"""Lines for the ward, its faults, the heads of the columns, and the keys."""
_NOT_WATCHED: Final = {"not_assessing": 0, "degraded": 1, "assessing": 2}


@dataclass(frozen=True, slots=True)
class Window:
    """Size of a terminal, characters."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class View:
    """A ward as one person sees it now."""

    snapshot: Snapshot
    reader: Reader
    lost_ms: int | None = None
    """Time of the snapshot if no newer one can be had; None while it is live."""
    footer: str = ""
    """Last line, such as a question; empty for the keys."""


def picture(view: View, window: Window) -> Text:
    """Return the ward as exactly `window.height` lines of at most `window.width` cells."""
    reader, beds = view.reader, view.snapshot.beds
    labels = bed_labels([bed.id for bed in beds], reader.say("bed"))
    top = [_ward_line(view), _fault_line(view), head_row(window.width)]
    room = max(0, window.height - _ROWS_AROUND)
    body = _body(view, labels, replace(window, height=room))
    footer = Text(plain(view.footer)) if view.footer else Text(reader.say("keys"), style="dim")
    lines = [*top, *body, *(Text() for _ in range(room - len(body))), footer]
    for line in lines:
        line.truncate(window.width, overflow="ellipsis")
    return Text("\n").join([*lines[: max(0, window.height - 1)], footer])


def _body(view: View, labels: dict[str, str], window: Window) -> list[Text]:
    """Return a line for each bed, those with an open alert first, and their sentences below."""
    problems = open_problems(view.snapshot.beds)
    others = sorted(
        (bed for bed in view.snapshot.beds if bed.problem is None),
        key=lambda bed: (_NOT_WATCHED[bed.assessment.state], by_number(bed.id)),
    )
    is_live = view.lost_ms is None
    rows = [
        bed_row(bed, labels[bed.id], view.reader, window.width, is_live=is_live)
        for bed in (*(bed for bed, _ in problems), *others)
    ]
    hidden = len(rows) - window.height
    if hidden > 0:
        rows = rows[: window.height - 1]
        shown = min(len(problems), len(rows))
        if shown < len(problems):
            return _crowd(view, problems, labels, window)
        return [*rows, Text(view.reader.say("hidden", count=hidden + 1), style="dim")]
    return [*rows, *_details(view, problems, labels, replace(window, height=-hidden))]


def _crowd(
    view: View,
    problems: Sequence[tuple[ShownBed, ShownProblem]],
    labels: dict[str, str],
    window: Window,
) -> list[Text]:
    """Return as many lines of beds as fit, above the others in a few letters each."""
    cells = [short_cell(labels[bed.id], problem, view.reader) for bed, problem in problems]
    is_live = view.lost_ms is None
    packed: list[Text] = []
    for full in range(window.height - 1, -1, -1):
        packed = list(_packed(cells[full:], window.width))
        if full + len(packed) <= window.height:
            rows = [
                bed_row(bed, labels[bed.id], view.reader, window.width, is_live=is_live)
                for bed, _ in problems[:full]
            ]
            return [*rows, *packed]
    words = view.reader.say("too_small", count=len(problems))
    return [Text(words, style=_FAULT), *packed][: window.height]


def _packed(cells: Sequence[Text], width: int) -> Iterator[Text]:
    """Yield lines with as many cells as fit, two blanks apart."""
    line = Text()
    for cell in cells:
        if line.cell_len and line.cell_len + 2 + cell.cell_len > width:
            yield line
            line = Text()
        if line.cell_len:
            line.append("  ", style="")
        line.append_text(cell)
    if line.cell_len:
        yield line


def _details(
    view: View,
    problems: Sequence[tuple[ShownBed, ShownProblem]],
    labels: dict[str, str],
    window: Window,
) -> list[Text]:
    """Return the problems in full, the most urgent first, in the lines that are left."""
    lines: list[Text] = []
    console = Console(width=window.width, file=None)
    for bed, problem in problems:
        text = Text().append_text(bar_of(problem)).append(" ")
        text.append(problem_line(bed, problem, labels[bed.id], view.reader), style="")
        wrapped = list(text.wrap(console, window.width))
        left = window.height - 1 - len(lines)  # a blank line above all
        if left < 1:
            break
        lines += wrapped[:left]
        if len(wrapped) > left:
            lines[-1].truncate(window.width - 1)
            lines[-1].append("\N{HORIZONTAL ELLIPSIS}")
    return [Text(), *lines] if lines else []


def _ward_line(view: View) -> Text:
    """Return the ward's name, its time, and the number of beds that are watched."""
    ward, reader = view.snapshot.ward, view.reader
    watched = ward.beds_assessed + ward.beds_degraded
    words = [
        f"{plain(ward.site)}/{plain(ward.name)}",
        reader.clock(reader.now_ms),
        reader.say("watched", count=watched, all=ward.beds_total),
    ]
    if ward.beds_degraded:
        words.append(reader.say("limited", count=ward.beds_degraded))
    line = Text("  ".join(words), style="bold")
    if ward.beds_not_assessed:
        line.append("  ", style="")
        line.append(reader.say("not_watched", count=ward.beds_not_assessed), style="bold magenta")
    return line


def _fault_line(view: View) -> Text:
    """Return the worst that is wrong with the watching itself; the note where nothing is."""
    if view.lost_ms is not None:
        time = view.reader.clock(view.lost_ms)
        return Text(view.reader.say("no_contact", time=time), style=_FAULT)
    faults = list(ward_faults(view.snapshot.ward, view.reader))
    if faults:
        return Text("; ".join(faults), style=_FAULT)
    return Text(view.reader.words(view.snapshot.ward.note), style="dim")
