"""One address that the monitors of two beds connect to, and what they send."""

from __future__ import annotations

import queue
import socket
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import BedSection
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.lines.shared_address import SharedLine
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.model.session_events import LinkChanged, NumericsReceived, SessionEvent
from tests.support.brokers import WAIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from edge_agent.model.clock import Instant


CLOCK = ScaledClock(read_system_clock, read_system_clock(), 10.0)
ONE, TWO = DevicePlace("bed-1", "bed-1"), DevicePlace("bed-2", "bed-2")


def report(location: str, spo2: int, device: str = "") -> bytes:
    """Return a framed report of one value."""
    rows = (
        f"MSH|^~\\&|{device or 'maker'}|maker|||20260101120000||ORU^R01|1|P|2.6",
        f"PV1||I|{location}",
        "OBR|1",
        f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{spo2}|262688^MDC_DIM_PERCENT^MDC|||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


class Line:
    """A shared line for two beds, and what it reported."""

    def __init__(
        self, port: int = 0, origins: tuple[str, str] = ("W^^1", "W^^2"), profile: str = ""
    ) -> None:
        self.reports: queue.SimpleQueue[FromDevice] = queue.SimpleQueue()
        self._heard: deque[tuple[DevicePlace, SessionEvent]] = deque()
        self.told: list[SessionEvent] = []
        self.address = f"mllp://127.0.0.1:{port}"
        self.everyone = DevicePlace("", self.address)
        beds = {
            place: BedSection(
                id=place.bed_id,
                port=self.address,
                driver="hl7_oru",
                origin=origin,
                profile=profile,
            )
            for origin, place in zip(origins, (ONE, TWO), strict=True)
        }
        self.line = SharedLine(self.address, beds, CLOCK, self._reported)
        self.before_report: Callable[[], object] = lambda: None

    def _reported(self, said: FromDevice) -> None:
        self.before_report()
        self.reports.put(said)

    def next(self, place: DevicePlace, is_wanted: Callable[[SessionEvent], bool]) -> SessionEvent:
        """Return the next wanted event of a place."""
        while True:
            while self._heard:
                said_by, event = self._heard.popleft()
                self.told.append(event)
                if said_by == place and is_wanted(event):
                    return event
            said = self.reports.get(timeout=WAIT_S)
            self._heard += [(said.place, event) for event in said.events]

    def link(self, place: DevicePlace) -> LinkChanged:
        """Return the next change of a place's link."""
        event = self.next(place, lambda e: isinstance(e, LinkChanged))
        assert isinstance(event, LinkChanged)
        return event

    def value(self, place: DevicePlace) -> float | None:
        """Return the next value of a place."""
        event = self.next(place, lambda e: isinstance(e, NumericsReceived))
        assert isinstance(event, NumericsReceived)
        assert event.numerics[0].device_id == place.device_id
        return event.numerics[0].value

    def connect(self) -> socket.socket:
        """Return a connection to it."""
        return socket.create_connection(("127.0.0.1", self.line.bound_port), WAIT_S)


@contextmanager
def running(subject: Line) -> Iterator[None]:
    subject.line.start()
    subject.line.start()  # no effect while it runs
    pause: queue.SimpleQueue[None] = queue.SimpleQueue()
    while not subject.line.bound_port:
        with pytest.raises(queue.Empty):
            pause.get(timeout=0.01)
    yield
    subject.line.begin_release()
    subject.line.stop()
    assert not subject.line.is_alive()


def alert(location: str, words: str, phase: str) -> bytes:
    """Return a framed alert."""
    rows = (
        f"MSH|^~\\&|maker|{location}|||20260101120000||ORU^R40|1|P|2.6",
        f"PV1||I|{location}",
        "OBR|1",
        f"OBX|1|ST|196616^MDC_EVT_ALARM^MDC|{words}.0.0.1|{words}|||PH~SP|||F",
        f"OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|{words}.0.0.2|{phase}|||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


@contextmanager
def held(line: Line, converse: Callable[[bytes, Instant], bytes], said: bytes) -> Iterator[None]:
    """Hold the report of a message back until another overtakes it, or none does."""
    is_held, overtakes = threading.Event(), threading.Event()

    def hold() -> None:
        if is_held.is_set():
            overtakes.set()
            return
        is_held.set()
        overtakes.wait(0.2)

    line.before_report = hold
    slow = threading.Thread(target=converse, args=(said, CLOCK.now()), daemon=True)
    slow.start()
    assert is_held.wait(WAIT_S)
    yield
    slow.join(WAIT_S)
