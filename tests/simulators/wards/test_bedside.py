"""Beds on real pseudo-terminals answer a host, each with its own patient."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest

from edge_agent.model.clock import Instant, ScaledClock
from simulators.links.faults import FaultRates, FaultyLine
from simulators.links.system_clock import read_system_clock
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedWard
from tests.support import scripted_host as golden
from tests.support.intellivue_beds import intellivue_bed
from tests.support.serial_host import SerialHost

pytestmark = pytest.mark.pty


class HandClock:
    """A clock that a test sets."""

    factor = 1.0
    axis = "hand"

    def __init__(self) -> None:
        self.at = golden.POWERED_AT

    def now(self) -> Instant:
        """Return the moment it was set to."""
        return self.at


def fast_clock(factor: float) -> ScaledClock:
    return ScaledClock(read_system_clock, read_system_clock(), factor)


def read_payload(host: SerialHost) -> bytes:
    (payload,) = golden.unwrap(host.read_until(b"\xc1"))
    return payload


def associate(host: SerialHost) -> bytes:
    """Return the create event."""
    host.write(golden.ASSOCIATE)
    assert read_payload(host)[0] == 0x0E
    event = read_payload(host)
    host.write(golden.CREATE_RESULT)
    return event


def test_the_system_clock_does_not_go_back() -> None:
    first, second = read_system_clock(), read_system_clock()
    assert second.monotonic_ns >= first.monotonic_ns
    assert first.utc_ns > 1_600_000_000 * 10**9


def test_a_bed_answers_polls_over_its_port() -> None:
    clock = fast_clock(50.0)
    bed = intellivue_bed("BED 1", load_scenario("baseline", 1).patient, clock, seed=1)
    with SimulatedWard([bed], clock), SerialHost(bed.path) as host:
        assert "BED 1".encode("utf-16-be") in associate(host)
        host.write(golden.poll(6, 0x0803, extended_ticks=40_000))
        replies = [golden.read_reply(read_payload(host)) for _ in range(4)]
        assert [reply.sequence for reply in replies] == [0, 1, 2, 3]
        assert all(0x4182 in reply.values() for reply in replies)


def test_every_bed_has_its_own_monitor_and_patient() -> None:
    clock = fast_clock(20.0)
    course = load_scenario("baseline", 1).patient
    beds = [intellivue_bed(f"BED {n}", course, clock, seed=n) for n in range(8)]
    with SimulatedWard(beds, clock), ExitStack() as stack:
        hosts = [stack.enter_context(SerialHost(bed.path)) for bed in beds]
        events = [associate(host) for host in hosts]
        assert len(set(events)) == len(beds)
        assert len({bed.path for bed in beds}) == len(beds)


def test_a_bed_is_served_the_same_way_without_a_thread() -> None:
    clock = HandClock()
    bed = intellivue_bed("BED 2", load_scenario("crs_grade_2", 1).patient, clock, seed=2)
    clock.at = clock.at.plus(40 * 60.0)
    with SerialHost(bed.path) as host:
        host.write(golden.ASSOCIATE)
        bed.serve(clock.now())
        assert read_payload(host)[0] == 0x0E
        read_payload(host)
        host.write(golden.CREATE_RESULT + golden.poll(6, 0x0803))
        bed.serve(clock.now())
        values = golden.read_reply(read_payload(host)).values()
        assert values[0x4BB8][0] == 0x0002
        bed.serve(clock.now())
    bed.close()


def test_a_faulty_cable_damages_what_the_host_gets() -> None:
    clock = HandClock()
    line = FaultyLine(FaultRates(repeat_per_chunk=1.0), 1)
    bed = intellivue_bed("BED 3", load_scenario("baseline", 1).patient, clock, 3, line)
    with SerialHost(bed.path) as host:
        host.write(golden.ASSOCIATE)
        bed.serve(clock.now())
        payloads = [read_payload(host) for _ in range(4)]
        assert payloads[:2] == payloads[2:]
    bed.close()


def test_stopping_a_ward_ends_its_thread_and_its_ports() -> None:
    clock = fast_clock(1.0)
    bed = intellivue_bed("BED 4", load_scenario("baseline", 1).patient, clock, seed=4)
    ward = SimulatedWard([bed], clock)
    ward.start()
    ward.stop()
    assert "simulated-ward" not in {thread.name for thread in threading.enumerate()}
    assert bed.link.fileno() == -1
