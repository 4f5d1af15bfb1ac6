"""Damage costs only the frames it hits, wherever it strikes and however the bytes arrive."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.philips_intellivue.session import SILENCE_S, open_session
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.philips_intellivue import monitor
from tests.drivers.philips_intellivue.monitor import golden

START = Instant(0, 0)
KINDS = {
    "accept": monitor.accept(),
    "mds create": monitor.mds_create(),
    "numerics": golden("numerics_spo2_low"),
    "alarms": golden("alarms_spo2_low"),
    "closing": golden("closing_linked_result"),
    "wave": monitor.poll_reply(monitor.heart_rate(), object_class=9),
    "error": monitor.error(3),
    "refuse": monitor.REFUSE,
}


def decode(*chunks: bytes) -> list[SessionEvent]:
    session = open_session(SessionOptions("monitor-1", listen_only=True))
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(SILENCE_S))


def values(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


def rejected(events: list[SessionEvent]) -> list[FrameRejected]:
    return [event for event in events if isinstance(event, FrameRejected)]


def test_the_golden_numerics_are_read_as_published() -> None:
    (message,) = values(decode(golden("numerics_spo2_low")))
    read = {n.code & 0xFFFF: (n.value, n.state, n.validity) for n in message.numerics}
    assert read == {
        0x4A05: (None, 0x2000, Validity.NOT_AVAILABLE),
        0x4A06: (None, 0x2000, Validity.NOT_AVAILABLE),
        0x4A07: (None, 0x2000, Validity.NOT_AVAILABLE),
        0x4182: (80.0, 0, Validity.VALID),
        0x0301: (-0.2, 1, Validity.VALID),
        0x4261: (0.0, 0, Validity.VALID),
        0x4BB8: (86.3, 2, Validity.VALID),
        0x4BB0: (3.0, 0, Validity.VALID),
    }
    assert message.numerics[0].measured_at.wall_ns == 1441377999 * 10**9
    assert message.device_now.elapsed_ns == 0x0118EC00 * 125_000


def test_the_golden_alarms_are_read_as_published() -> None:
    (changed,) = [
        e for e in decode(golden("alarms_spo2_low")) if isinstance(e, DeviceAlarmsChanged)
    ]
    low, fault = changed.alarms
    assert (low.source_code, low.event_code) == (150456, 196670)
    assert (low.priority, low.is_technical, low.channel) == ("medium", False, "83B5")
    assert low.text == "** SpO\u2082   LOW     "
    assert (fault.source_code, fault.event_code) == (0x1F222, 0x30046)
    assert (fault.priority, fault.is_technical, fault.text) == (
        "medium",
        True,
        "Rem.AlarmDev.Malf.",
    )


@pytest.mark.untraced
def test_a_thousand_random_splits_give_the_same_events() -> None:
    chance = random.Random(3)
    stream = b"..".join(KINDS.values())
    whole = decode(stream)
    for _ in range(1000):
        cuts = sorted(chance.choices(range(len(stream)), k=chance.randrange(1, 20)))
        chunks = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
        assert decode(*chunks) == whole


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_frame_cut_anywhere_costs_only_itself(kind: str) -> None:
    frame = KINDS[kind]
    after = monitor.numerics(ticks=0x0118EC00 + 8192)
    expected = values(decode(after))
    for length in range(1, len(frame)):
        events = decode(frame[:length], after)
        assert values(events) == expected
        assert b"".join(r.raw for r in rejected(events)) == frame[:length]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_frame_in_two_halves_is_whole(kind: str) -> None:
    frame = KINDS[kind]
    whole = decode(frame)
    for length in range(len(frame)):
        assert decode(frame[:length], frame[length:]) == whole


def test_flipped_bytes_cost_only_the_frames_they_hit() -> None:
    chance = random.Random(5)
    cycle = [monitor.numerics(ticks=8192 * (n + 1)) for n in range(2000)]
    hit = set[int]()
    stream = bytearray()
    for n, frame in enumerate(cycle):
        damaged = bytearray(frame)
        for at in range(len(damaged)):
            if chance.random() < 0.001:
                damaged[at] ^= chance.randrange(1, 256)
                hit.add(n)
        stream += damaged
    events = decode(bytes(stream))
    seen = {round((v.device_now.elapsed_ns or 0) / 1_024_000_000) - 1 for v in values(events)}
    assert hit
    assert seen >= set(range(len(cycle))) - hit
    lost = [n for n in range(len(cycle)) if n not in seen]
    assert sum(len(r.raw) for r in rejected(events)) == sum(len(cycle[n]) for n in lost)


def test_a_malformed_message_in_a_sound_frame_is_rejected_whole() -> None:
    frame = monitor.frame(bytes.fromhex("E10000020002000000"))
    (only,) = decode(frame)
    assert isinstance(only, FrameRejected)
    assert only.raw == frame
    assert only.reason == "malformed message: 1 bytes too many"
