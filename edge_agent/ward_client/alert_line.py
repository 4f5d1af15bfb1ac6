"""One alert as a line on a terminal."""

from __future__ import annotations

from typing import Final

from rich.text import Text

from edge_agent.model.alerts import Alert, AlertKind, AlertState

_STYLE: Final = {"high": "bold white on red", "medium": "black on yellow", "low": "cyan"}


def alert_line(alert: Alert) -> Text:
    """Return an alert as one line: priority, bed, text, the values behind it, state."""
    priority = alert.priority.name.lower()
    word = "signal" if alert.kind is AlertKind.TECHNICAL else priority
    line = Text(f" {word.upper():<6} ", style=_STYLE[priority])
    line.append(f" {alert.bed_id}  {alert.text}", style="")
    if alert.explanation:
        line.append(f" {alert.explanation}", style="")
    return line.append(f" - {_state_words(alert)}", style="")


def _state_words(alert: Alert) -> str:
    if alert.absorbed_by:
        return "now part of a larger problem"
    if alert.state is AlertState.ACKNOWLEDGED:
        return f"acknowledged by {alert.acknowledged_by}"
    if alert.closed_because:
        return f"over: {alert.closed_because}"
    return {AlertState.LATCHED: "ended, not acknowledged", AlertState.RESOLVED: "over"}.get(
        alert.state, "not acknowledged yet"
    )
