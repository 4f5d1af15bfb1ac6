"""What a simulated ward is: its beds, who lies in them, and what goes wrong on their lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulators.cohort_file import load_cohort
from simulators.faults import FaultRates
from simulators.scenario_file import load_scenario

if TYPE_CHECKING:
    from simulators.patient import Patient

Address = tuple[str, int]
"""Host and port."""
DEFAULT_ADDRESS: Final[Address] = ("127.0.0.1", 2575)


UNDAMAGED: Final = FaultRates()


class LineFaultKind(StrEnum):
    """What can happen between a monitor and its host."""

    STALL = "stall"
    """Nothing passes to the host; then everything at once."""
    DISCONNECT = "disconnect"
    """The line is not there."""
    TRUNCATE = "truncate"
    """Everything the monitor says ends early."""
    REPEAT = "repeat"
    """Everything the monitor says comes twice."""
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
    """None: for ever."""
    is_drawn: bool = False
    """By chance, not on cue."""
    rates: FaultRates = UNDAMAGED
    """Of noise, of truncation and of repetition."""
    baud_ratio: float = 1.0
    """The host's rate over the monitor's."""
    clock_step_s: float = 0.0
    """How far the wall clock is ahead."""


@dataclass(frozen=True, slots=True)
class RandomSpans:
    """How often faults of one kind begin by chance, and how long they last."""

    kind: LineFaultKind
    per_day: float = 0.0
    shortest_s: float = 60.0
    longest_s: float = 60.0


@dataclass(frozen=True, slots=True)
class RandomFaults:
    """What goes wrong on a line by chance."""

    rates: FaultRates = UNDAMAGED
    """All the time."""
    spans: tuple[RandomSpans, ...] = ()


NO_RANDOM_FAULTS: Final = RandomFaults()


@dataclass(frozen=True, slots=True)
class PatientChoice:
    """Who lies in a bed: a patient of a scenario, or one of a cohort."""

    scenario: str = ""
    """Empty for a patient of a cohort."""
    cohort: str = ""
    """Name or path of its spec."""
    number: int = 0
    """In the cohort."""

    def __str__(self) -> str:
        return self.scenario or f"{Path(self.cohort).stem}#{self.number}"

    def patient(self, seed: int) -> Patient:
        """Return the patient; the seed chooses the noise of a scenario's.

        Raises
        ------
        ConfigError
            If there is no such scenario or cohort, or its file is wrong.
        IndexError
            If the cohort has no patient of that number.
        """
        if self.scenario:
            return load_scenario(self.scenario, seed).patient
        return load_cohort(self.cohort).patient(self.number).patient


@dataclass(frozen=True, slots=True)
class BedPlan:
    """One bed: its monitor, its patient and its line."""

    bed_id: str
    monitor: str
    """Of `catalog.MONITORS`."""
    patient: PatientChoice
    seed: int
    """Chooses the device, and the noise of a scenario's patient."""
    starts_at_s: float = 0.0
    """Patient time when the ward begins."""
    faults: tuple[LineFault, ...] = ()
    """On cue."""
    random_faults: RandomFaults = NO_RANDOM_FAULTS


@dataclass(frozen=True, slots=True)
class WardPlan:
    """A ward."""

    beds: tuple[BedPlan, ...]
    seed: int = 1
    """Chooses what happens by chance."""
    speed: float = 1.0
    """Ward seconds per second."""
    connect: Address = DEFAULT_ADDRESS
    """Where monitors on the network find their host."""
