"""The duties of every driver, checked on each one in the registry, built in or installed."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import all_drivers
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Validity
from edge_agent.model.session_events import FrameRejected, NumericsReceived
from tests.drivers.contracts import contract_of

if TYPE_CHECKING:
    from edge_agent.drivers.base import DriverSpec
    from edge_agent.model.session_events import SessionEvent
    from tests.drivers.contracts import Contract

START = Instant(0, 0)
OPTIONS = SessionOptions("monitor-1", listen_only=True)
HELD_BACK_MOST = 70_000
"""No driver holds more bytes back than this before it gives them up, as frames end earlier."""


def contract(spec: DriverSpec) -> Contract:
    return contract_of(spec.name)


drivers = pytest.mark.parametrize("spec", all_drivers().values(), ids=lambda spec: spec.name)


def decode(spec: DriverSpec, chunks: list[bytes]) -> list[SessionEvent]:
    session = spec.open_session(OPTIONS)
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(spec.silence_s))


def rejected(events: list[SessionEvent]) -> bytes:
    return b"".join(event.raw for event in events if isinstance(event, FrameRejected))


def numerics(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


@drivers
def test_any_split_gives_the_same_events(spec: DriverSpec) -> None:
    stream, chance = contract(spec).stream, random.Random(7)
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
    # Line ends may wait for the line they lead; everything else is settled by the silence.
    assert rejected(decode(spec, chunks)).rstrip(b"\r\n") == noise.rstrip(b"\r\n")


@drivers
@pytest.mark.parametrize(
    "pattern", [b"\x00", b"\xff", b"\xc0", b"\xc1", b"\x7d", b"\xc0\x11", b"A"]
)
def test_what_is_held_back_is_bounded(spec: DriverSpec, pattern: bytes) -> None:
    session = spec.open_session(OPTIONS)
    sent = given_up = 0
    for _ in range(500):
        sent += len(pattern) * 64
        given_up += len(rejected(session.receive(pattern * 64, START)))
        assert sent - given_up <= HELD_BACK_MOST


@drivers
def test_no_byte_around_sound_frames_is_lost(spec: DriverSpec) -> None:
    assert rejected(decode(spec, [contract(spec).stream])) == contract(spec).noise


@drivers
def test_silence_settles_a_half_frame_and_not_before(spec: DriverSpec) -> None:
    half = contract(spec).stream[: contract(spec).half_bytes]
    session = spec.open_session(OPTIONS)
    assert rejected(session.receive(half, START)) == b""
    assert rejected(session.tick(START.plus(spec.silence_s * 0.9))) == b""
    assert rejected(session.tick(START.plus(spec.silence_s))) == half
    after = session.receive(contract(spec).stream, START.plus(spec.silence_s + 1))
    assert len(numerics(after)) == len(numerics(decode(spec, [contract(spec).stream])))


@drivers
def test_a_missing_value_is_never_zero_and_never_valid(spec: DriverSpec) -> None:
    values = [n for e in numerics(decode(spec, [contract(spec).stream])) for n in e.numerics]
    missing = [n for n in values if n.value is None]
    assert missing
    assert all(n.validity is not Validity.VALID for n in missing)


@drivers
def test_a_zero_that_the_device_vouches_for_is_kept(spec: DriverSpec) -> None:
    values = [n for e in numerics(decode(spec, [contract(spec).stream])) for n in e.numerics]
    zeros = [n for n in values if n.value == 0 and n.validity is Validity.VALID]
    assert bool(zeros) == contract(spec).has_zero


@drivers
def test_each_numeric_has_code_unit_state_and_both_times(spec: DriverSpec) -> None:
    for event in numerics(decode(spec, [contract(spec).stream])):
        has_time = event.device_now != DeviceTime()
        assert has_time == contract(spec).has_device_time
        for numeric in event.numerics:
            assert numeric.code > 0
            assert numeric.unit_code > 0
            assert numeric.state >= 0
            assert numeric.received_at == event.at
            assert numeric.device_id == OPTIONS.device_id


@pytest.mark.untraced
@drivers
def test_a_listener_never_sends(spec: DriverSpec) -> None:
    session = spec.open_session(OPTIONS)
    for second in range(300):
        session.receive(contract(spec).stream, START.plus(second))
        session.tick(START.plus(second + 0.5))
        assert session.bytes_to_send() == b""


@drivers
def test_a_row_of_csv_has_a_cell_per_column(spec: DriverSpec) -> None:
    for event in numerics(decode(spec, [contract(spec).stream])):
        for numeric in event.numerics:
            assert len(spec.csv_row(numeric, event.device_now)) == len(spec.csv_header)
