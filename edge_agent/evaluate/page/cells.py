"""Cells of the page's tables: figures, intervals, targets and verdicts as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from edge_agent.evaluate.estimates.clocks import in_minutes
from edge_agent.evaluate.estimates.figure import Figure, Verdict

_HOURS: Final = "h"
_SHARES: Final = frozenset(
    {
        "crs_sensitivity",
        "sensitivity",
        "chance_sensitivity",
        "ppv",
        "faults_announced",
        "losses_in_5_min",
        "temperature_losses_in_20_min",
        "nibp_alert_reduction",
    }
)


def is_share(key: str) -> bool:
    """Return True for a figure that is shown in percent."""
    return key in _SHARES or key.startswith("grade")


def number_text(key: str, unit: str, value: float) -> str:
    """Return a value of a figure as text."""
    if is_share(key):
        return f"{100.0 * value:.2f} %"
    if unit == _HOURS:
        return in_minutes(value)
    return f"{value:.3g} {escape(unit)}"


def value_text(figure: Figure) -> str:
    """Return the value of a figure."""
    if figure.value is None:
        return "nothing to count"
    return number_text(figure.key, figure.unit, figure.value)


def short_text(figure: Figure) -> str:
    """Return the value of a figure for a narrow cell; a dash where there is nothing to count."""
    if figure.value is None:
        return "-"
    if is_share(figure.key):
        return f"{100.0 * figure.value:.3g} %"
    return number_text(figure.key, figure.unit if figure.unit == _HOURS else "", figure.value)


def range_text(figure: Figure) -> str:
    """Return the interval of a figure; empty where there is nothing to count."""
    low, high = figure.estimate.low, figure.estimate.high
    if figure.value is None:
        return ""
    if is_share(figure.key):
        return f"{100.0 * low:.1f} to {100.0 * high:.1f} %"
    if figure.unit == _HOURS:
        return f"{in_minutes(low)} to {in_minutes(high)}"
    return f"{low:.3g} to {high:.3g}"


def target_text(figure: Figure) -> str:
    """Return the target of a figure; empty without one."""
    target = figure.target
    if target is None:
        return ""
    sign = "≤" if target.is_most else "≥"
    if is_share(figure.key):
        return f"{sign} {100.0 * target.limit:g} %"
    if figure.unit == _HOURS:
        return f"{sign} {in_minutes(target.limit)}"
    return escape(str(target))


def look_of(verdict: Verdict) -> str:
    """Return the class of a row or cell with a verdict; empty for none."""
    return "" if verdict is Verdict.NONE else verdict.name.lower()


def table(head: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> str:
    """Return a table; each row is a class and its cells, which are HTML already."""
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        f'<tr class="{look}">' + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
        for look, row in rows
    )
    return f"<div class=wide><table><tr>{cells}</tr>{body}</table></div>"
