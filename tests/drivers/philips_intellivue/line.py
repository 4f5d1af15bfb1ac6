"""A session on a line whose other end and clock are the test's."""

from __future__ import annotations

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.framing import FrameScanner
from edge_agent.drivers.philips_intellivue import frames
from edge_agent.drivers.philips_intellivue.session import open_session
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    LinkChanged,
    LinkState,
    SessionEvent,
)
from tests.drivers.philips_intellivue import monitor

START = Instant(0, 0)
STEP_S = 0.032
LABELS, NUMERICS, ALARMS, KEEP_ALIVE = "labels", "numerics", "alarms", "keep alive"
POLLS = {
    (0x0C16, 0x06, 0x0000): LABELS,
    (0xF13B, 0x06, 0x0803): NUMERICS,
    (0xF13B, 0x36, 0x0801): ALARMS,
    (0x0C16, 0x36, 0x0811): KEEP_ALIVE,
}


def named(user_data: bytes) -> str:
    """Return what a frame of the host is, read by offsets."""
    if user_data[0] != 0xE1:
        return {0x0D: "associate", 0x09: "release"}[user_data[0]]
    if user_data[5] == 2:
        return "mds result"
    fields = (user_data[24:26], user_data[32:34], user_data[34:36])
    action, object_class, group = (int.from_bytes(field, "big") for field in fields)
    return POLLS[action, object_class, group]


class Line:
    """A session, its clock, and everything that either side said."""

    def __init__(self, *, listen_only: bool = False) -> None:
        self.session = open_session(SessionOptions("monitor-1", listen_only=listen_only))
        self.now = START
        self.sent: list[tuple[float, str, bytes]] = []
        self.events: list[SessionEvent] = []
        self.ticks = 8000

    def hear(self, *wire: bytes) -> None:
        """Let the session receive frame after frame."""
        for frame in wire:
            self.events += self.session.receive(frame, self.now)
            self._collect()

    def run(self, seconds: float, *, talking: bool = False, step_s: float = STEP_S) -> None:
        """Let time pass; a talking monitor sends a cycle of numerics every 1.024 s."""
        end = self.now.plus(seconds)
        cycle_at = self.now
        while self.now < end:
            self.events += self.session.tick(self.now)
            self._collect()
            if talking and self.now >= cycle_at:
                self.ticks += 8192
                self.hear(monitor.numerics(self.ticks))
                cycle_at = cycle_at.plus(1.024)
            self.now = self.now.plus(step_s)

    def connect(self, min_poll_ticks: int = 4000) -> None:
        """Play the monitor's side until it answers polls."""
        self.run(0.1)
        self.hear(monitor.accept(min_poll_ticks), monitor.mds_create(self.ticks))
        self.run(0.5)
        single = monitor.poll_reply(monitor.labelled(0x82A5, "HR"), action=0x0C16, ticks=8192)
        self.hear(single, monitor.alarms(monitor.listed(), monitor.listed()))
        self.ticks += 8192
        self.hear(monitor.numerics(self.ticks))

    def names(self) -> list[str]:
        """Return what the host sent, in order."""
        return [name for _, name, _ in self.sent]

    def times(self, name: str) -> list[float]:
        """Return when the host sent a frame of one name, seconds."""
        return [at for at, sent, _ in self.sent if sent == name]

    def states(self) -> str:
        """Return the states entered: (c)onnecting, (n)egotiating, (C)onnected, (L)ost."""
        letters = dict(zip(LinkState, "icnCL", strict=True))
        return "".join(letters[e.state] for e in self.events if isinstance(e, LinkChanged))

    def reason(self) -> str:
        """Return why the newest state was entered."""
        return [e.reason for e in self.events if isinstance(e, LinkChanged)][-1]

    def _collect(self) -> None:
        scanner = FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME)
        for wire in scanner.feed(self.session.bytes_to_send()):
            assert isinstance(wire, bytes)
            user_data = frames.parse(wire)
            assert isinstance(user_data, bytes)
            self.sent.append((self.now.seconds_since(START), named(user_data), user_data))
        assert len(scanner) == 0
