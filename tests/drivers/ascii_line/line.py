"""A session on a line whose other end, definition and clock are the test's."""

from __future__ import annotations

from datetime import UTC, tzinfo

from edge_agent.drivers.ascii_line import SPEC
from edge_agent.drivers.base import Session, SessionOptions
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Numeric
from edge_agent.model.session_events import (
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

START = Instant(0, 0)

HEAD = 'manufacturer = "Acme"\nmodel = "Probe"\n'
SPO2 = '[fields.spo2]\nrole = "value"\nkind = "spo2"\nunit = "%"\ndigits = "###"\n'


def definition(pattern: str, *fields: str, line: str = "", head: str = HEAD) -> str:
    """Return the text of a definition with one line and the given tables of fields."""
    return "\n".join([head, "[[line]]", f'pattern = "{pattern}"', line, *fields])


def opened(text: str = "", profile: str = "", zone: tzinfo = UTC) -> Session:
    """Return a session that reads by a definition."""
    return SPEC.open_session(
        SessionOptions("spot-1", profile=profile, profile_text=text, zone=zone)
    )


def decoded(
    wire: bytes, text: str = "", profile: str = "", zone: tzinfo = UTC
) -> list[SessionEvent]:
    """Return everything that a stream and the silence after it say."""
    session = opened(text, profile, zone)
    return session.receive(wire, START) + session.tick(START.plus(SPEC.silence_s))


def messages(events: list[SessionEvent]) -> list[NumericsReceived]:
    """Return the messages of numerics."""
    return [event for event in events if isinstance(event, NumericsReceived)]


def numerics(events: list[SessionEvent]) -> list[Numeric]:
    """Return all numerics in their order."""
    return [numeric for event in messages(events) for numeric in event.numerics]


def reasons(events: list[SessionEvent]) -> list[str]:
    """Return why lines were rejected."""
    return [event.reason for event in events if isinstance(event, FrameRejected)]


def serials(events: list[SessionEvent]) -> list[str]:
    """Return the serial numbers told."""
    return [event.serial for event in events if isinstance(event, DeviceIdentified)]


def printed(numeric: Numeric) -> str:
    """Return kind, value, unit and validity as text."""
    value = "-" if numeric.value is None else f"{numeric.value:g}"
    return f"{numeric.label} {value} {numeric.unit} {numeric.validity.value}"
