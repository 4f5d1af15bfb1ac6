"""Plan of a simulated ward: its beds, their patients, and the faults of their lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from simulators.cohorts.cohort_file import load_cohort
from simulators.links.faults import FaultRates
from simulators.patients.patient import Patient
from simulators.scenarios.scenario_file import load_scenario

Address = tuple[str, int]
"""Host and port."""
DEFAULT_ADDRESS: Final[Address] = ("127.0.0.1", 2575)


UNDAMAGED: Final = FaultRates()


class LineFaultKind(StrEnum):
    """Kind of fault between a monitor and its host."""

    STALL = "stall"
    """Nothing passes to the host; then everything at once."""
    DISCONNECT = "disconnect"
    """The line is unplugged."""
    TRUNCATE = "truncate"
    """Everything that the monitor sends ends early."""
    REPEAT = "repeat"
    """Everything that the monitor sends comes twice."""
    WRONG_BAUD = "wrong_baud"
    """The two ends are set to different rates."""
    NOISE = "noise"
    """Bytes are lost or have a bit inverted."""
    OFF = "off"
    """The monitor is switched off, and then on again."""
    CLOCK_STEP = "clock_step"
    """The monitor's wall clock is wrong."""


@dataclass(frozen=True, slots=True)
class LineFault:
    """One fault of one line, in seconds since the ward began."""

    kind: LineFaultKind
    from_s: float
    to_s: float | None
    """None for a fault without an end."""
    is_drawn: bool = False
    """True for a random fault, False for a scheduled one."""
    rates: FaultRates = UNDAMAGED
    """Rates of noise, truncation and repetition."""
    baud_ratio: float = 1.0
    """The host's baud rate over the monitor's."""
    clock_step_s: float = 0.0
    """Offset of the wall clock, seconds; positive where it is ahead."""


@dataclass(frozen=True, slots=True)
class RandomSpans:
    """Frequency and duration of random faults of one kind."""

    kind: LineFaultKind
    per_day: float = 0.0
    shortest_s: float = 60.0
    longest_s: float = 60.0


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """Random faults of a line."""

    rates: FaultRates = UNDAMAGED
    """Rates that always apply."""
    spans: tuple[RandomSpans, ...] = ()


NO_RANDOM_FAULTS: Final = RandomFaults()


@dataclass(frozen=True, slots=True)
class PatientChoice:
    """Patient of a bed: one of a scenario, or one of a cohort."""

    scenario: str = ""
    """Name of the scenario; empty for a patient of a cohort."""
    cohort: str = ""
    """Name of the cohort, or path of its spec."""
    number: int = 0
    """Number in the cohort."""

    def __str__(self) -> str:
        return self.scenario or f"{Path(self.cohort).stem}#{self.number}"

    def patient(self, seed: int) -> Patient:
        """Return the patient; the seed chooses the noise of a scenario's patient.

        Raises
        ------
        ConfigError
            If there is no such scenario or cohort, or its file has mistakes.
        IndexError
            If the cohort has no patient with that number.
        """
        if self.scenario:
            return load_scenario(self.scenario, seed).patient
        return load_cohort(self.cohort).patient(self.number).patient


@dataclass(frozen=True, slots=True)
class BedPlan:
    """One bed: its monitor, its patient and its line."""

    bed_id: str
    monitor: str
    """Key of `catalog.MONITORS`."""
    patient: PatientChoice
    seed: int
    """Chooses the device, and the noise of a scenario's patient."""
    starts_at_s: float = 0.0
    """Patient time at which the ward begins, seconds."""
    faults: tuple[LineFault, ...] = ()
    """Scheduled faults."""
    random_faults: RandomFaults = NO_RANDOM_FAULTS


@dataclass(frozen=True, slots=True)
class WardPlan:
    """The beds of a ward and their common settings."""

    beds: tuple[BedPlan, ...]
    seed: int = 1
    """Chooses the random events."""
    speed: float = 1.0
    """Ward seconds per second."""
    connect: Address = DEFAULT_ADDRESS
    """Address at which monitors on the network find their host."""
