"""What every driver owes, checked on each one in the registry."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.registry import all_drivers
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import FrameRejected, NumericsReceived
from tests.drivers.philips_intellivue import monitor as philips

if TYPE_CHECKING:
    from edge_agent.drivers.base import DriverSpec
    from edge_agent.model.session_events import SessionEvent

START = Instant(0, 0)
LISTEN_ONLY = True
HELD_BACK_MOST = 8192
"""No driver holds more bytes back than this before it gives them up, as frames end earlier."""

MISSING = philips.poll_reply(philips.heart_rate(bits=0x007FFFFF, state=0x2000))
STREAMS = {
    "philips_intellivue": philips.mds_create()
    + philips.golden("numerics_spo2_low")
    + b"noise"
    + philips.golden("alarms_spo2_low")
    + MISSING
    + philips.golden("closing_linked_result")
}
"""One stream per driver with a missing value in it, frames apart from `noise` sound."""

drivers = pytest.mark.parametrize("spec", all_drivers().values(), ids=lambda spec: spec.name)


def decode(spec: DriverSpec, chunks: list[bytes]) -> list[SessionEvent]:
    session = spec.open_session("monitor-1", LISTEN_ONLY)
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(spec.silence_s))


def rejected(events: list[SessionEvent]) -> bytes:
    return b"".join(event.raw for event in events if isinstance(event, FrameRejected))


def numerics(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


@drivers
def test_any_split_gives_the_same_events(spec: DriverSpec) -> None:
    stream, chance = STREAMS[spec.name], random.Random(7)
    whole = decode(spec, [stream])
    assert numerics(whole)
    assert decode(spec, [stream[i : i + 1] for i in range(len(stream))]) == whole
    for _ in range(30):
        cuts = sorted(chance.choices(range(len(stream)), k=chance.randrange(1, 12)))
        chunks = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
        assert decode(spec, chunks) == whole


@drivers
def test_noise_never_raises_and_every_byte_of_it_is_accounted_for(spec: DriverSpec) -> None:
    noise = random.Random(11).randbytes(200_000)
    chunks = [noise[i : i + 777] for i in range(0, len(noise), 777)]
    assert rejected(decode(spec, chunks)) == noise


@drivers
@pytest.mark.parametrize(
    "pattern", [b"\x00", b"\xff", b"\xc0", b"\xc1", b"\x7d", b"\xc0\x11", b"A"]
)
def test_what_is_held_back_is_bounded(spec: DriverSpec, pattern: bytes) -> None:
    session = spec.open_session("monitor-1", LISTEN_ONLY)
    sent = given_up = 0
    for _ in range(500):
        sent += len(pattern) * 64
        given_up += len(rejected(session.receive(pattern * 64, START)))
        assert sent - given_up <= HELD_BACK_MOST


@drivers
def test_no_byte_around_sound_frames_is_lost(spec: DriverSpec) -> None:
    assert rejected(decode(spec, [STREAMS[spec.name]])) == b"noise"


@drivers
def test_silence_settles_a_half_frame_and_not_before(spec: DriverSpec) -> None:
    half = STREAMS[spec.name][:40]
    session = spec.open_session("monitor-1", LISTEN_ONLY)
    assert rejected(session.receive(half, START)) == b""
    assert rejected(session.tick(START.plus(spec.silence_s * 0.9))) == b""
    assert rejected(session.tick(START.plus(spec.silence_s))) == half
    after = session.receive(STREAMS[spec.name], START.plus(spec.silence_s + 1))
    assert len(numerics(after)) == len(numerics(decode(spec, [STREAMS[spec.name]])))


@drivers
def test_a_missing_value_is_never_zero_and_never_valid(spec: DriverSpec) -> None:
    values = [n for e in numerics(decode(spec, [STREAMS[spec.name]])) for n in e.numerics]
    missing = [n for n in values if n.value is None]
    assert missing
    assert all(n.validity is not Validity.VALID for n in missing)


@drivers
def test_a_listener_never_sends(spec: DriverSpec) -> None:
    session = spec.open_session("monitor-1", LISTEN_ONLY)
    for second in range(300):
        session.receive(STREAMS[spec.name], START.plus(second))
        session.tick(START.plus(second + 0.5))
        assert session.bytes_to_send() == b""


@drivers
def test_a_row_of_csv_has_a_cell_per_column(spec: DriverSpec) -> None:
    for event in numerics(decode(spec, [STREAMS[spec.name]])):
        for numeric in event.numerics:
            assert len(spec.csv_row(numeric, event.device_now)) == len(spec.csv_header)
