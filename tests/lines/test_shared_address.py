"""One address for many beds: connections, links and whose messages they are."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack

import pytest

from edge_agent.config.gateway_file import BedSection
from edge_agent.lines.shared_address import SharedLine
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState, NumericsReceived
from edge_agent.sources.mllp_source import MAX_CONNECTIONS
from tests.support.brokers import WAIT_S
from tests.support.shared_lines import CLOCK, ONE, TWO, Line, held, report


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


def test_the_end_of_a_connection_waits_for_the_report_of_another() -> None:
    line = Line()
    older, newer = line.line._converse(""), line.line._converse("")
    older.converse(report("W^^1", 91), CLOCK.now())
    assert line.value(ONE) == 91
    with held(line, newer.converse, report("W^^1", 92)):
        older.ended("unplugged", CLOCK.now().plus(61))
    assert line.link(ONE).state is LinkState.CONNECTED
    assert line.link(ONE).state is LinkState.LOST


@pytest.mark.parametrize(("silent_s", "is_lost"), [(60, False), (61, True)])
def test_a_connection_that_has_long_been_silent_does_not_hold_a_link(
    silent_s: float, *, is_lost: bool
) -> None:
    line, now = Line().line, CLOCK.now()
    line.note_message(ONE, "an old connection", now.plus(-silent_s))
    line.note_message(ONE, "a new connection", now)
    line.note_message(TWO, "another monitor's", now)
    assert line.is_lost_with(ONE, "a new connection", now) == is_lost
    assert line.is_lost_with(ONE, "an old connection", now)


@pytest.mark.parametrize("end", [b"\x1c", b""])
def test_a_message_that_only_the_end_of_its_connection_ends_is_read(line: Line, end: bytes) -> None:
    whole = report("W^^1", 93).removesuffix(b"\x1c\r")
    with line.connect() as monitor:
        monitor.sendall(whole + end if end else whole[1:])
    event = line.next(ONE, lambda e: isinstance(e, NumericsReceived))
    assert isinstance(event, NumericsReceived)
    (numeric,) = event.numerics
    assert (numeric.value, numeric.received_at) == (93, event.at)
    assert CLOCK.now().seconds_since(event.at) >= 0
    assert line.link(ONE).state is LinkState.LOST
    assert next(e.state for e in line.told if isinstance(e, LinkChanged)) is LinkState.CONNECTED


def test_connections_that_carry_no_bed_make_room_and_others_are_turned_away(line: Line) -> None:
    with ExitStack() as stack:
        monitor = stack.enter_context(line.connect())
        monitor.sendall(report("W^^1", 91))
        assert line.value(ONE) == 91
        for n in range(MAX_CONNECTIONS + 4):
            other = stack.enter_context(line.connect())
            other.sendall(report("W^^9", n))
            assert other.recv(4096)
        monitor.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
    line.line._turned_away()
    away = line.next(
        line.everyone, lambda e: isinstance(e, FrameRejected) and "W^^9" not in e.reason
    )
    assert isinstance(away, FrameRejected)
    assert away.reason == "a connection was turned away; 64 are open"


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
