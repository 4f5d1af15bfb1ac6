"""A bed lives its plan: switched off and on, unplugged, its clock wrong, its patient on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from simulators.patients.vitals import Cuff
from simulators.scenarios.scenario_file import load_scenario
from simulators.wards.bedside import WAITING_LIMIT
from simulators.wards.line_faults import FaultSpan
from simulators.wards.ward_bed import WardBed, view_from
from simulators.wards.ward_plan import BedPlan, LineFault, LineFaultKind, PatientChoice
from tests.support import scripted_host as golden

BEGAN = golden.POWERED_AT
OFF = LineFault(LineFaultKind.OFF, 60.0, 120.0)
CUT = LineFault(LineFaultKind.DISCONNECT, 60.0, 120.0)


@dataclass
class OpenLine:
    """The monitor's end of a line whose other end is a test."""

    path: str = "line"
    from_host: bytes = b""
    to_host: bytes = b""
    is_full: bool = False
    plugs: list[str] = field(default_factory=list)

    def fileno(self) -> int:
        """Return no descriptor."""
        return -1

    def read(self) -> bytes:
        """Return what the host wrote."""
        data, self.from_host = self.from_host, b""
        return data

    def write_some(self, data: bytes) -> int:
        """Take everything, or nothing while full."""
        if self.is_full:
            return 0
        self.to_host += data
        return len(data)

    def unplug(self) -> None:
        """Note it."""
        self.plugs.append("out")

    def plug_in(self) -> None:
        """Note it."""
        self.plugs.append("in")

    def close(self) -> None:
        """Note it."""
        self.plugs.append("closed")


@dataclass
class Bed:
    """A bed on an open line, served at the moments of a test."""

    monitor: str
    faults: tuple[LineFault, ...] = ()
    starts_at_s: float = 0.0
    patient: PatientChoice = field(default_factory=lambda: PatientChoice("crs_grade_2"))
    line: OpenLine = field(default_factory=OpenLine)
    told: list[FaultSpan] = field(default_factory=list)

    def __post_init__(self) -> None:
        plan = BedPlan(
            bed_id="bed-01",
            monitor=self.monitor,
            patient=self.patient,
            seed=4,
            starts_at_s=self.starts_at_s,
            faults=self.faults,
        )
        self.bed = WardBed(plan, self.line, 1, BEGAN, self.told.append)

    def at(self, second: float, said_by_host: bytes = b"") -> bytes:
        """Return what the host has after this moment."""
        self.line.from_host, self.line.to_host = said_by_host, b""
        self.bed.serve(BEGAN.plus(second))
        return self.line.to_host

    def spoken(self, seconds: range) -> list[int]:
        """Return the seconds in which the host got anything."""
        return [second for second in seconds if self.at(second)]


def test_a_monitor_that_is_switched_off_says_nothing_and_then_speaks_again() -> None:
    bed = Bed("masimo_ascii", (OFF,))
    spoken = bed.spoken(range(200))
    assert spoken == [*range(1, 60), *range(122, 200)]
    assert [span.fault for span in bed.told] == [OFF]
    assert bed.line.plugs == []


def test_a_monitor_on_the_network_has_no_connection_without_power() -> None:
    bed = Bed("hl7_oru:comen_nc5", (OFF,))
    bed.spoken(range(60))
    assert bed.line.plugs == []
    assert bed.spoken(range(60, 121)) == []
    assert bed.line.plugs == ["out"]
    assert bed.spoken(range(121, 200))
    assert bed.line.plugs == ["out", "in"]


def test_a_monitor_that_was_off_is_the_same_one_but_knows_no_host() -> None:
    bed = Bed("philips_intellivue", (OFF,))
    first = golden.unwrap(bed.at(1, golden.ASSOCIATE))
    assert len(first) == 2
    assert bed.at(60, golden.ASSOCIATE) == b""
    bed.at(120)
    again = golden.unwrap(bed.at(121, golden.ASSOCIATE))
    assert [payload[0] for payload in again] == [payload[0] for payload in first]
    assert again[0] == first[0]


