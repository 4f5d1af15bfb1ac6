"""Facts about a monitor: identity, link, clock, and discarded bytes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.bed_events import MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import ClockStep
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
)
from edge_agent.ward.monitor import ClockComparison, Monitor
from tests.support.device_readings import numeric

START = Instant(0, 1_800_000_000_000_000_000)
KNOWN = MonitorIdentity("Masimo", "", "123")


@pytest.mark.parametrize(
    ("other", "is_contradiction"),
    [
        (MonitorIdentity("Masimo", "", "123"), False),
        (MonitorIdentity("Masimo", "Rad-8", ""), False),
        (MonitorIdentity("", "", ""), False),
        (MonitorIdentity("Masimo", "", "124"), True),
        (MonitorIdentity("Nellcor", "", ""), True),
    ],
)
def test_only_what_both_say_can_contradict(
    other: MonitorIdentity, *, is_contradiction: bool
) -> None:
    assert KNOWN.contradicts(other) == is_contradiction
    assert other.contradicts(KNOWN) == is_contradiction


def test_an_identity_is_written_without_what_is_not_known() -> None:
    assert str(KNOWN) == "Masimo 123"
    assert str(MonitorIdentity("", "", "")) == "unnamed"


def test_a_monitor_without_a_name_is_never_another_one() -> None:
    monitor = Monitor()
    assert monitor.is_confirmed
    monitor.known = KNOWN
    assert monitor.is_confirmed
    monitor.note_identity(DeviceIdentified("Masimo", "", "124", START))
    assert not monitor.is_confirmed


@pytest.mark.parametrize(
    ("changes", "is_lost"),
    [
        # (seconds, whole or not): brief connections that come back at once are one a message
        ([(0, True), (2, False), (10, True), (12, False)], False),
        ([(0, True), (2, False), (10, True), (12, False), (14, False)], False),
        # a cable that was bad once and then held for a minute
        ([(0, True), (2, False), (10, True), (70, False)], True),
        # a cable that was pulled after an hour and came back at once
        ([(0, True), (3600, False), (3610, True), (3615, False)], True),
        # a port that was not there yet when the program began
        ([(0, False), (5, True), (10, False)], True),
        # the last moment of a brief connection, and of coming back at once
        ([(0, True), (30, False), (60, True), (90, False)], False),
        ([(0, True), (31, False), (60, True), (90, False)], True),
        ([(0, True), (30, False), (61, True), (90, False)], True),
    ],
)
def test_only_brief_connections_may_be_lost_for_a_while(
    changes: list[tuple[float, bool]], *, is_lost: bool
) -> None:
    monitor = Monitor()
    for seconds, is_whole in changes:
        state = LinkState.CONNECTED if is_whole else LinkState.LOST
        monitor.note_link(LinkChanged(state, "", START.plus(seconds)))
    assert monitor.is_lost is is_lost


def test_a_link_is_lost_until_it_is_whole() -> None:
    monitor = Monitor()
    course = {
        LinkState.CONNECTING: False,
        LinkState.LOST: True,
        LinkState.NEGOTIATING: True,
        LinkState.CONNECTED: False,
    }
    for state, is_lost in course.items():
        monitor.note_link(LinkChanged(state, "why", START))
        assert (monitor.link, monitor.is_lost) == (state, is_lost)


def wall(seconds: float) -> int:
    return START.utc_ns + round(seconds * 1e9)


def test_the_first_comparison_is_told_and_small_changes_are_not() -> None:
    clock = ClockComparison()
    first = clock.compare(wall(-90), START)
    assert first is not None
    assert (first.offset_s, first.drift_s_per_day, first.is_step) == (-90.0, None, False)
    assert clock.compare(wall(-89 + 10), START.plus(10)) is None
    assert clock.newest is not None
    assert clock.newest.offset_s == -89.0


def test_a_clock_that_was_set_is_told_as_a_step_and_its_drift_begins_anew() -> None:
    clock = ClockComparison()
    clock.compare(wall(0), START)
    step = clock.compare(wall(3600 + 7200), START.plus(7200))
    assert step is not None
    assert (step.offset_s, step.is_step, step.drift_s_per_day) == (3600.0, True, None)
    assert clock.compare(wall(3601 + 7201), START.plus(7201)) is None


def test_the_newest_step_of_a_clock_is_kept_with_its_size() -> None:
    clock = ClockComparison()
    assert clock.newest_step is None
    for offset_s, at_s in ((0.0, 0.0), (5.0, 1.0), (10.1, 2.0), (0.0, 3.0), (4.9, 4.0)):
        clock.compare(wall(offset_s + at_s), START.plus(at_s))
    assert clock.newest_step == ClockStep(-10.1, START.plus(3))


def test_a_step_of_the_gateways_own_clock_is_none_of_the_monitor() -> None:
    clock = ClockComparison()
    clock.compare(wall(0), START)
    later = START.plus(4000)
    set_back = Instant(later.monotonic_ns, later.utc_ns - 720 * 10**9)
    compared = clock.compare(wall(4000), set_back)
    assert compared is not None
    assert (compared.offset_s, compared.is_step, compared.drift_s_per_day) == (720.0, False, None)
    assert clock.newest_step is None


def test_what_a_monitor_measures_besides_the_vitals_is_named() -> None:
    monitor = Monitor()
    named = [(7, "ST-II", "mm"), (7, "ST-II", "mm"), (0, "\x1bX", ""), (8, "", "")]
    named += [(1000 + n, "many", "1") for n in range(100)]
    others = [replace(numeric(code, 1.0, 0), label=label, unit=unit) for code, label, unit in named]
    vital = numeric(147842, 80.0, 264864)
    odd = replace(numeric(147842, 80.0, 7), label="HR", unit="xyz")
    none = replace(numeric(147842, None, 0), label="HR", unit="")
    monitor.note_numerics(NumericsReceived((odd, none), DeviceTime(), START))
    assert monitor.unused == ("HR (code 147842, xyz)",)
    monitor.note_numerics(NumericsReceived((vital, *others), DeviceTime(), START))
    unused = monitor.status("bed", "device").unused
    assert unused[1:4] == (
        "ST-II (code 7, mm)",
        "X (code 0, no unit)",
        "no label (code 8, no unit)",
    )
    assert len(unused) == 65
    assert unused[-1] == "and others"


def test_drift_is_told_per_day_once_it_has_grown() -> None:
    clock = ClockComparison()
    clock.compare(wall(0), START)
    told = [
        clock.compare(wall(minute * 60 * 1.001), START.plus(minute * 60))
        for minute in range(1, 24 * 60)
    ]
    news = [compared for compared in told if compared is not None]
    assert len(news) == 17  # 86 s in a day, told every 5 s
    assert not any(compared.is_step for compared in news)
    assert news[-1].drift_s_per_day == pytest.approx(86.4)


def test_messages_are_counted_and_a_monitor_without_a_wall_clock_has_none() -> None:
    monitor = Monitor()
    assert monitor.note_numerics(NumericsReceived((), DeviceTime(), START)) is None
    compared = monitor.note_numerics(NumericsReceived((), DeviceTime(wall_ns=wall(1)), START))
    status = monitor.status("bed", "device")
    assert (status.messages, status.numerics, status.heard_at) == (2, 0, START)
    assert status.clock is compared is not None


def test_reasons_without_end_are_counted_together() -> None:
    monitor = Monitor()
    for n in range(100):
        monitor.note_rejection(FrameRejected(f"reason {n}", b"ab"), START)
    monitor.note_rejection(FrameRejected("reason 3", b"abc"), START)
    rejections = {r.reason: (r.times, r.size_bytes) for r in monitor.status("", "").rejections}
    assert len(rejections) == 65
    assert rejections["reason 3"] == (2, 5)
    assert rejections["other reasons"] == (36, 72)
