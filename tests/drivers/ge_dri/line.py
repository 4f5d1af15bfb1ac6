"""A session on a line whose other end and clock are the test's."""

from __future__ import annotations

from typing import TypeVar

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.ge_dri import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Numeric
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.ge_dri import monitor

START = Instant(0, 0)
ASK, STOP, ENTER, LEAVE, STATUS = "ask", "stop", "enter", "leave", "status"
_NAMES = {
    monitor.golden("stop_displayed"): STOP,
    monitor.golden("alarm_differential_enter"): ENTER,
    monitor.golden("alarm_differential_leave"): LEAVE,
    monitor.golden("alarm_status"): STATUS,
}
_ASK_EVERY_5_S = bytes.fromhex("010500 0e000000 0000")
Kind = TypeVar("Kind")


def named(request: bytes) -> str:
    """Return what a request of the host is."""
    if request[41:50] == _ASK_EVERY_5_S:
        return ASK
    return _NAMES[request]


class Line:
    """A session, its clock, and everything that either side said."""

    def __init__(self, *, listen_only: bool = False) -> None:
        self.session = SPEC.open_session(SessionOptions("monitor-1", listen_only=listen_only))
        self.now = START
        self.sent: list[tuple[float, str]] = []
        self.events: list[SessionEvent] = []

    def hear(self, *wire: bytes) -> None:
        """Let the session receive frame after frame."""
        for frame in wire:
            self.events += self.session.receive(frame, self.now)
            self.collect()

    def run(self, seconds: float, *, every_s: float = 0, wire: bytes = b"") -> None:
        """Let time pass by half seconds; a talking monitor sends `wire` every so often."""
        end = self.now.plus(seconds)
        due = self.now
        while self.now < end:
            self.events += self.session.tick(self.now)
            self.collect()
            if every_s and self.now >= due:
                due = due.plus(every_s)
                self.hear(wire)
            self.now = self.now.plus(0.5)

    def collect(self) -> None:
        """Take what the session wants to send."""
        for request in self.session.bytes_to_send().split(b"\x7e"):
            if request:
                whole = b"\x7e" + request + b"\x7e"
                self.sent.append((self.now.seconds_since(START), named(whole)))

    def times(self, name: str) -> list[float]:
        """Return when the host sent a request of one name, seconds."""
        return [at for at, sent in self.sent if sent == name]

    def states(self) -> str:
        """Return the states entered: (c)onnecting, (C)onnected, (L)ost."""
        letters = dict(zip(LinkState, "icnCL", strict=True))
        return "".join(letters[e.state] for e in self.of(LinkChanged))

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def numerics(self) -> dict[str, Numeric]:
        """Return the newest numerics by label."""
        return {numeric.label: numeric for numeric in self.of(NumericsReceived)[-1].numerics}

    def reasons(self) -> list[str]:
        """Return why bytes were rejected."""
        return [event.reason for event in self.of(FrameRejected)]

    def alarm_events(self) -> list[list[int]]:
        """Return the event codes of every alarm list."""
        return [[a.event_code for a in e.alarms] for e in self.of(DeviceAlarmsChanged)]


def heard(*wire: bytes) -> Line:
    """Return a listening line that heard some frames."""
    line = Line(listen_only=True)
    line.hear(*wire)
    return line
