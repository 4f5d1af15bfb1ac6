"""Reasons of rejection that a line to an IntelliVue monitor reported."""

from __future__ import annotations

from edge_agent.model.session_events import FrameRejected
from tests.drivers.philips_intellivue.line import Line


def words(line: Line) -> list[str]:
    return [event.reason for event in line.events if isinstance(event, FrameRejected)]
