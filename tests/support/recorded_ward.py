"""A ward of simulated monitors on cables of which some are bad, recorded as `crswatch record` does.

Everything follows from the seed; the recordings are written once and are the same each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import Direction
from edge_agent.recorded.line_file import LineHeader, encode_header, encode_piece
from simulators.links.faults import FaultRates, FaultyLine
from simulators.monitors.catalog import MONITORS
from simulators.monitors.device import PowerOn
from simulators.scenarios.scenario_file import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from simulators.patients.vitals import TrueVitals

START: Final = Instant(1_790_000_003_400_000_000, 1_790_000_003_400_000_000)
LOOK_S: Final = 0.2
"""Interval at which the recording host reads its port."""
BAD_CABLE: Final = FaultRates(
    drop_per_byte=2e-4, flip_per_byte=2e-4, truncate_per_chunk=2e-3, stall_per_chunk=1e-3
)
GOOD_CABLE: Final = FaultRates()


@dataclass(frozen=True, slots=True)
class RecordedBed:
    """One bed of the ward."""

    name: str
    monitor: str
    scenario: str
    begins_min: float
    """Where in the scenario the recording begins."""
    cable: FaultRates = GOOD_CABLE


WARD: Final = (
    RecordedBed("bed-01", "philips_intellivue", "crs_grade_2", 40),
    RecordedBed("bed-02", "philips_intellivue", "baseline", 0, BAD_CABLE),
    RecordedBed("bed-03", "masimo_ascii", "crs_grade_2", 40),
    RecordedBed("bed-04", "masimo_ascii", "probe_off", 3, BAD_CABLE),
    RecordedBed("bed-05", "nonin:df2", "baseline", 0),
    RecordedBed("bed-06", "nonin:df2", "crs_grade_2", 40, BAD_CABLE),
)


def record_ward(folder: Path, minutes: float) -> None:
    """Write a recording of each bed, begun one after the other within two seconds."""
    for seed, bed in enumerate(WARD):
        begun = START.plus(0.3 * seed)
        (folder / f"{bed.name}.rec").write_bytes(_record(bed, begun, minutes * 60, seed))


def _record(bed: RecordedBed, begun: Instant, seconds: float, seed: int) -> bytes:
    course = load_scenario(bed.scenario, seed).patient

    def view(patient_s: float) -> TrueVitals:
        return course.vitals_at(bed.begins_min * 60 + patient_s)

    spec = driver(bed.monitor.partition(":")[0])
    monitor = MONITORS[bed.monitor](bed.name, seed, PowerOn(view, begun))
    session = spec.open_session(SessionOptions(bed.name))
    cable = FaultyLine(bed.cable, seed)
    file = bytearray(encode_header(_header(spec.name, begun)))
    for look in range(round(seconds / LOOK_S)):
        at = begun.plus(look * LOOK_S)
        monitor.tick(at)
        heard = cable.pass_on(monitor.bytes_to_send(), at)
        if heard:
            file += encode_piece(begun, at, Direction.FROM_DEVICE, heard)
            session.receive(heard, at)
        session.tick(at)
        said = session.bytes_to_send()
        if said:
            file += encode_piece(begun, at, Direction.TO_DEVICE, said)
            monitor.receive(said, at)
    return bytes(file)


def _header(driver_name: str, begun: Instant) -> LineHeader:
    serial = driver(driver_name).serial
    return LineHeader(
        driver=driver_name,
        profile="",
        port="/dev/ttyUSB0",
        baud=serial.baud,
        byte_size=serial.byte_size,
        parity=serial.parity,
        stop_bits=serial.stop_bits,
        rts_cts=serial.rts_cts,
        listen_only=False,
        started_utc_ns=begun.utc_ns,
    )
