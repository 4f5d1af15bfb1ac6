"""A Nellcor N-560 pulse oximeter that prints its real-time report, one line every 2 s.

Sources: Nellcor NPB-190 and NPB-290 operator's manuals, data port protocol (headers, status codes,
no output on battery); N-560 Operator's Manual, printing; lines recorded from an N-560 quoted in the
AsixReader parser. Only the first and the last status column are known from those lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from random import Random
from typing import Final, Literal

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.push_device import (
    MONTHS,
    Outbox,
    Probe,
    ProbeState,
    has_come,
    wall_time,
)
from simulators.patients.vitals import TrueVitals

PERIOD_S: Final = 2.0
_LINES_PER_HEADER: Final = 25
_LINE_END: Final = "\r\n"
_AMPLITUDE_PER_PERFUSION: Final = 20  # pulse amplitude has no unit; a choice of this simulator
_LARGEST_AMPLITUDE: Final = 254


@dataclass(frozen=True, slots=True)
class NellcorLimits:
    """Alarm limits: lowest and highest values without an alarm."""

    spo2_low: int = 90
    spo2_high: int = 100
    pulse_low: int = 40
    pulse_high: int = 170


@dataclass(frozen=True, slots=True)
class NellcorSettings:
    """Settings of one oximeter, and its peculiarities."""

    model: str = "N-560"
    version: str = "1.61.00"
    crc: str | None = None
    """Verification number of the software; None lets the seed choose."""
    mode: str = "ADULT"
    sat_seconds: str = "25"
    limits: NellcorLimits = NellcorLimits()
    other_limits: NellcorLimits = NellcorLimits(95, 100, 59, 148)
    limit_changes_at_s: tuple[float, ...] = ()
    """Patient seconds at which the limits change to the other ones, or back."""
    wall_offset_s: float = 0.0
    """Offset of its clock from the ward's, seconds; positive where it is ahead."""
    alarm_sound: Literal["", "AO", "AS"] = ""
    """Alarm off, alarm silenced, or neither."""
    low_battery: bool = False
    search_s: float = 6.0
    """Seconds of pulse search after the sensor is back."""
    sensor_disconnected_when_off: bool = False
    """True where a sensor off the patient shows as SD instead of SO."""
    numbers_while_searching: bool = False
    """True where numbers stay in the line during the pulse search."""
    motion_at_s: tuple[float, ...] = ()
    """Patient seconds at which the patient begins to move."""
    motion_for_s: float = 10.0
    silent_from_s: float = inf
    """Patient second from which it runs on battery and prints nothing."""
    silent_to_s: float = inf


