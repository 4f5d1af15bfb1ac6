"""A session on a line whose other end and clock are the test's."""

from __future__ import annotations

from edge_agent.drivers.base import Session, SessionOptions
from edge_agent.drivers.nonin import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Numeric, Validity
from edge_agent.model.session_events import (
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)

START = Instant(0, 0)
HR, SPO2 = 149530, 150456
V, Q, OFF, N = Validity.VALID, Validity.QUESTIONABLE, Validity.INVALID, Validity.NOT_AVAILABLE


def opened(profile: str = "", *, listen_only: bool = False) -> Session:
    """Return a session with an oximeter that speaks as the profile says."""
    options = SessionOptions("oximeter-1", listen_only=listen_only, profile=profile)
    return SPEC.open_session(options)


def decoded(wire: bytes, profile: str = "") -> list[SessionEvent]:
    """Return everything that a stream and the silence after it say."""
    session = opened(profile)
    return session.receive(wire, START) + session.tick(START.plus(SPEC.silence_s))


def messages(events: list[SessionEvent]) -> list[dict[int, Numeric]]:
    """Return the numerics of each message by their codes."""
    return [
        {n.code: n for n in event.numerics}
        for event in events
        if isinstance(event, NumericsReceived)
    ]


def vitals(wire: bytes, profile: str = "") -> list[tuple[float | None, float | None, Validity]]:
    """Return pulse rate, saturation and verdict of each message; the verdict is that of both."""
    found = []
    for message in messages(decoded(wire, profile)):
        hr, spo2 = message[HR], message[SPO2]
        assert hr.validity is spo2.validity
        found.append((hr.value, spo2.value, hr.validity))
    return found


def rejections(events: list[SessionEvent]) -> list[tuple[str, bytes]]:
    """Return the reason and the bytes of everything rejected."""
    return [(e.reason, e.raw) for e in events if isinstance(e, FrameRejected)]


def states(events: list[SessionEvent]) -> list[LinkState]:
    """Return the states of the link that were entered."""
    return [event.state for event in events if isinstance(event, LinkChanged)]
