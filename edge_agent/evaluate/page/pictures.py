"""Pictures of the hours around one moment of one patient: signs, truth, grade and alerts."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from math import inf
from typing import Final

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from edge_agent.evaluate.cohort.cases import Case
from edge_agent.evaluate.estimates.clocks import clock
from edge_agent.evaluate.page.plots import as_svg
from edge_agent.evaluate.stays.grades import SuggestedGrade
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.spans import Float64
from edge_agent.model.durations import HOUR_S
from simulators.cohorts.cohort import CohortPatient
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.truth import FEVER, Truth, TruthSpan, truth_of

_BEFORE_S: Final = 12 * HOUR_S
_AFTER_S: Final = 18 * HOUR_S
_PIECE_S: Final = 120
_WIDTH_IN: Final = 11.0
_LEFT_IN: Final = 1.55
_RIGHT_IN: Final = 0.2
_TOP_IN: Final = 0.95
_BOTTOM_IN: Final = 0.1
_GAP_IN: Final = 0.14
_TICK_H: Final = 3.0
_LEVELS: Final = 4
_SMALL: Final = 9
_RED: Final = "#b3261e"
_OCHRE: Final = "#8a5a00"
_GREY: Final = "#7b8794"
_REPORT_COLOURS: Final = {About.TECHNICAL: _GREY, About.WATCH: "#c77d29"}
_SIGNS: Final = (
    ("temperature", "temperature\n°C", _RED, (35.0, 41.0)),
    ("heart_rate", "heart rate\n/min", "#0b6e4f", (35.0, 175.0)),
    ("spo2", "SpO2\n%", "#1d4e89", (78.0, 101.0)),
)
_TRUE_COLOURS: Final = {"fever": "#e08e79", "crs": _RED, "hypotension": _OCHRE}
_TRUE_GRADES: Final = (
    ("astct_grade", "true", "-"),
    ("grade_if_crs", "true, if the signs were CRS", ":"),
)
"""True grades by the name of their spans, with label and line."""
_BAND: Final = "#9db4cc"
_GRADES: Final = 4
_LISTED: Final = 9
"""Reports that are written out, at most."""
_CLOSE_H: Final = 0.45
"""Distance below which two numbers would touch, hours."""
_WORDS: Final = 125
"""Length of a report's line, characters."""


