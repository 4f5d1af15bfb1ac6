"""Two recordings of a real monitor are decoded as an independent decoder reads them."""

from __future__ import annotations

import csv
import random
from itertools import pairwise
from typing import NamedTuple

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.framing import FrameScanner
from edge_agent.drivers.philips_intellivue import SPEC, frames
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)
from tests.support.shared_data import shared_data

FOLDER = "captures/intellivue_mp90"
START = Instant(0, 0)
TYPES = {"0x1": ("low", True), "0x2": ("medium", True), "0x4": ("high", True)} | {
    "0x100": ("low", False),
    "0x200": ("medium", False),
    "0x400": ("high", False),
}


class Capture(NamedTuple):
    """A recording and the independent decode of it."""

    recording: str
    decoded: str
    cycles: int


captures = pytest.mark.parametrize(
    "capture",
    [
        Capture("1A_normal_sinus", "perseus_1A", 238),
        Capture("1B_spo2_low", "perseus_1B", 236),
    ],
    ids=lambda capture: capture.recording,
)


def read(capture: Capture) -> bytes:
    return shared_data(f"{FOLDER}/{capture.recording}.bin").read_bytes()


def rows(name: str) -> list[list[str]]:
    with shared_data(f"{FOLDER}/expected/{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def decode(data: bytes, cuts: list[int]) -> list[SessionEvent]:
    session = SPEC.open_session(SessionOptions("monitor-1", listen_only=True))
    events: list[SessionEvent] = []
    for a, b in pairwise([0, *cuts, len(data)]):
        events += session.receive(data[a:b], START)
    return events + session.tick(START.plus(SPEC.silence_s))


def numeric_rows(events: list[SessionEvent]) -> list[list[str]]:
    return [
        list(SPEC.csv_row(numeric, event.device_now))
        for event in events
        if isinstance(event, NumericsReceived)
        for numeric in event.numerics
    ]


def alarm_row(alarm: DeviceAlarm, elapsed_ns: int | None) -> tuple[object, ...]:
    return (
        (elapsed_ns or 0) // 125_000,
        alarm.source_code & 0xFFFF,
        alarm.event_code & 0xFFFF,
        (alarm.priority, alarm.is_technical),
        alarm.state,
        alarm.channel,
        alarm.text,
    )


def expected_alarm(row: list[str]) -> tuple[object, ...]:
    ticks, _, source, code, kind, state, polled, _, _, text = row
    shown = text.replace("<U+E40D>", "*")
    masked = int(code, 16) & 0xFFFE
    return (
        int(ticks),
        int(source, 16),
        masked,
        TYPES[kind],
        int(state, 16),
        polled[-4:].upper(),
        shown,
    )


@pytest.mark.untraced
@captures
def test_numerics_equal_the_independent_decode(capture: Capture) -> None:
    events = decode(read(capture), [])
    header, *body = rows(f"{capture.decoded}.numerics")
    assert tuple(header) == SPEC.csv_header
    assert numeric_rows(events) == body
    assert sum(isinstance(event, NumericsReceived) for event in events) == capture.cycles
    assert not [event for event in events if isinstance(event, FrameRejected)]


@pytest.mark.untraced
@captures
def test_alarms_equal_the_independent_decode(capture: Capture) -> None:
    events = decode(read(capture), [])
    found = [
        alarm_row(alarm, event.device_now.elapsed_ns)
        for event in events
        if isinstance(event, DeviceAlarmsChanged)
        for alarm in event.alarms
    ]
    assert found == [expected_alarm(row) for row in rows(f"{capture.decoded}.alarms_on_change")[1:]]


@captures
def test_the_monitor_is_identified_once(capture: Capture) -> None:
    found = [e for e in decode(read(capture), []) if isinstance(e, DeviceIdentified)]
    assert [(e.manufacturer, e.model) for e in found] == [("Philips", "M8000")]


@pytest.mark.untraced
@captures
def test_the_way_bytes_arrive_changes_nothing(capture: Capture) -> None:
    data, chance = read(capture), random.Random(capture.cycles)
    whole = decode(data, [])
    assert decode(data, list(range(1, len(data)))) == whole
    for _ in range(15):
        cuts = sorted(chance.choices(range(len(data)), k=chance.randrange(1, 2000)))
        assert decode(data, cuts) == whole


@pytest.mark.untraced
@captures
def test_one_flipped_byte_in_a_thousand_costs_only_the_frames_it_hits(capture: Capture) -> None:
    data, chance = read(capture), random.Random(1000 + capture.cycles)
    damaged = bytearray(data)
    flipped = [at for at in range(len(data)) if chance.random() < 0.001]
    for at in flipped:
        damaged[at] ^= chance.randrange(1, 256)
    scanner = FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME)
    whole = [f for f in scanner.feed(data) if isinstance(f, bytes)]
    found = [*scanner.feed(bytes(damaged)), *scanner.quiet()]
    sound = {f for f in found if isinstance(f, bytes) and isinstance(frames.parse(f), bytes)}
    ends = [0]
    for frame in whole:
        ends.append(ends[-1] + len(frame))
    spared = [
        frame
        for frame, (start, end) in zip(whole, pairwise(ends), strict=True)
        if not any(start <= at < end for at in flipped)
    ]
    assert len(spared) < len(whole)
    assert set(spared) <= sound
    assert sum(len(f if isinstance(f, bytes) else f.raw) for f in found) == len(data)
    assert decode(bytes(damaged), [])
