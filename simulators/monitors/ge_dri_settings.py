"""How one simulated S/5 or CARESCAPE monitor is set up, and which habits of real ones it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.monitors.ge_dri_alarms import LANGUAGES
from simulators.monitors.ge_dri_wire import INVALID, LARGEST_SPECIAL

ARTERIAL_LABELS: Final = {"art": 1, "abp": 8}


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of patient time."""

    from_s: float
    to_s: float

    def holds(self, patient_s: float) -> bool:
        """Return whether the moment lies in it."""
        return self.from_s <= patient_s < self.to_s


@dataclass(frozen=True, slots=True)
class Silence:
    """Alarm sounds switched off for a while."""

    span: Span
    info: int
    """1 apnea, 2 asystole, 3 both, 4 all, 5 for 2 min, 6 for 5 min, 7 for 20 s."""


@dataclass(frozen=True, slots=True)
class GeDriSettings:
    """Set-up of one monitor; the defaults are a monitor that does nothing odd."""

    dri_level: int = 10
    """Interface level: alarms from 10 on."""
    wall_offset_s: float = 0.0
    """How far its wall clock is ahead of the ward's."""
    case_started: bool = True
    """Whether a patient case is open; no trends without."""
    answers_waves: bool = True
    """Whether it sends the ECG when asked; else it takes the request and stays silent."""
    aux_with_displayed: bool = False
    """Whether records with displayed values also hold the auxiliary part with the cuff's time."""
    has_arterial_line: bool = False
    arterial_site: str = "art"
    """art or abp: how the arterial line is labelled."""
    cvp_on_p2: bool = False
    """A central venous pressure of about 6 mmHg on channel P2."""
    room_temperature_probe: bool = False
    """A second temperature probe, labelled ROOM, at 20.7 degrees."""
    probe_hangs: bool = False
    """The patient's probe hangs beside the bed: 20.7 degrees under the label of its site."""
    spo2_is_venous: bool = False
    """A venous catheter stands in the place of the oximeter: label 2, about 70 %."""
    heart_rate_from_spo2: bool = False
    """While the electrodes are off, the field of the heart rate shows the oximeter's pulse."""
    off_value: int = INVALID
    """What stands in the fields of a sensor that is off."""
    off_is_active: bool = False
    """Groups of sensors that are off stay marked active: only the special value tells."""
    asystole: tuple[Span, ...] = ()
    """While the ECG reads 0 with the asystole bits, as loose contacts do: the pulse goes on."""
    ecg_noise: tuple[Span, ...] = ()
    """While the ECG group has its noise bit."""
    zeroing: tuple[Span, ...] = ()
    """While the arterial line is zeroed: about 0 mmHg with the zeroing bit."""
    silences: tuple[Silence, ...] = ()
    language: str = "en"
    """Language of the alarm texts: en, de or fr."""
    stall_at_s: float | None = None
    """Patient time from which the next record breaks off, as after 2 s without clear-to-send;
    all transmission has then ended without notice; None: never."""
    silent_stop_at_s: tuple[float, ...] = ()
    """Patient times at which all transmission ends without notice: case ended, port re-plugged."""

    def __post_init__(self) -> None:
        if self.arterial_site not in ARTERIAL_LABELS:
            raise ValueError(f"arterial_site is {self.arterial_site!r}; want art or abp")
        if self.language not in LANGUAGES:
            raise ValueError(f"language is {self.language!r}; want one of {', '.join(LANGUAGES)}")
        if self.off_is_active and self.off_value > LARGEST_SPECIAL:
            raise ValueError(
                f"off_value is {self.off_value} in active groups; want <= {LARGEST_SPECIAL}"
            )