def test_the_same_masimo_has_the_same_serial_number_after_power_came_back() -> None:
    bed = Bed("masimo_ascii", (OFF,))
    before = bed.at(30)
    bed.spoken(range(60, 130))
    after = bed.at(130)
    serial = before.split()[2]
    assert serial.startswith(b"SN=")
    assert after.split()[2] == serial


def test_a_disconnect_unplugs_the_line_for_its_time() -> None:
    bed = Bed("masimo_ascii", (CUT,))
    plugs = []
    for second in (0, 59, 60, 119, 120, 121):
        bed.at(second)
        plugs.append(list(bed.line.plugs))
    assert plugs == [[], [], ["out"], ["out"], ["out"], ["out", "in"]]
    bed.bed.close()
    assert bed.line.plugs[-1] == "closed"


def test_what_waited_for_a_host_is_lost_with_the_line() -> None:
    bed = Bed("masimo_ascii", (CUT,))
    bed.line.is_full = True
    bed.spoken(range(60))
    bed.line.is_full = False
    assert bed.at(60).count(b"SN=") <= 1


def test_what_waits_for_a_host_that_reads_nothing_is_bounded() -> None:
    bed = Bed("masimo_ascii")
    bed.line.is_full = True
    bed.spoken(range(1200))
    bed.line.is_full = False
    assert len(bed.at(1200)) == WAITING_LIMIT


def test_a_step_moves_the_clock_that_a_monitor_shows_and_nothing_else() -> None:
    step = LineFault(LineFaultKind.CLOCK_STEP, 60.0, None, clock_step_s=3600.0)
    right = golden.unwrap(Bed("philips_intellivue").at(70, golden.ASSOCIATE))[1]
    wrong = golden.unwrap(Bed("philips_intellivue", (step,)).at(70, golden.ASSOCIATE))[1]
    differing = [n for n, (a, b) in enumerate(zip(right, wrong, strict=True)) if a != b]
    assert len(differing) == 1  # the hour
    (hour,) = differing
    assert int(f"{wrong[hour]:x}") - int(f"{right[hour]:x}") == 1
    before = Bed("philips_intellivue", (step,))
    assert golden.unwrap(before.at(50, golden.ASSOCIATE)) == golden.unwrap(
        Bed("philips_intellivue").at(50, golden.ASSOCIATE)
    )


def test_a_patient_s_own_plan_may_step_the_clock() -> None:
    patient = PatientChoice(scenario="clock_step")
    bed = Bed("philips_intellivue", patient=patient)
    steps = [bed.bed._clock_step_s(BEGAN.plus(s)) for s in (1190.0, 1210.0, 2410.0)]
    assert steps == [0.0, 3600.0, 0.0]


def test_a_bed_begins_at_the_patient_time_of_its_plan() -> None:
    patient = load_scenario("crs_grade_2", 4).patient
    bed = Bed("ascii_line:suretemp_like", starts_at_s=1800.0)
    said = b"".join(bed.at(second) for second in range(1810))
    later, earlier = (patient.vitals_at(moment_s).temperature for moment_s in (3600.0, 1800.0))
    assert later != earlier
    assert f"{later}".encode() in said
    assert f"{earlier}".encode() not in said


def test_a_monitor_counts_from_power_on_and_has_no_reading_from_before() -> None:
    patient = load_scenario("crs_grade_2", 4).patient
    taken = patient.vitals_at(1800.0).cuff
    assert isinstance(taken, Cuff)
    begin = taken.measured_at_s - 10.0
    seen = view_from(patient.vitals_at, begin)
    assert seen(0.0).cuff is None
    assert seen(10.0).cuff == Cuff(taken.systolic, taken.mean, taken.diastolic, 10.0)
    assert seen(5.0).spo2 == patient.vitals_at(begin + 5.0).spo2


@pytest.mark.parametrize("monitor", ["masimo_ascii", "hl7_oru:comen_nc5"])
def test_a_ward_plays_the_same_bytes_again(monitor: str) -> None:
    off = LineFault(LineFaultKind.OFF, 20.0, 40.0)
    beds = [Bed(monitor, (off,)) for _ in range(2)]
    runs = [[bed.at(second) for second in range(200)] for bed in beds]
    assert runs[0] == runs[1]
    assert any(runs[0])
