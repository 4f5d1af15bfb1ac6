"""A session's events from the bytes on the line, with the times of the monitor."""

from __future__ import annotations

from itertools import pairwise

import pytest

from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
)
from tests.drivers.philips_intellivue import monitor
from tests.drivers.philips_intellivue.line import (
    START,
    STEP_S,
    Line,
)


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_change_of_state_comes_before_the_first_values(line: Line) -> None:
    line.connect()
    kinds = [type(e) for e in line.events]
    connected = [isinstance(e, LinkChanged) and e.state is LinkState.CONNECTED for e in line.events]
    assert connected.index(True) < kinds.index(NumericsReceived)


def test_a_restart_heard_by_a_listener_only_sets_its_clock_anew() -> None:
    line = Line(listen_only=True)
    line.hear(monitor.mds_create(1_000_000), monitor.numerics(1_008_192), monitor.numerics(8192))
    newest = [e for e in line.events if isinstance(e, NumericsReceived)][-1]
    assert newest.device_now.elapsed_ns == 1_024_000_000
    assert newest.device_now.wall_ns is None
    assert line.states() == "C"


def test_time_goes_on_over_the_wrap_of_the_tick_counter(line: Line) -> None:
    line.ticks = 2**32 - 16_384
    line.run(0.1)
    line.hear(monitor.accept(), monitor.mds_create(line.ticks))
    for _ in range(4):
        line.ticks = (line.ticks + 8192) % 2**32
        line.hear(monitor.numerics(line.ticks))
    readings = [e for e in line.events if isinstance(e, NumericsReceived)]
    elapsed = [e.device_now.elapsed_ns or 0 for e in readings]
    assert [b - a for a, b in pairwise(elapsed)] == [1_024_000_000] * 3
    walls = [e.device_now.wall_ns or 0 for e in readings]
    assert walls[0] == 1441630621 * 10**9 + 1_024_000_000
    assert walls[-1] - walls[0] == 3 * 1_024_000_000
    assert line.states() == "cnC"


def test_linked_results_are_read_part_by_part_and_their_closing_is_no_news() -> None:
    line = Line(listen_only=True)
    line.hear(monitor.alarms(monitor.listed(monitor.alarm(0x3E, 0x200, 0))))
    line.hear(
        monitor.poll_reply(monitor.heart_rate(), ro_type=5),
        monitor.poll_reply(monitor.polled(0x83B5), ro_type=5),
        monitor.poll_reply(),
        monitor.poll_reply(object_class=0x36),
    )
    assert [type(e) for e in line.events if not isinstance(e, LinkChanged)] == [
        DeviceAlarmsChanged,
        NumericsReceived,
    ]


def test_what_another_host_asks_for_is_no_event() -> None:
    line = Line(listen_only=True)
    line.hear(monitor.golden("single_poll_numerics"), monitor.golden("get_priority_list"))
    assert line.events == []


def test_reading_nothing_is_silence_too(line: Line) -> None:
    line.hear(monitor.numerics()[:9], b"")
    line.now = START.plus(0.4)
    line.hear(b"")
    line.now = START.plus(0.6)
    line.run(STEP_S)
    assert [e.raw for e in line.events if isinstance(e, FrameRejected)] == [monitor.numerics()[:9]]


def test_alarms_are_reported_when_they_change() -> None:
    line = Line(listen_only=True)
    new = monitor.alarms(monitor.listed(monitor.alarm(0x3E, 0x200, 0x0008)), monitor.listed())
    standing = monitor.alarms(monitor.listed(monitor.alarm(0x3E, 0x200, 0)), monitor.listed())
    over = monitor.alarms(monitor.listed(), monitor.listed())
    line.hear(over, over, new, standing, standing, over)
    changes = [e.alarms for e in line.events if isinstance(e, DeviceAlarmsChanged)]
    assert [[alarm.state for alarm in alarms] for alarms in changes] == [[], [8], [0], []]


def test_labels_learnt_from_the_first_poll_name_unknown_codes(line: Line) -> None:
    line.connect()
    unknown = monitor.attribute(0x0950, monitor.observed(0xF7FF, 0, 0x0AA0, 1))
    line.hear(monitor.poll_reply(monitor.polled(0x82A5, unknown), ticks=line.ticks))
    newest = [e for e in line.events if isinstance(e, NumericsReceived)][-1]
    assert newest.numerics[0].label == "HR"


