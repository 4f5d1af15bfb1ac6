"""A bed's line: a cable pulled and put back, a port that never was, an orderly goodbye."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import BedSection, SerialSection
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.lines.serial_line import BedLine
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import LinkChanged, LinkState
from simulators.monitors.intellivue.monitor import IntellivueMonitor
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import SimulatedBed, SimulatedWard
from tests.support.intellivue_beds import intellivue_bed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.pty

WAIT_S = 20.0
PLACE = DevicePlace("bed-01", "bed-01")
CLOCK = ScaledClock(read_system_clock, read_system_clock(), 20.0)


def simulated() -> SimulatedBed[IntellivueMonitor]:
    return intellivue_bed("bed-01", load_scenario("baseline", 1).patient, CLOCK, 1)


def wait_for(reports: queue.SimpleQueue[FromDevice], state: LinkState) -> str:
    """Return the reason with which the link entered a state."""
    while True:
        for event in reports.get(timeout=WAIT_S).events:
            if isinstance(event, LinkChanged) and event.state is state:
                return event.reason


def test_a_cable_pulled_and_put_back_is_said_and_the_monitor_released_at_the_end(
    tmp_path: Path,
) -> None:
    reports: queue.SimpleQueue[FromDevice] = queue.SimpleQueue()
    port = tmp_path / "port"
    first, second = simulated(), simulated()
    port.symlink_to(first.path)
    bed = BedSection(id="bed-01", port=str(port), driver="philips_intellivue")
    line = BedLine(PLACE, bed, CLOCK, reports.put)
    assert not line.is_alive()
    with SimulatedWard([first], CLOCK):
        line.start()
        line.start()  # no effect while it runs
        wait_for(reports, LinkState.CONNECTED)
    port.unlink()
    port.symlink_to(second.path)
    assert str(port) in wait_for(reports, LinkState.LOST)
    with SimulatedWard([second], CLOCK):
        wait_for(reports, LinkState.CONNECTED)
        assert second.monitor.is_associated
        line.stop()
        wait_for_release(second)
    assert not line.is_alive()


def wait_for_release(bed: SimulatedBed[IntellivueMonitor]) -> None:
    waiting: queue.SimpleQueue[None] = queue.SimpleQueue()
    for _ in range(400):
        if not bed.monitor.is_associated:
            return
        with pytest.raises(queue.Empty):
            waiting.get(timeout=0.05)
    pytest.fail("the monitor was not released")


def test_a_port_that_is_not_there_is_said_once_and_waited_for(tmp_path: Path) -> None:
    reports: queue.SimpleQueue[FromDevice] = queue.SimpleQueue()
    port = str(tmp_path / "nothing")
    bed = BedSection(
        id="bed-01",
        port=port,
        driver="philips_intellivue",
        serial=SerialSection(baud=19200, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    )
    line = BedLine(PLACE, bed, CLOCK, reports.put)
    line.start()
    assert port in wait_for(reports, LinkState.LOST)
    line.stop()
    assert reports.empty()


def test_an_address_that_no_port_has_is_refused_at_once() -> None:
    bed = BedSection(id="bed-01", port="nonsense://x", driver="philips_intellivue")
    with pytest.raises(LinkError, match="nonsense"):
        BedLine(PLACE, bed, CLOCK, lambda _report: None)
