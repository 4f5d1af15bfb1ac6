"""Rows of the ward on a terminal: a bed in one line, with its vital signs and its state."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from edge_agent.board.shapes import ShownBed, ShownProblem, ShownVital
from edge_agent.ward_client.bed_names import plain
from edge_agent.ward_client.problem_lines import urgency, who
from edge_agent.ward_client.reader import Reader

_COLUMNS: Final = {
    "heart_rate": ("HR", 5),
    "spo2": ("SpO2", 5),
    "temperature": ("T", 6),
    "pressure": ("BP", 9),
    "respiratory_rate": ("RR", 4),
}
"""Head and width of each vital sign, its mark included."""
_LABEL_WIDTH: Final = 8
_URGENCY_WIDTH: Final = 12
_STYLES: Final = {"high": "bold white on red", "medium": "black on yellow", "low": "black on cyan"}
"""Colours of priorities; source: IEC 60601-1-8:2006 Table 2 (red, yellow, cyan)."""
_OUTLINES: Final = {"high": "red", "medium": "yellow", "low": "cyan"}
_SIGNAL: Final = "bold white on magenta"
_GONE: Final = "dim"
_ALARM: Final = "bold reverse"


def head_row(width: int) -> Text:
    """Return the heads of the columns."""
    row = Text(" " * (1 + _LABEL_WIDTH + _URGENCY_WIDTH), style="dim")
    for head, cells in _COLUMNS.values():
        row.append(head.rjust(cells - 1) + " ")
    return _cut(row, width)


def bed_row(bed: ShownBed, label: str, reader: Reader, width: int, *, is_live: bool) -> Text:
    """Return a bed in one line, with its urgency in colour and in words.

    Parameters
    ----------
    is_live
        False where the ward cannot be seen: then no value is shown.
    """
    problem = bed.problem
    row = Text(" ")
    row.append(set_cell_size(label, _LABEL_WIDTH), style="bold")
    if problem is None:
        row.append(" " * _URGENCY_WIDTH)
    else:
        row.append_text(_badge(problem, reader))
    for name, (_, cells) in _COLUMNS.items():
        row.append_text(_vital(bed.vitals.get(name), cells, reader, is_live=is_live))
    row.append("  ")
    left = width - row.cell_len
    return _cut(row.append_text(_state(bed, reader, left)), width)


def short_cell(label: str, problem: ShownProblem, reader: Reader) -> Text:
    """Return a bed with an open problem in a few letters, where there is no room for its line."""
    return Text(f"{label} {urgency(problem, reader)}", style=_style_of(problem))


def bar_of(problem: ShownProblem) -> Text:
    """Return a bar in the colour of a problem."""
    colour = "magenta" if problem.kind == "technical" else _OUTLINES[problem.priority]
    return Text("\N{FULL BLOCK}", style=colour)


def _style_of(problem: ShownProblem) -> str:
    """Return the style of a problem: filled while it goes on and nobody has it, else an outline."""
    if problem.state != "open":
        return _OUTLINES[problem.priority]
    return _SIGNAL if problem.kind == "technical" else _STYLES[problem.priority]


def _badge(problem: ShownProblem, reader: Reader) -> Text:
    word = f" {urgency(problem, reader)} "
    badge = Text(word, style=_style_of(problem))
    return badge.append(" " * max(0, _URGENCY_WIDTH - cell_len(word)), style="")


def _vital(vital: ShownVital | None, cells: int, reader: Reader, *, is_live: bool) -> Text:
    """Return a value with a mark: `!` for one in alarm, `?` for a doubtful one."""
    if vital is None or not is_live or vital.state == "never":
        return Text("-- ".rjust(cells), style=_GONE)
    if vital.state in {"old", "off"}:
        return Text((reader.say(vital.state) + " ").rjust(cells), style=_GONE)
    if vital.state == "doubtful":
        return Text((plain(vital.text) + "?").rjust(cells), style=_GONE)
    if vital.in_alarm:
        text = Text(" " * (cells - 1 - cell_len(vital.text)))
        return text.append(plain(vital.text) + "!", style=_ALARM)
    return Text((plain(vital.text) + " ").rjust(cells))


def _state(bed: ShownBed, reader: Reader, width: int) -> Text:
    """Return the finding and who has it, or how the bed is assessed."""
    problem = bed.problem
    if problem is not None:
        end = _who_briefly(problem, reader)
        title = reader.words(problem.title)
        room = max(8, width - cell_len(end) - 2)
        if cell_len(title) > room:
            title = set_cell_size(title, room - 1).rstrip() + "\N{HORIZONTAL ELLIPSIS}"
        return Text(title, style="bold").append(f"  {end}", style="")
    if bed.away is not None:
        until = reader.clock(bed.away.until_ms)
        return Text(reader.say("away", time=until, reason=reader.words(bed.away.reason)))
    words = reader.words(bed.assessment.words)
    if bed.assessment.state == "not_assessing":
        return Text(words, style="bold magenta")
    if bed.assessment.state == "degraded":
        inputs = ", ".join(reader.words(name) for name in bed.assessment.missing)
        return Text(reader.say("missing", inputs=inputs) if inputs else words, style="yellow")
    day = "" if bed.day is None else f", {reader.say('day', day=bed.day)}"
    return Text(f"{words}{day}", style="dim")


def _who_briefly(problem: ShownProblem, reader: Reader) -> str:
    if problem.state == "open":
        return reader.say(
            "nobody_for", span=reader.span(problem.nobody_since_ms or problem.since_ms)
        )
    return who(problem, reader).partition(";")[0]


def _cut(row: Text, width: int) -> Text:
    row.truncate(width, overflow="ellipsis")
    return row
