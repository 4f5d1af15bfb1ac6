"""Tests of the document's frames, and of the messages of a simulated oximeter."""

from __future__ import annotations

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Validity
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from simulators.monitors.device import PowerOn, Sent
from simulators.scenarios.scenario_file import load_scenario

from . import SPEC
from .contract import SOURCES, golden
from .frames import framed
from .simulator import PulseTrakMonitor, PulseTrakSettings

START = Instant(0, 1_800_000_000 * 10**9)
KEYS = {150456: "spo2", 149530: "pulse_rate@spo2", 150448: "perfusion_index"}
KEYS |= {188424: "temperature@oral"}


def decode(wire: bytes) -> list[SessionEvent]:
    """Return the events of a new session for some bytes and a silence after them."""
    session = SPEC.open_session(SessionOptions("monitor-1"))
    return session.receive(wire, START) + session.tick(START.plus(SPEC.silence_s))


def values(wire: bytes) -> list[tuple[float | None, Validity]]:
    """Return the values of the one message in `wire`."""
    (message,) = [e for e in decode(wire) if isinstance(e, NumericsReceived)]
    return [(numeric.value, numeric.validity) for numeric in message.numerics]


def test_golden_frames_say_what_the_document_says() -> None:
    """Table 5 of PT-1042 prints these frames and their meaning."""
    good, none = Validity.VALID, (None, Validity.INVALID)
    assert values(golden("values")) == [(97.0, good), (72.0, good), (3.1, good)]
    assert values(golden("no_flow")) == [*[(None, Validity.NOT_AVAILABLE)] * 2, (0.0, good)]
    assert values(golden("sensor_off")) == [none, none, none]
    assert values(golden("temperature")) == [(38.4, good)]


def test_every_golden_frame_has_a_provenance() -> None:
    """A frame without an origin proves nothing."""
    wanted = {"device", "firmware", "obtained", "licence", "frames"}
    assert all(entry.keys() == wanted for entry in SOURCES.values())


def test_a_number_under_a_doubtful_status_keeps_its_mark() -> None:
    """Weak signal: the number stays, but no rule uses it. Searching: no number."""
    assert values(framed(b"V\0\0\0\1\4\x61\x48\x03"))[0] == (97.0, Validity.QUESTIONABLE)
    assert values(framed(b"V\0\0\0\1\2\x61\x48\x03"))[0] == (None, Validity.INVALID)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"V\0\0\0\1\0\x65\x48\x1f", "SpO2 is out of its range"),
        (b"V\0\0\0\1\x80\x61\x48\x1f", "bits are set that PT-1042 does not use"),
        (b"T\0\0\0\1\xff\xff", "a temperature out of range"),
        (b"X", "no message that PT-1042 knows"),
    ],
)
def test_nonsense_with_a_right_checksum_is_rejected_whole(payload: bytes, reason: str) -> None:
    """A sum of 8 bits lets 1 damaged frame in 256 through."""
    assert decode(framed(payload)) == [FrameRejected(reason, framed(payload))]


def test_a_lying_length_costs_one_frame() -> None:
    """The next frame may begin inside the bytes of this one."""
    events = decode(b"\x02\x09" + golden("values") + golden("values"))
    assert [e.raw for e in events if isinstance(e, FrameRejected)] == [b"\x02\x09"]
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == 2
    events = decode(b"\x02\x0a" + golden("temperature"))  # longer than the bytes that came
    assert [e.raw for e in events if isinstance(e, FrameRejected)] == [b"\x02\x0a"]
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == 1


def test_alarms_are_told_in_full_whenever_they_change() -> None:
    """The first list counts as a change, also an empty one."""
    wire = b"".join(framed(b"V\0\0\0\1%c\x55\x48\x1f" % s) for s in (0x00, 0x10, 0x10, 0x30, 0x00))
    lists = [e.alarms for e in decode(wire) if isinstance(e, DeviceAlarmsChanged)]
    assert [[a.source_code for a in alarms] for alarms in lists] == [
        [],
        [150456],
        [150456, 149530],
        [],
    ]


def test_a_silent_oximeter_is_lost_and_asked_anew_who_it_is() -> None:
    """Another oximeter may have been plugged in meanwhile."""
    session = SPEC.open_session(SessionOptions("monitor-1"))
    session.tick(START)
    assert session.bytes_to_send() == framed(b"?")
    assert len(session.receive(framed(b"IPT000001"), START)) == 2
    assert session.receive(framed(b"IPT000001"), START) == []
    assert session.tick(START.plus(4.9)) == []
    assert session.bytes_to_send() == b""
    (lost,) = session.tick(START.plus(5))
    assert isinstance(lost, LinkChanged)
    assert lost.state is LinkState.LOST
    assert session.bytes_to_send() == framed(b"?")
    (_, other) = session.receive(framed(b"IPT000002"), START.plus(6))
    assert isinstance(other, DeviceIdentified)
    session.release()
    session.tick(START.plus(60))
    assert session.bytes_to_send() == b""


@pytest.mark.parametrize(
    "settings",
    [
        PulseTrakSettings(),
        PulseTrakSettings(numbers_while_searching=True, weak_below=3.0, spo2_limit=97),
    ],
)
def test_what_the_simulated_oximeter_sends_is_what_is_read(settings: PulseTrakSettings) -> None:
    """An hour with a probe that falls off; driver and simulator share no line of code."""
    sent: list[Sent] = []
    view = load_scenario("probe_off", 3).patient.vitals_at
    monitor = PulseTrakMonitor(PowerOn(view, START, sent.append), settings, 3)
    session = SPEC.open_session(SessionOptions("monitor-1"))
    events: list[SessionEvent] = []
    for quarter in range(4 * 3600):
        at = START.plus(quarter / 4)
        events += session.tick(at)
        monitor.receive(session.bytes_to_send(), at)
        events += session.receive(monitor.bytes_to_send(), at)
    read = [e for e in events if isinstance(e, NumericsReceived)]
    assert len(read) == len(sent) > 3600
    for message, truth in zip(read, sent, strict=True):
        good = {KEYS[n.code]: n.value for n in message.numerics if n.validity is Validity.VALID}
        assert good == {key: value for key, value in truth.values.items() if value is not None}
        assert message.device_now == DeviceTime(
            elapsed_ns=round(truth.at.seconds_since(START) * 1e9)
        )
    assert len([e for e in events if isinstance(e, DeviceIdentified)]) == 1
    assert not [e for e in events if isinstance(e, FrameRejected)]
