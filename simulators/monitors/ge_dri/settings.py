"""Settings of one simulated S/5 or CARESCAPE monitor, with habits of real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulators.monitors.ge_dri.alarms import LANGUAGES
from simulators.monitors.ge_dri.wire import INVALID, LARGEST_SPECIAL

ARTERIAL_LABELS: Final = {"art": 1, "abp": 8}


@dataclass(frozen=True, slots=True)
class PatientSpan:
    """A stretch of patient time."""

    from_s: float
    to_s: float

    def holds(self, patient_s: float) -> bool:
        """Return whether the span contains a moment."""
        return self.from_s <= patient_s < self.to_s


@dataclass(frozen=True, slots=True)
class Silence:
    """A span without alarm sounds."""

    span: PatientSpan
    info: int
    """1 apnea, 2 asystole, 3 both, 4 all, 5 for 2 min, 6 for 5 min, 7 for 20 s."""


@dataclass(frozen=True, slots=True)
class GeDriSettings:
    """Settings of one monitor; the defaults describe one without peculiarities."""

    dri_level: int = 10
    """Interface level: alarms from 10 on."""
    wall_offset_s: float = 0.0
    """Offset of its wall clock from the ward's, seconds; positive where it is ahead."""
    case_started: bool = True
    """True while a patient case is open; trends need one."""
    answers_waves: bool = True
    """True where it sends the ECG on request; False accepts the request and stays silent."""
    aux_with_displayed: bool = False
    """True where records with displayed values also hold the auxiliary part with the cuff's
    time."""
    has_arterial_line: bool = False
    arterial_site: str = "art"
    """Label of the arterial line: art or abp."""
    cvp_on_p2: bool = False
    """A central venous pressure of about 6 mmHg on channel P2."""
    room_temperature_probe: bool = False
    """A second temperature probe, labelled ROOM, at 20.7 degrees."""
    probe_hangs: bool = False
    """True where the patient's probe hangs beside the bed: 20.7 degrees under the label of its
    site."""
    spo2_is_venous: bool = False
    """True where a venous catheter replaces the oximeter: label 2, about 70 %."""
    heart_rate_from_spo2: bool = False
    """True where the heart rate field shows the oximeter's pulse while the electrodes are off."""
    off_value: int = INVALID
    """Value in the fields of a sensor that is off."""
    off_is_active: bool = False
    """True where groups of sensors that are off stay active, so that only the special value shows
    it."""
    asystole: tuple[PatientSpan, ...] = ()
    """Spans in which the ECG reads 0 with the asystole bits, as with loose contacts, while the
    pulse continues."""
    ecg_noise: tuple[PatientSpan, ...] = ()
    """Spans in which the ECG group has its noise bit."""
    zeroing: tuple[PatientSpan, ...] = ()
    """Spans in which the arterial line is zeroed: about 0 mmHg with the zeroing bit."""
    silences: tuple[Silence, ...] = ()
    language: str = "en"
    """Language of the alarm texts: en, de or fr."""
    stall_at_s: float | None = None
    """Patient time, seconds, from which the next record breaks off, as after 2 s without
    clear-to-send; all transmission then ends without notice. None for never."""
    silent_stop_at_s: tuple[float, ...] = ()
    """Patient times, seconds, at which all transmission ends without notice: case ended, port
    re-plugged."""

    def __post_init__(self) -> None:
        if self.arterial_site not in ARTERIAL_LABELS:
            raise ValueError(f"arterial_site is {self.arterial_site!r}; want art or abp")
        if self.language not in LANGUAGES:
            raise ValueError(f"language is {self.language!r}; want one of {', '.join(LANGUAGES)}")
        if self.off_is_active and self.off_value > LARGEST_SPECIAL:
            raise ValueError(
                f"off_value is {self.off_value} in active groups; want <= {LARGEST_SPECIAL}"
            )
