"""One address for many beds: who is meant, who is lost, and what is nobody's."""

from __future__ import annotations

import queue
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING

import pytest

from edge_agent.app import read_system_clock
from edge_agent.bed_line import FromDevice
from edge_agent.config import BedSection
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import (
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.shared_line import SharedLine
from tests.brokers import WAIT_S, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK = ScaledClock(read_system_clock, read_system_clock(), 10.0)
ONE, TWO = DevicePlace("bed-1", "bed-1"), DevicePlace("bed-2", "bed-2")


def report(place: str, spo2: int) -> bytes:
    """Return a framed report of one value."""
    rows = (
        f"MSH|^~\\&|maker|{place}|||20260101120000||ORU^R01|1|P|2.6",
        f"PV1||I|{place}",
        "OBR|1",
        f"OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1|{spo2}|262688^MDC_DIM_PERCENT^MDC|||||F",
    )
    return b"\x0b" + "\r".join(rows).encode() + b"\r\x1c\r"


class Line:
    """A shared line for two beds, and what it reported."""

    def __init__(self, port: int = 0) -> None:
        self.reports: queue.SimpleQueue[FromDevice] = queue.SimpleQueue()
        self._heard: deque[tuple[DevicePlace, SessionEvent]] = deque()
        self.address = f"mllp://127.0.0.1:{port}"
        beds = {
            place: BedSection(
                id=place.bed_id, port=self.address, driver="hl7_oru", origin=f"W^^{n}"
            )
            for n, place in ((1, ONE), (2, TWO))
        }
        self.line = SharedLine(self.address, beds, CLOCK, self.reports.put)

    def next(self, place: DevicePlace, is_wanted: Callable[[SessionEvent], bool]) -> SessionEvent:
        """Return the next wanted event of a place."""
        while True:
            while self._heard:
                said_by, event = self._heard.popleft()
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


@pytest.fixture
def line() -> Iterator[Line]:
    subject = Line(free_port())
    subject.line.start()
    subject.line.start()  # no effect while it runs
    pause: queue.SimpleQueue[None] = queue.SimpleQueue()
    while not subject.line.bound_port:
        with pytest.raises(queue.Empty):
            pause.get(timeout=0.01)
    yield subject
    subject.line.ask_to_leave()
    subject.line.stop()
    assert not subject.line.is_alive()


def test_each_bed_gets_what_its_monitor_says(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^1", 91) + report("W^^2", 92))
        assert gateway.recv(4096).startswith(b"\x0b")  # acknowledged
        assert line.value(ONE) == 91
        assert line.value(TWO) == 92
        gateway.sendall(report("W^^1", 94))
        assert line.value(ONE) == 94


def test_a_link_is_whole_once_a_bed_is_heard_and_lost_with_its_connection(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^1", 91))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert gateway.recv(4096).endswith(b"\x1c\r")
    lost = line.link(ONE)
    assert (lost.state, lost.reason) == (LinkState.LOST, "the device closed the connection")
    assert line.reports.empty()  # the other bed was never heard here


def test_a_device_that_connected_again_is_not_lost_with_its_old_connection(line: Line) -> None:
    with line.connect() as old, line.connect() as new:
        old.sendall(report("W^^1", 91))
        assert line.value(ONE) == 91
        new.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
        old.close()
        new.sendall(report("W^^1", 93))
        assert line.value(ONE) == 93
        new.close()
        assert line.link(ONE).state is LinkState.LOST


def test_a_device_that_talks_over_two_connections_is_lost_with_the_last_of_them(line: Line) -> None:
    with line.connect() as older, line.connect() as newer:
        older.sendall(report("W^^1", 91))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert line.value(ONE) == 91
        newer.sendall(report("W^^1", 92))
        assert line.link(ONE).state is LinkState.CONNECTED
        assert line.value(ONE) == 92
        name = f"127.0.0.1:{newer.getsockname()[1]}"
        (carrier,) = [t for t in threading.enumerate() if t.name.endswith(name)]
        newer.shutdown(socket.SHUT_RDWR)
        carrier.join(WAIT_S)
        for spo2 in (93, 94, 95):
            older.sendall(report("W^^1", spo2))
            heard = line.next(ONE, lambda e: isinstance(e, LinkChanged | NumericsReceived))
            assert isinstance(heard, NumericsReceived)
            assert older.recv(4096).endswith(b"\x1c\r")
    assert line.link(ONE).state is LinkState.LOST


@pytest.mark.parametrize(("silent_s", "is_lost"), [(60, False), (61, True)])
def test_a_connection_that_has_long_been_silent_does_not_hold_a_link(
    silent_s: float, *, is_lost: bool
) -> None:
    line, now = Line().line, CLOCK.now()
    line.note_heard(ONE, "an old connection", now.plus(-silent_s))
    line.note_heard(ONE, "a new connection", now)
    line.note_heard(TWO, "another monitor's", now)
    assert line.is_lost_with(ONE, "a new connection", now) == is_lost
    assert line.is_lost_with(ONE, "an old connection", now)


def test_what_is_nobodys_is_counted_with_its_origin_or_its_reason(line: Line) -> None:
    everyone = DevicePlace("", line.address)
    with line.connect() as gateway:
        gateway.sendall(report("W^^9", 91) + b"garbage" + report("W^^1", 92))
        assert line.value(ONE) == 92
    gateway = line.connect()
    gateway.sendall(report("W^^9", 91))
    unknown = line.next(everyone, lambda e: isinstance(e, FrameRejected))
    assert isinstance(unknown, FrameRejected)
    assert unknown.reason == "no bed has the origin 'W^^9'"
    assert unknown.raw == b""
    gateway.sendall(b"garbage" + report("W^^1", 92))
    damage = line.next(everyone, lambda e: isinstance(e, FrameRejected))
    assert isinstance(damage, FrameRejected)
    gateway.close()


def test_what_is_not_understood_is_counted_at_the_bed_it_came_from(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^2", 91).replace(b"262688^MDC_DIM_PERCENT^MDC", b"promille"))
        refused = line.next(TWO, lambda e: isinstance(e, FrameRejected))
        assert isinstance(refused, FrameRejected)
        assert refused.reason.startswith("not understood: unit 'promille' of 150456^")
        assert line.value(TWO) == 91


def test_half_a_message_is_settled_and_harms_nobody_else(line: Line) -> None:
    everyone = DevicePlace("", line.address)
    with line.connect() as half, line.connect() as whole:
        half.sendall(report("W^^1", 91)[:50])
        whole.sendall(report("W^^2", 92))
        assert line.value(TWO) == 92
        settled = line.next(everyone, lambda e: isinstance(e, FrameRejected))
        assert isinstance(settled, FrameRejected)
        assert settled.raw == report("W^^1", 91)[:50]
        whole.sendall(report("W^^2", 93))
        assert line.value(TWO) == 93


def test_what_a_closed_connection_held_back_is_counted(line: Line) -> None:
    with line.connect() as half:
        half.sendall(report("W^^1", 91) + report("W^^1", 92)[:50])
        assert line.value(ONE) == 91
        assert half.recv(4096).endswith(b"\x1c\r")
    given_up = line.next(DevicePlace("", line.address), lambda e: isinstance(e, FrameRejected))
    assert isinstance(given_up, FrameRejected)
    assert given_up.raw == report("W^^1", 92)[:50]


def test_an_address_that_cannot_be_had_is_a_lost_link_of_every_bed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        subject = Line(other.getsockname()[1])
        subject.line.start()
        assert subject.link(ONE).state is LinkState.LOST
        assert subject.link(TWO).state is LinkState.LOST
    subject.line.stop()


def test_what_is_no_address_is_refused_at_once() -> None:
    bed = BedSection(id="bed-1", port="mllp://nowhere", driver="hl7_oru", origin="W^^1")
    with pytest.raises(LinkError):
        SharedLine("mllp://nowhere", {ONE: bed}, CLOCK, lambda _report: None)