def draw_case(member: CohortPatient, case: Case) -> str:
    """Return the picture as the address of an embedded SVG, which a browser can save as a file."""
    patient, start_h = member.patient, member.patient.person.clock_at_start_h
    begin_s = max(0.0, case.at_s - _BEFORE_S)
    end_s = min(patient.plan.length_s, case.at_s + _AFTER_S)
    shown = [one for one in case.stay.reported if begin_s <= one.at_s <= end_s]
    truth = truth_of(patient)
    true_rows = _true_rows(truth, begin_s, end_s)
    lines = min(len(shown), _LISTED) + 1
    heights = (2.4, 1.8, 1.5, 1.6, 1.5, 0.4 + 0.2 * len(true_rows), 0.2 + 0.24 * lines)
    *rows, words = _panels(heights)
    figure = rows[0].get_figure(root=True)
    assert figure is not None, "it was made with its axes"
    for axes, (name, label, colour, limits) in zip(rows, _SIGNS, strict=False):
        at_h, values = _medians(patient, name, begin_s, end_s)
        axes.plot(at_h, values, color=colour, lw=1.2)
        seen = values[~np.isnan(values)]
        if seen.size:
            axes.set_ylim(max(limits[0], seen.min() - 0.5), min(limits[1], seen.max() + 0.5))
        axes.set_ylabel(label, fontsize=_SMALL)
    _draw_by_hand(rows[0], member, begin_s, end_s)
    _draw_cuffs(rows[3], patient, begin_s, end_s)
    _draw_grades(rows[4], case.stay.suggested, truth, end_s)
    _draw_truth(rows[5], true_rows)
    _draw_reports(rows, words, shown, case.at_s, start_h)
    first_h = -(-(begin_s / HOUR_S + start_h) // _TICK_H) * _TICK_H - start_h
    ticks_h = np.arange(first_h, end_s / HOUR_S, _TICK_H)
    for axes in rows:
        axes.set_xlim(begin_s / HOUR_S, end_s / HOUR_S)
        axes.set_xticks(ticks_h, [clock(h * HOUR_S + 1.0, start_h) for h in ticks_h.tolist()])
        axes.tick_params(labelsize=_SMALL, labelbottom=axes is rows[-1])
        axes.grid(visible=True, color="#e4e8ec", lw=0.5)
    at = clock(case.at_s, start_h)
    title = f"{case.stay.patient_id} ({case.stay.place}), {at}: {case.title}"
    figure.suptitle(title, fontsize=12, x=0.01, y=1.0 - 0.12 / figure.get_figheight(), ha="left")
    text = as_svg(figure).encode("utf-8")
    return "data:image/svg+xml;base64," + base64.b64encode(text).decode("ascii")


def _panels(heights: Sequence[float]) -> list[Axes]:
    """Return axes below one another, of some heights in inches.

    Margins are fixed: a solver of layouts does not give the same bytes each time.
    """
    height_in = sum(heights) + _GAP_IN * (len(heights) - 1) + _TOP_IN + _BOTTOM_IN
    figure = Figure(figsize=(_WIDTH_IN, height_in))
    panels, top_in = [], height_in - _TOP_IN
    for height in heights:
        bottom = (top_in - height) / height_in
        width = 1.0 - (_LEFT_IN + _RIGHT_IN) / _WIDTH_IN
        panels.append(figure.add_axes((_LEFT_IN / _WIDTH_IN, bottom, width, height / height_in)))
        top_in -= height + _GAP_IN
    return panels


def _medians(patient: Patient, name: str, begin_s: float, end_s: float) -> tuple[Float64, Float64]:
    first, last = int(begin_s // BLOCK_S), int((end_s - 1) // BLOCK_S)
    blocks = [patient.block(number).channels[name] for number in range(first, last + 1)]
    pieces = np.concatenate(blocks).astype(np.float64).reshape(-1, _PIECE_S)
    values = np.full(len(pieces), np.nan)
    some = ~np.isnan(pieces).all(axis=1)
    values[some] = np.nanmedian(pieces[some], axis=1)
    at_h = (first * BLOCK_S + (np.arange(values.size) + 0.5) * _PIECE_S) / HOUR_S
    inside = (at_h * HOUR_S >= begin_s) & (at_h * HOUR_S <= end_s)
    return np.asarray(at_h[inside], np.float64), values[inside]


def _draw_by_hand(axes: Axes, member: CohortPatient, begin_s: float, end_s: float) -> None:
    """Draw the temperatures taken by hand, and the limit of fever."""
    taken = [
        (event.at_s / HOUR_S, event.amount)
        for event in member.events()
        if event.kind == "spot" and begin_s <= event.at_s <= end_s
    ]
    axes.axhline(FEVER, color=_RED, lw=0.8, ls="--", label="38.0 °C")
    if taken:
        at_h, values = zip(*taken, strict=True)
        axes.plot(at_h, values, "D", ms=4.5, mfc="none", color=_RED, label="by hand")
        axes.relim()
        axes.autoscale(axis="y")
    axes.legend(fontsize=8, loc="upper left", ncols=2, framealpha=0.8)


def _draw_cuffs(axes: Axes, patient: Patient, begin_s: float, end_s: float) -> None:
    first, last = int(begin_s // BLOCK_S), int((end_s - 1) // BLOCK_S)
    cuffs = [cuff for number in range(first, last + 1) for cuff in patient.block(number).cuffs]
    cuffs = [cuff for cuff in cuffs if begin_s <= cuff.measured_at_s <= end_s]
    at_h = [cuff.measured_at_s / HOUR_S for cuff in cuffs]
    for values, label, look in (
        ([cuff.systolic for cuff in cuffs], "systolic", ".-"),
        ([cuff.diastolic for cuff in cuffs], "diastolic", ".:"),
    ):
        axes.plot(at_h, values, look, ms=4, lw=0.7, color=_OCHRE, label=label)
    axes.axhline(90.0, color=_OCHRE, lw=0.8, ls="--", label="90 mmHg")
    axes.set_ylabel("cuff\nmmHg", fontsize=_SMALL)
    axes.legend(fontsize=8, loc="upper left", ncols=3, framealpha=0.8)


def _draw_grades(
    axes: Axes, suggested: Sequence[SuggestedGrade], truth: Truth, end_s: float
) -> None:
    """Draw the suggested range as a band, and the true grade as a line over it."""
    ends_s = [*(one.from_s for one in suggested[1:]), max(end_s, 0.0)]
    for one, to_s in zip(suggested, ends_s, strict=False):
        if one.low is not None and one.high is not None:
            left, right = one.from_s / HOUR_S, to_s / HOUR_S
            axes.fill_between([left, right], one.low - 0.3, one.high + 0.3, color=_BAND, lw=0)
    handles: list[Artist] = [Patch(color=_BAND, label="suggested, if this is CRS")]
    for what, label, look in _TRUE_GRADES:
        spans = truth.of(what)
        if spans or look == "-":
            at_h, grades = _steps(spans, end_s)
            handles += axes.step(at_h, grades, look, where="post", color=_RED, lw=1.8, label=label)
    axes.set_ylim(-0.5, _GRADES + 0.5)
    axes.set_yticks(range(_GRADES + 1))
    axes.set_ylabel("ASTCT\ngrade", fontsize=_SMALL)
    axes.legend(handles=handles, fontsize=8, loc="upper left", ncols=3, framealpha=0.8)


def _steps(spans: Sequence[TruthSpan], end_s: float) -> tuple[list[float], list[float]]:
    """Return the hours at which a true grade changes, and the grades from then on; 0 elsewhere."""
    changes = {0.0: 0.0}
    for span in sorted(spans, key=lambda span: span.from_s):
        changes |= {span.from_s / HOUR_S: span.value, span.to_s / HOUR_S: 0.0}
    grades = list(changes.values())
    return [*changes, end_s / HOUR_S], [*grades, grades[-1]]


def _true_rows(truth: Truth, begin_s: float, end_s: float) -> dict[str, list[tuple[float, float]]]:
    """Return begin and length of what was true, hours, by name; faults by sensor."""
    grades = {what for what, _, _ in _TRUE_GRADES}
    rows: dict[str, list[tuple[float, float]]] = {}
    for span in truth.spans:
        if span.from_s < end_s and span.to_s > begin_s and span.what not in grades:
            sort, _, rest = span.what.partition(":")
            name = f"fault {rest.rpartition(':')[2]}" if sort == "fault" else rest or sort
            left, right = max(span.from_s, begin_s) / HOUR_S, min(span.to_s, end_s) / HOUR_S
            rows.setdefault(name.replace("_", " "), []).append((left, right - left))
    return rows


def _draw_truth(axes: Axes, rows: Mapping[str, Sequence[tuple[float, float]]]) -> None:
    for number, (name, spans) in enumerate(rows.items()):
        colour = _TRUE_COLOURS.get(name, _GREY)
        axes.broken_barh(list(spans), (number - 0.35, 0.7), color=colour, lw=0.8)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set_ylim(-0.6, max(len(rows), 1) - 0.4)
    axes.set_ylabel("truth", fontsize=_SMALL)


def _draw_reports(
    rows: Sequence[Axes],
    words: Axes,
    shown: Sequence[ReportedAlert],
    around_s: float,
    start_h: float,
) -> None:
    """Draw a line at each report; number the nearest and write their words below.

    Reports about the patient come before technical ones, however far away.
    """
    nearest = sorted(
        shown, key=lambda one: (one.about is About.TECHNICAL, abs(one.at_s - around_s))
    )[:_LISTED]
    for one in shown:
        for axes in rows:
            axes.axvline(one.at_s / HOUR_S, color=_colour(one), lw=0.9, ls=":")
    last_h, level, lines = -inf, 0, []
    for number, one in enumerate((one for one in shown if one in nearest), start=1):
        at_h = one.at_s / HOUR_S
        level = (level + 1) % _LEVELS if at_h - last_h < _CLOSE_H else 0
        rows[0].text(
            at_h,
            1.02 + 0.1 * level,
            f"{number}",
            fontsize=_SMALL,
            ha="center",
            transform=rows[0].get_xaxis_transform(),
            color=_colour(one),
        )
        last_h = at_h
        at, priority = clock(one.at_s, start_h), one.priority.name.lower()
        text = f"{number}  {at}  {priority}: {one.headline}. {one.explanation}"
        lines.append((_colour(one), text if len(text) <= _WORDS else f"{text[: _WORDS - 1]}…"))
    if len(shown) > len(lines):
        lines.append((_GREY, f"and {len(shown) - len(lines)} more, without a number"))
    lines = lines or [(_GREY, "Nothing was reported.")]
    words.set_axis_off()
    for index, (colour, text) in enumerate(lines):
        height = 1.0 - (index + 0.5) / len(lines)
        words.text(0.0, height, text, color=colour, fontsize=_SMALL, va="center")


def _colour(one: ReportedAlert) -> str:
    return _REPORT_COLOURS.get(one.about, _RED)
