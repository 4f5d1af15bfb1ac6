"""Lines of a Masimo oximeter, and the events of a session that heard them."""

from __future__ import annotations

from edge_agent.drivers.base import Session, SessionOptions
from edge_agent.drivers.masimo_ascii import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import DeviceIdentified, SessionEvent
from tests.drivers.masimo_ascii.oximeter import Shown

START = Instant(0, 0)


def opened() -> Session:
    return SPEC.open_session(SessionOptions("monitor-1"))


def hear(session: Session, *shown: Shown) -> list[SessionEvent]:
    return [event for one in shown for event in session.receive(one.line(), START)]


def serials(events: list[SessionEvent]) -> list[str]:
    return [event.serial for event in events if isinstance(event, DeviceIdentified)]
