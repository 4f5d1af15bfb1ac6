"""Plots of the page, each an SVG that needs no other file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from edge_agent.evaluate.cohort.curves import Curve, CurvePoint, operating_point
from edge_agent.evaluate.cohort.measures import Stays, found_by, label_of
from edge_agent.evaluate.cohort.strata import Stratum
from edge_agent.evaluate.estimates.bootstrap import Estimate
from edge_agent.evaluate.stays.stay import OURS
from edge_agent.model.durations import HOUR_S

_INK: Final = "#1f2933"
_OURS: Final = "#b3261e"
_COLOURS: Final = ("#1d4e89", "#0b6e4f", "#8a5a00", "#6c4f9c", "#4f6d7a", "#c77d29", "#7b8794")
_MARKS: Final = "os^Dv<>"
_STYLE: Final[dict[Any, Any]] = {"svg.fonttype": "path", "svg.hashsalt": "crswatch", "font.size": 9}
"""Settings of matplotlib; the salt makes the bytes reproducible."""
_LEAST_FALSE: Final = 1e-3
"""Left edge of the logarithmic axis, per patient-day; lower values are drawn there."""


def as_svg(figure: Figure) -> str:
    """Return a figure as the text of an SVG element."""
    target = io.StringIO()
    with rc_context(_STYLE):
        figure.savefig(target, format="svg", metadata={"Date": None})
    text = target.getvalue()
    return text[text.index("<svg") :]


def curves_plot(curves: Sequence[Curve], stays: Stays) -> Figure:
    """Return the plot of sensitivity and delay against false alerts per patient-day."""
    figure = Figure(figsize=(11.0, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for number, curve in enumerate(curves):
        look = {
            "color": _OURS if curve.key == "crs_score" else _COLOURS[number % len(_COLOURS)],
            "marker": _MARKS[number % len(_MARKS)],
            "ms": 3.5,
            "lw": 1.0,
            "label": curve.label,
        }
        left.plot(_false(curve.points), [p.sensitivity.value for p in curve.points], **look)
        right.plot(_false(curve.points), [p.delay_h.value for p in curve.points], **look)
    ours = operating_point(stays)
    for axes, estimate in ((left, ours.sensitivity), (right, ours.delay_h)):
        at = max(ours.false_per_day.value, _LEAST_FALSE)
        across = [[at - max(ours.false_per_day.low, _LEAST_FALSE)], [ours.false_per_day.high - at]]
        axes.errorbar(
            [at],
            [estimate.value],
            yerr=_error([estimate]),
            xerr=np.maximum(across, 0.0),
            fmt="*",
            ms=14,
            color=_OURS,
            label="the rules as they are",
        )
        axes.set_xscale("log")
        axes.set_xlabel("false alerts per patient-day (0.001 and less at the edge)")
        _plain(axes)
    left.set_ylabel("CRS episodes found")
    left.set_ylim(0, 1.03)
    right.set_ylabel("median hours from onset to the alert")
    right.axhline(0.0, color=_INK, lw=0.6)
    left.legend(fontsize=7, loc="lower right")
    return figure


def delays_plot(stays: Stays) -> Figure:
    """Return the plot of the share of episodes found by each hour after the onset, by method."""
    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.subplots()
    hours = np.linspace(-8.0, 12.0, 401)
    for number, method in enumerate(stays[0].methods if stays else ()):
        reported, count = [], 0
        for stay in stays:
            for found, episode in found_by(stay, method):
                count += 1
                if found.was_open_before:
                    reported.append(-np.inf)
                elif found.reported_s is not None:
                    reported.append((found.reported_s - episode.window.onset_s) / HOUR_S)
        share = np.searchsorted(np.sort(reported), hours, "right") / max(1, count)
        colour = _OURS if method == OURS else _COLOURS[(number - 1) % len(_COLOURS)]
        axes.plot(
            hours, share, color=colour, lw=2.2 if method == OURS else 1.1, label=label_of(method)
        )
    axes.axvline(0.0, color=_INK, lw=0.6)
    axes.set_xlabel("hours from the true onset (38.0 without noise)")
    axes.set_ylabel("share of CRS episodes found")
    axes.set_ylim(0, 1.03)
    axes.legend(fontsize=7, loc="upper left")
    _plain(axes)
    return figure


def groups_plot(rows: Sequence[Stratum]) -> Figure:
    """Return sensitivity and delay of each group with intervals; empty groups are left out."""
    rows = [row for row in rows if row.episodes]
    figure = Figure(figsize=(9.0, 0.7 + 0.24 * len(rows)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    heights = -np.arange(len(rows))
    for axes, estimates, label in (
        (left, [row.estimates["sensitivity"] for row in rows], "CRS episodes found"),
        (right, [row.estimates["delay_hours"] for row in rows], "median hours from onset"),
    ):
        values = [estimate.value for estimate in estimates]
        axes.errorbar(values, heights, xerr=_error(estimates), fmt="o", ms=4, color=_OURS, lw=1.0)
        axes.set_xlabel(label)
        _plain(axes)
    left.set_yticks(heights, [f"{row.group}: {row.name} ({row.episodes})" for row in rows])
    left.set_xlim(right=1.005)
    left.axvline(0.95, color=_INK, lw=0.6, ls="--")
    right.axvline(0.0, color=_INK, lw=0.6)
    return figure


def _false(points: Sequence[CurvePoint]) -> list[float]:
    return [max(point.false_per_day.value, _LEAST_FALSE) for point in points]


def _error(estimates: Sequence[Estimate]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    below = [estimate.value - estimate.low for estimate in estimates]
    above = [estimate.high - estimate.value for estimate in estimates]
    return np.maximum(np.nan_to_num(np.array([below, above], np.float64)), 0.0)


def _plain(axes: Axes) -> None:
    axes.grid(visible=True, color="#e4e8ec", lw=0.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