class NellcorWriter:
    """Lines of one oximeter; the witness receives those with values or dashes, but no headers.

    Parameters
    ----------
    settings
        Settings of the oximeter.
    seed
        Chooses the verification number of its software.
    """

    period_s: Final = PERIOD_S

    def __init__(self, settings: NellcorSettings, seed: int) -> None:
        self._settings = settings
        drawn = f"{Random(seed).randrange(2**16):04X}"
        self._crc = drawn if settings.crc is None else settings.crc
        self._probe = Probe(settings.search_s)
        self._lines_below_header = _LINES_PER_HEADER

    def write(self, due: Instant, on: PowerOn, out: Outbox) -> None:
        """Print the due line, and a header where one is due."""
        settings = self._settings
        patient_s = on.patient_s(due)
        vitals = on.view(patient_s)
        signal = self._probe.signal(vitals, due)
        if settings.silent_from_s <= patient_s < settings.silent_to_s:
            self._lines_below_header = _LINES_PER_HEADER
            return
        limits = self._limits(patient_s)
        has_new_limits = has_come(settings.limit_changes_at_s, patient_s, PERIOD_S)
        if self._lines_below_header == _LINES_PER_HEADER or has_new_limits:
            out.put(self._header(limits).encode())
            self._lines_below_header = 0
        self._lines_below_header += 1
        moves = self._moves(patient_s)
        is_good = signal is ProbeState.GOOD and not moves
        values: dict[str, float | None] = {
            "spo2": vitals.spo2 if is_good else None,
            "pulse_rate@spo2": vitals.pulse_rate if is_good else None,
        }
        line = self._line(due, vitals if self._shows(signal) else None, limits)
        codes = self._codes(vitals, signal, limits, moves=moves)
        out.report((f"{line}    {codes}".rstrip() + _LINE_END).encode(), due, values)

    def _moves(self, patient_s: float) -> bool:
        lasting_s = self._settings.motion_for_s
        return any(at_s <= patient_s < at_s + lasting_s for at_s in self._settings.motion_at_s)

    def _limits(self, patient_s: float) -> NellcorLimits:
        changes = sum(at_s <= patient_s for at_s in self._settings.limit_changes_at_s)
        return self._settings.other_limits if changes % 2 else self._settings.limits

    def _shows(self, signal: ProbeState) -> bool:
        if signal is ProbeState.SEARCHING:
            return self._settings.numbers_while_searching
        return signal is ProbeState.GOOD

    def _header(self, limits: NellcorLimits) -> str:
        settings = self._settings
        return (
            f"{settings.model:<9}VERSION {settings.version:<11}CRC:{self._crc}"
            f"  SpO2 Limit: {limits.spo2_low}-{limits.spo2_high}%"
            f"    PR Limit: {limits.pulse_low}-{limits.pulse_high}BPM{_LINE_END}"
            f"{'':37}{settings.mode} {settings.sat_seconds}SAT-S{_LINE_END}"
            f"TIME                 %SpO2   BPM     PA     Status{_LINE_END}"
        )

    def _line(self, due: Instant, shown: TrueVitals | None, limits: NellcorLimits) -> str:
        clock = wall_time(due, self._settings.wall_offset_s)
        stamp = f"{clock.day:02d}-{MONTHS[clock.month - 1]}-{clock:%y %H:%M:%S}"
        if shown is None:
            return f"{stamp}   ---     ---     ---"
        spo2_mark = "*" if _spo2_code(shown, limits) else " "
        pulse_mark = "*" if _pulse_code(shown, limits) else " "
        amplitude = round((shown.perfusion_index or 0.0) * _AMPLITUDE_PER_PERFUSION)
        return (
            f"{stamp}   {shown.spo2:>3}{spo2_mark}    {shown.pulse_rate:>3}{pulse_mark}"
            f"    {min(amplitude, _LARGEST_AMPLITUDE):>3}"
        )

    def _codes(
        self, vitals: TrueVitals, signal: ProbeState, limits: NellcorLimits, *, moves: bool
    ) -> str:
        no_pulse = "LM" if moves else "LP"
        off = "SD" if self._settings.sensor_disconnected_when_off else "SO"
        state = {
            ProbeState.OFF: off,
            ProbeState.SEARCHING: "PS",
            ProbeState.NO_PULSE: no_pulse,
        }.get(signal, "")
        judged = signal is ProbeState.GOOD
        columns = (
            "MO" if moves and signal is not ProbeState.NO_PULSE else "",
            state,
            _spo2_code(vitals, limits) if judged else "",
            _pulse_code(vitals, limits) if judged else "",
            "LB" if self._settings.low_battery else "",
            self._settings.alarm_sound,
        )
        return "".join(f"{code:<3}" for code in columns)


def _spo2_code(vitals: TrueVitals, limits: NellcorLimits) -> str:
    spo2 = vitals.spo2 or 0
    if spo2 > limits.spo2_high:
        return "SH"
    return "SL" if spo2 < limits.spo2_low else ""


def _pulse_code(vitals: TrueVitals, limits: NellcorLimits) -> str:
    pulse = vitals.pulse_rate or 0
    if pulse > limits.pulse_high:
        return "PH"
    return "PL" if pulse < limits.pulse_low else ""
