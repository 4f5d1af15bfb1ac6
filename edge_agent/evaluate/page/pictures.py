"""Pictures of the hours around one moment of one patient: signs, truth and alerts."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_agent.evaluate.cohort.cases import Case
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.spans import Float64
from edge_agent.model.durations import HOUR_S
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.truth import FEVER, truth_of

_BEFORE_S: Final = 12 * HOUR_S
_AFTER_S: Final = 18 * HOUR_S
_PIECE_S: Final = 60
_SIZE_IN: Final = (6.6, 4.6)
_DOTS_PER_IN: Final = 90
_RED: Final = "#b3261e"
_REPORT_COLOURS: Final = {About.TECHNICAL: "#7b8794", About.WATCH: "#c77d29"}
_SIGNS: Final = (
    (("temperature",), "°C", _RED, (35.0, 41.0)),
    (("heart_rate",), "heart /min", "#0b6e4f", (35.0, 175.0)),
    (("spo2",), "SpO2 %", "#1d4e89", (78.0, 101.0)),
)
_TRUE_COLOURS: Final = {"fever": "#e08e79", "crs": _RED, "hypotension": "#8a5a00"}


def draw_case(patient: Patient, case: Case, reported: Sequence[ReportedAlert]) -> str:
    """Return the picture as the address of an embedded PNG."""
    begin_s = max(0.0, case.at_s - _BEFORE_S)
    end_s = min(patient.plan.length_s, case.at_s + _AFTER_S)
    figure = Figure(figsize=_SIZE_IN, dpi=_DOTS_PER_IN, layout="constrained")
    rows = figure.subplots(5, 1, sharex=True, height_ratios=(3, 2.4, 1.8, 2, 2.2))
    for axes, (names, label, colour, limits) in zip(rows, _SIGNS, strict=False):
        at_h, values = _medians(patient, names[0], begin_s, end_s)
        axes.plot(at_h, values, color=colour, lw=0.9)
        seen = values[~np.isnan(values)]
        if seen.size:
            axes.set_ylim(max(limits[0], seen.min() - 0.5), min(limits[1], seen.max() + 0.5))
        axes.set_ylabel(label, fontsize=7)
    rows[0].axhline(FEVER, color=_RED, lw=0.5, ls="--")
    _draw_cuffs(rows[3], patient, begin_s, end_s)
    _draw_truth(rows[4], patient, begin_s, end_s)
    for one in reported:
        if begin_s <= one.at_s <= end_s:
            colour = _REPORT_COLOURS.get(one.about, _RED)
            for axes in rows:
                axes.axvline(one.at_s / HOUR_S, color=colour, lw=0.8, ls=":")
            rows[0].text(
                one.at_s / HOUR_S,
                1.01,
                one.rule_id.partition(".")[2],
                fontsize=6.5,
                rotation=15,
                transform=rows[0].get_xaxis_transform(),
                color=colour,
            )
    for axes in rows:
        axes.tick_params(labelsize=6)
        axes.grid(visible=True, color="#e4e8ec", lw=0.4)
    rows[4].set_xlim(begin_s / HOUR_S, end_s / HOUR_S)
    rows[4].set_xlabel("hours since monitoring began", fontsize=7)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode("ascii")


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


def _draw_cuffs(axes: Axes, patient: Patient, begin_s: float, end_s: float) -> None:
    first, last = int(begin_s // BLOCK_S), int((end_s - 1) // BLOCK_S)
    cuffs = [cuff for number in range(first, last + 1) for cuff in patient.block(number).cuffs]
    cuffs = [cuff for cuff in cuffs if begin_s <= cuff.measured_at_s <= end_s]
    at_h = [cuff.measured_at_s / HOUR_S for cuff in cuffs]
    axes.plot(at_h, [cuff.systolic for cuff in cuffs], ".-", ms=3, lw=0.5, color="#8a5a00")
    axes.axhline(90.0, color="#8a5a00", lw=0.5, ls="--")
    axes.set_ylabel("cuff mmHg", fontsize=7)


def _draw_truth(axes: Axes, patient: Patient, begin_s: float, end_s: float) -> None:
    truth = truth_of(patient)
    spans = [s for s in truth.spans if s.from_s < end_s and s.to_s > begin_s]
    sorts = list(dict.fromkeys(span.what for span in spans))
    for span in spans:
        row = sorts.index(span.what)
        left, right = max(span.from_s, begin_s) / HOUR_S, min(span.to_s, end_s) / HOUR_S
        colour = _TRUE_COLOURS.get(span.what, "#7b8794")
        axes.barh(row, right - left, left=left, height=0.7, color=colour)
        if span.what == "astct_grade":
            axes.text(left, row, f"{span.value:g}", fontsize=6, va="center", color="#ffffff")
    axes.set_yticks(range(len(sorts)), sorts, fontsize=6)
    axes.set_ylim(-0.6, max(len(sorts), 1) - 0.4)
