"""Ends of an association, unknown messages and operations of the simulated monitor."""

from __future__ import annotations

import pytest

from simulators.monitors.intellivue.monitor import IntellivueSettings
from tests.simulators.monitors.intellivue.test_monitor import OBSERVED, associated
from tests.support import scripted_host as host
from tests.support.scripted_host import poll, request, wrap


def test_a_silent_host_loses_the_association_after_ten_seconds() -> None:
    dialogue = associated()
    dialogue.send(poll(6, OBSERVED, extended_ticks=8_000_000))
    assert len(dialogue.wait(20.0)) == 10  # one c
    assert not dialogue.monitor.is_associated
    assert dialogue.send(host.ASSOCIATE)[0][0] == 0x0E


@pytest.mark.parametrize(("period_ticks", "limit_s"), [(26_400, 10), (80_000, 30), (400_000, 130)])
def test_slow_hosts_get_longer(period_ticks: int, limit_s: int) -> None:
    dialogue = associated(settings=IntellivueSettings(min_poll_period_ticks=period_ticks))
    dialogue.send(host.KEEP_ALIVE_MDS)
    dialogue.wait(limit_s)
    assert dialogue.monitor.is_associated
    dialogue.wait(0.01)
    assert not dialogue.monitor.is_associated


def test_release_is_answered_and_ends_the_association() -> None:
    dialogue = associated()
    (answer,) = dialogue.send(host.RELEASE)
    assert answer[0] == 0x0A
    assert answer[1] == len(answer) - 2
    assert not dialogue.monitor.is_associated


def test_abort_ends_the_association_without_an_answer() -> None:
    dialogue = associated()
    assert dialogue.send(wrap(bytes.fromhex("19 2E 11 01 03"))) == []
    assert not dialogue.monitor.is_associated


def test_an_unknown_message_is_ignored() -> None:
    dialogue = associated()
    assert dialogue.send(wrap(b"\x55\x01")) == []
    assert dialogue.monitor.is_associated


def test_the_priority_list_is_empty_until_it_is_set() -> None:
    dialogue = associated()
    (empty,) = dialogue.send(host.GET_PRIORITIES)
    assert empty.hex(" ", -2) == (
        "e100 0002 0002 0018 0000 0003 0012 0021 0000 0000 0001 0008 f23a 0004 0000 0000"
    )
    value = bytes.fromhex("0001 0004 00024BB4")
    change = bytes.fromhex("0001 000E 0000 F23A 0008") + value
    (answer,) = dialogue.send(request(5, change))
    assert answer.endswith(bytes.fromhex("0005 0016 0021 0000 0000 0001 000C F23A 0008") + value)
    assert dialogue.send(host.GET_PRIORITIES)[0].endswith(value)


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        (request(7, bytes.fromhex("0C16 0008 0001 0001 0006 0803"), "0022 0000 0000"), 0),
        (request(7, bytes.fromhex("0C16 0008 0001 0001 0006 0803"), "0021 0000 0007"), 1),
        (request(7, bytes.fromhex("0C16 0008 0001 0001 0077 0803")), 0),
        (request(7, bytes.fromhex("0C17 0008 0001 0001 0006 0803")), 9),
        (request(3, bytes.fromhex("0001 0002 F999")), 7),
        (request(5, bytes.fromhex("0001 0006 0000 F999 0000")), 7),
        (request(6, b""), 9),
    ],
)
def test_what_the_monitor_does_not_have_is_an_error(wire: bytes, error: int) -> None:
    (answer,) = associated().send(wire)
    assert answer == bytes.fromhex("E1000002 0003 0006 0009") + bytes((0, error, 0, 0))


@pytest.mark.parametrize(
    "payload",
    [
        "E1000002 0001",
        "E1000002 0001 0099 0001 0007 0000 0000",
        "E1000002 0001 0006 0001 0007 0004",
        "E1000002 0001 000A 0001 0007 0004 00210000",
        "E1000002 0002 000C 0001 0007 0006 002100000000",
        "E1000002 0003 000C 0001 0007 0006 002100000000",
        "E1000002 0001 0010 0001 0007 000A 002100000000 00000000",
        "E1000002 0001 0010 0001 0003 000A 002100000000 00000000",
        "E1000002 0001 0010 0001 0005 000A 002100000000 00000000",
    ],
)
def test_operations_that_do_not_hang_together_are_ignored(payload: str) -> None:
    dialogue = associated()
    assert dialogue.send(wrap(bytes.fromhex(payload))) == []
    assert dialogue.monitor.is_associated
