"""Messages on a shared address that are damaged, or of no bed."""

from __future__ import annotations

from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.session_events import FrameRejected
from tests.support.shared_lines import ONE, TWO, Line, report


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


def test_one_message_of_nobodys_is_counted_once(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(report("W^^9", 91).replace(b"262688^MDC_DIM_PERCENT^MDC", b"promille"))
        assert gateway.recv(4096)
        gateway.sendall(report("W^^1", 92))
        assert line.value(ONE) == 92
    refused = [event for event in line.told if isinstance(event, FrameRejected)]
    assert [event.reason for event in refused] == ["no bed has the origin 'W^^9'"]


def test_each_damaged_message_is_counted(line: Line) -> None:
    with line.connect() as gateway:
        gateway.sendall(b"\x0bPID|1\x1c\r" * 3 + report("W^^1", 92))
        assert line.value(ONE) == 92
    assert len([event for event in line.told if isinstance(event, FrameRejected)]) == 3


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
