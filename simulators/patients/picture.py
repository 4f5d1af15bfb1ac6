"""Drawing of a patient on one page: vital signs, treatment and truth, as PNG and as HTML."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_agent.model.durations import DAY_S
from simulators.files.durations import format_duration
from simulators.patients.context import TimedEntry, context_events
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.sensors import Float32
from simulators.patients.shapes import Float64
from simulators.patients.truth import FEVER, HYPOXIA, Truth, truth_of
from simulators.patients.vitals import Cuff

_POINTS: Final = 2400
"""Number of points per sign; each is a median with a band of the range."""
_SIZE_IN: Final = (13.0, 12.0)
_DOTS_PER_IN: Final = 100
_INK: Final = "#1f2933"
_COLOURS: Final = {
    "temperature": "#b3261e",
    "heart_rate": "#0b6e4f",
    "pulse_rate": "#7fb069",
    "spo2": "#1d4e89",
    "respiratory_rate": "#6c4f9c",
    "nibp": "#8a5a00",
}
_SPAN_COLOURS: Final = {"fever": "#e08e79", "crs": "#b3261e", "hypotension": "#8a5a00"}
_GRADE_COLOURS: Final = ("#ffffff", "#f6c667", "#ee8434", "#c44536", "#6d1a36")
_NOTE: Final = "Simulated patient. crswatch is decision support, not a medical device."


def draw_png(patient: Patient, title: str) -> bytes:
    """Return the page as PNG."""
    target = io.BytesIO()
    _figure(patient, title).savefig(target, format="png")
    return target.getvalue()


def draw_html(patient: Patient, title: str, note: str = "") -> str:
    """Return the page as HTML that needs no other file; `note` stands under the title."""
    target = io.StringIO()
    _figure(patient, title).savefig(target, format="svg")
    svg = target.getvalue()
    svg = svg[svg.index("<svg") :]
    truth = [
        (span.what, _when(span.from_s), _when(span.to_s), f"{span.value:g}")
        for span in truth_of(patient).spans
    ]
    context = [
        (_when(e.at_s), e.kind, e.value, "" if e.amount is None else f"{e.amount:g}")
        for e in context_events(patient)
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>"
        "<style>body{font:15px system-ui,sans-serif;max-width:1300px;margin:2em auto;"
        "color:#1f2933}table{border-collapse:collapse;margin:1em 0}"
        "td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #d9dee3}"
        "svg{max-width:100%;height:auto}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(note)}</p>{svg}"
        f"<h2>Truth</h2>{_table(('what', 'from', 'to', 'value'), truth)}"
        f"<h2>Context</h2>{_table(('at', 'what', 'which', 'amount'), context)}"
        f"<p>{_NOTE}</p></html>\n"
    )


def _figure(patient: Patient, title: str) -> Figure:
    figure = Figure(figsize=_SIZE_IN, dpi=_DOTS_PER_IN, layout="constrained")
    rows = figure.subplots(6, 1, sharex=True, height_ratios=(3, 3, 3, 2.2, 1.8, 3.2))
    length_s = patient.plan.length_s
    unit_s, unit = (DAY_S, "days") if length_s > 3 * DAY_S else (60.0, "minutes")
    signs, cuffs = _signs(patient)
    for axes, names, label in (
        (rows[0], ("temperature",), f"temperature, °C ({patient.person.temperature_site})"),
        (rows[1], ("pulse_rate", "heart_rate"), "heart and pulse rate, /min"),
        (rows[3], ("spo2",), "SpO2, %"),
        (rows[4], ("respiratory_rate",), "breaths, /min"),
    ):
        for name in names:
            _draw_sign(axes, signs[name], length_s / unit_s, name)
        axes.set_ylabel(label, fontsize=8)
    rows[0].axhline(FEVER, color=_COLOURS["temperature"], lw=0.6, ls="--")
    rows[3].axhline(HYPOXIA, color=_COLOURS["spo2"], lw=0.6, ls="--")
    _draw_cuffs(rows[2], cuffs, unit_s)
    _draw_truth(rows[5], truth_of(patient), unit_s)
    _draw_context(rows[5], context_events(patient), unit_s)
    for axes in rows:
        axes.grid(visible=True, color="#e4e8ec", lw=0.5)
        axes.tick_params(labelsize=8)
    rows[5].set_xlim(0, length_s / unit_s)
    rows[5].set_xlabel(f"{unit} since monitoring began. {_NOTE}", fontsize=8)
    figure.suptitle(title, fontsize=11, color=_INK)
    return figure


def _signs(patient: Patient) -> tuple[dict[str, Float32], list[Cuff]]:
    length_s = int(patient.plan.length_s)
    blocks = [patient.block(number) for number in range(-(-length_s // BLOCK_S))]
    names = blocks[0].channels
    signs = {n: np.concatenate([b.channels[n] for b in blocks])[:length_s] for n in names}
    cuffs = [cuff for b in blocks for cuff in b.cuffs if cuff.measured_at_s < length_s]
    return signs, cuffs


def _draw_sign(axes: Axes, values: Float32, end: float, name: str) -> None:
    """Draw medians of equal pieces, and the band between the lowest and the highest tenth."""
    size = max(1, values.size // _POINTS)
    pieces = values[: values.size // size * size].reshape(-1, size)
    at = (np.arange(len(pieces)) + 0.5) * size / values.size * end
    some = ~np.isnan(pieces).all(axis=1)
    low, middle, high = (np.full(len(pieces), np.nan) for _ in range(3))
    if some.any():  # a patient without a temperature probe has no piece
        low[some], middle[some], high[some] = np.nanpercentile(pieces[some], (10, 50, 90), axis=1)
    axes.fill_between(at, low, high, color=_COLOURS[name], alpha=0.2, lw=0)
    axes.plot(at, middle, color=_COLOURS[name], lw=0.8)


def _draw_cuffs(axes: Axes, cuffs: list[Cuff], unit_s: float) -> None:
    at: Float64 = np.array([cuff.measured_at_s / unit_s for cuff in cuffs])
    low = np.array([cuff.diastolic for cuff in cuffs])
    high = np.array([cuff.systolic for cuff in cuffs])
    axes.vlines(at, low, high, color=_COLOURS["nibp"], lw=0.7)
    axes.plot(at, [cuff.mean for cuff in cuffs], ".", ms=2, color=_COLOURS["nibp"])
    axes.axhline(90, color=_COLOURS["nibp"], lw=0.6, ls="--")
    axes.set_ylabel("cuff, mmHg", fontsize=8)


def _draw_truth(axes: Axes, truth: Truth, unit_s: float) -> None:
    """Draw a bar for every span of the truth, with one row for each sort."""
    sorts = list(dict.fromkeys(span.what for span in truth.spans))
    for row, what in enumerate(sorts):
        for span in truth.of(what):
            colour = _SPAN_COLOURS.get(what.partition(":")[0], "#7b8794")
            if what == "astct_grade":
                colour = _GRADE_COLOURS[int(span.value)]
            width = max((span.to_s - span.from_s) / unit_s, 1e-3)
            axes.barh(row, width, left=span.from_s / unit_s, height=0.7, color=colour)
            if what == "astct_grade":
                axes.text(span.from_s / unit_s, row, f"{span.value:g}", fontsize=7, va="center")
    axes.set_yticks(range(len(sorts)), sorts)
    axes.set_ylim(-0.6, max(len(sorts), 1) + 1.6)


def _draw_context(axes: Axes, events: tuple[TimedEntry, ...], unit_s: float) -> None:
    top = axes.get_ylim()[1]
    for index, event in enumerate(e for e in events if e.kind not in {"ice", "infusion"}):
        axes.axvline(event.at_s / unit_s, color="#7b8794", lw=0.4, ls=":")
        label = f"{event.kind} {event.value}"
        if event.amount is not None:
            label += f" {event.amount:g}"
        height = top - 0.5 - 0.5 * (index % 4)
        axes.text(event.at_s / unit_s, height, label, fontsize=6, color=_INK)


def _when(at_s: float) -> str:
    return format_duration(at_s)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(f"<th>{name}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{cells}</tr>{body}</table>"