def test_a_listener_is_connected_by_what_passes_and_lost_by_silence() -> None:
    line = Line(listen_only=True)
    line.run(30)
    assert line.states() == ""
    line.hear(monitor.golden("association_request"), monitor.accept(), monitor.mds_create())
    line.run(3, talking=True)
    line.run(11)
    line.run(3, talking=True)
    line.hear(monitor.ABORT)
    line.run(11)
    assert line.states() == "CLCL"
    assert line.sent == []


TWICE = "attribute {} comes twice in one object, {}"
DIFFERENT = "with different values: none is read"


def value(bits: int) -> bytes:
    return monitor.attribute(0x0950, monitor.observed(0x4182, 0, 0x0AA0, bits))


def other(bits: int = 0x60) -> bytes:
    saturation = monitor.observed(0x4BB8, 0, 0x0220, bits)
    return monitor.polled(0x83B5, monitor.attribute(0x0950, saturation))


def heard(*objects: bytes, object_class: int = 6) -> tuple[list[float | None], list[str]]:
    """Return the values and the words on what is not read of one message."""
    line = Line(listen_only=True)
    line.hear(monitor.poll_reply(*objects, object_class=object_class))
    values = [n.value for e in line.events if isinstance(e, NumericsReceived) for n in e.numerics]
    rejected = [e for e in line.events if isinstance(e, FrameRejected)]
    assert {event.raw for event in rejected} <= {b""}
    return values, [event.reason for event in rejected]


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        (monitor.attribute(0x0950, bytes(9)), "an observed value has 9 bytes, not 10"),
        (monitor.attribute(0x094B, b"\0\2\0\0"), "10 bytes announced, 0 are left"),
        (monitor.attribute(0x0927, b"\0\x08\0H"), "8 bytes announced, 2 are left"),
        (monitor.attribute(0x0902, b"\0\1\0\0"), "2 bytes announced, 0 are left"),
    ],
)
def test_an_object_that_cannot_be_read_costs_itself_alone(attribute: bytes, reason: str) -> None:
    odd = monitor.polled(0x82A5, attribute)
    for objects in ((odd, other()), (other(), odd)):
        assert heard(*objects) == ([96.0], [f"an object cannot be read: {reason}"])


def test_a_value_that_comes_twice_and_differs_is_not_read_and_this_is_said() -> None:
    twice = monitor.polled(0x82A5, value(0x50), value(0x51))
    assert heard(twice, other()) == ([96.0], [TWICE.format("0950", DIFFERENT)])


def test_a_value_that_comes_twice_alike_is_read_once_and_this_is_said() -> None:
    twice = monitor.polled(0x82A5, value(0x50), value(0x50))
    assert heard(twice, other()) == ([80.0, 96.0], [TWICE.format("0950", "with one value")])


def test_of_three_values_one_that_differs_is_enough() -> None:
    for bits in ((0x50, 0x50, 0x51), (0x50, 0x51, 0x50), (0x51, 0x50, 0x50)):
        thrice = monitor.polled(0x82A5, *(value(one) for one in bits))
        assert heard(thrice) == ([], [TWICE.format("0950", DIFFERENT)])


def test_an_attribute_that_comes_twice_is_said_once_for_a_message() -> None:
    twice = monitor.polled(0x82A5, value(0x50), value(0x51))
    assert heard(twice, twice, other()) == ([96.0], [TWICE.format("0950", DIFFERENT)])


def test_an_alarm_list_that_comes_twice_leaves_the_alarms_as_they_were() -> None:
    line = Line(listen_only=True)
    low = monitor.listed(monitor.alarm(0x003E, 0x0200, 0))
    line.hear(monitor.alarms(low, monitor.listed()))
    twice = monitor.polled(
        0x83C0, monitor.attribute(0x0902, monitor.listed()), monitor.attribute(0x0902, low)
    )
    line.hear(monitor.poll_reply(twice, object_class=0x36, ticks=16384))
    assert [len(e.alarms) for e in line.events if isinstance(e, DeviceAlarmsChanged)] == [1]
    assert TWICE.format("0902", DIFFERENT) in [
        e.reason for e in line.events if isinstance(e, FrameRejected)
    ]


def test_a_presentation_with_an_attribute_twice_is_read_without_it_and_this_is_said() -> None:
    line = Line()
    line.run(0.1)
    again = monitor.attribute(0x0928, bytes(4))
    line.hear(monitor.accept(), monitor.mds_create(8000, again=again))
    (told,) = [e for e in line.events if isinstance(e, DeviceIdentified)]
    assert (told.manufacturer, told.model, told.serial) == ("", "", "0009fb09c9da")
    assert [e.reason for e in line.events if isinstance(e, FrameRejected)] == [
        TWICE.format("0928", DIFFERENT)
    ]
