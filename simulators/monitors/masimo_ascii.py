"""A Masimo pulse oximeter that prints one ASCII 1 line per second.

Sources: Masimo Rad-8 Signal Extraction Pulse Oximeter Operator's Manual, section 4, trend data
format (exception bits, zeros of a sensor that is off, printed words); lines recorded from a Rad-8
(GitHub nmenon/masimo-datacapture, yahnatan/pulseox) and a Radical-7 (nmenon/masimo-datacapture).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import inf
from random import Random
from typing import Final, Literal

from edge_agent.model.clock import Instant
from simulators.monitors.device import PowerOn
from simulators.monitors.push_device import (
    Outbox,
    Probe,
    ProbeState,
    has_come,
    wall_time,
)
from simulators.patients.vitals import TrueVitals

PERIOD_S: Final = 1.0
_TREND_EVERY_LINES: Final = 2  # trend data are collected every 2 s

# exception bits: Rad-8 operator's manual, section 4, trend data format
_LOW_PERFUSION: Final = 0x004
_SEARCH: Final = 0x008
_SENSOR_OFF: Final = 0x020
_LOW_SIGNAL_IQ: Final = 0x400
_SET: Final = 0x800
_DOUBT: Final = _LOW_PERFUSION | _LOW_SIGNAL_IQ

# alarm bits: GitHub nmenon/masimo-datacapture, found by trial, not documented by Masimo
_SPO2_HIGH, _SPO2_LOW, _BPM_HIGH, _BPM_LOW, _AUDIBLE = 0x01, 0x02, 0x04, 0x08, 0x10

_WORDS: Final = {  # printed in ASCII 2; the word for low perfusion is not in the manual's sample
    _LOW_PERFUSION: "LowPerf",
    _SEARCH: "Search",
    _SENSOR_OFF: "OffPat",
    _LOW_SIGNAL_IQ: "LowSigIQ",
    _SET: "SET",
}


@dataclass(frozen=True, slots=True)
class _PrintedFields:
    """Fields that one model prints between the time and the exceptions."""

    with_values: str
    without_values: str
    rest: str
    exc_width: int
    tail: str
    shows_serial: bool = True


_COLUMNS: Final = {
    "rad8": _PrintedFields(
        "SPO2={spo2}% BPM={bpm} PI={pi}% SPCO=--.-% SPMET=--.-%",
        "SPO2={spo2}% BPM={bpm} PI={pi}% SPCO=--.-% SPMET=--.-%",
        "DESAT=-- PIDELTA=+-- ALARM={alarm:04X}",
        exc_width=6,
        tail="",
    ),
    "rad87": _PrintedFields(
        "SPO2={spo2}% BPM={bpm} PI={pi}%",
        "SPO2={spo2}% BPM={bpm}%",
        "DESAT=-- PIDELTA=+-- ALARM={alarm:04X}",
        exc_width=6,
        tail="",
    ),
    "radical7": _PrintedFields(
        "SPO2={spo2}% BPM={bpm} PI={pi} SPCO=--% SPMET=--.-% SPHB=--.- SPOC=-- RESVD=---",
        "SPO2={spo2}% BPM={bpm} PI={pi} SPCO=--% SPMET=--.-% SPHB=--.- SPOC=-- RESVD=---",
        "DESAT=-- PIDELTA=+-- PVI=--- ALARM={alarm:06X}",
        exc_width=7,
        tail=" EXC1=00000000",
        shows_serial=False,
    ),
}


@dataclass(frozen=True, slots=True)
class MasimoSettings:
    """Settings of one oximeter, and its peculiarities."""

    model: Literal["rad8", "rad87", "radical7"] = "rad8"
    """Model with the printed columns. rad87 has those of a second recorded line of a Rad-8,
    shorter, with BPM=---% and no PI while the sensor is off; a Rad-87's own line is not known."""
    line_end: bytes = b"\r\n"
    """LF CR, CR LF or LF."""
    serial: int | None = None
    """Serial number; None lets the seed choose."""
    wall_offset_s: float = 0.0
    """Offset of its clock from the ward's, seconds; years are usual."""
    spo2_limits: tuple[int, int] = (90, 100)
    """Lowest and highest SpO2 without an alarm, %."""
    pulse_limits: tuple[int, int] = (50, 120)
    """Lowest and highest pulse rate without an alarm, 1/min."""
    low_perfusion_below: float = 0.4
    """Perfusion index in % below which it flags low perfusion."""
    low_signal_iq_below: float = 0.6
    """Perfusion index in % below which it flags low signal quality."""
    search_s: float = 6.0
    """Seconds of pulse search after the sensor is back."""
    exc_width: int | None = None
    """Hexadecimal digits of EXC; None as the model prints them."""
    no_sensor_when_off: bool = False
    """True where a sensor off the patient shows as unplugged (EXC bit 001) instead of off (020)."""
    zeros_when_off: bool = False
    """True for zeros instead of dashes where there is no value, the first such line without a
    flag."""
    numbers_while_searching: bool = False
    """True where numbers stay in the line during the pulse search."""
    ascii2_from_s: float = inf
    """Patient second from which it is set to ASCII 2."""
    ascii2_to_s: float = inf
    cut_at_s: tuple[float, ...] = ()
    """Patient seconds whose line is cut before the alarm column; its line end is present."""
    empty_line_every: int = 0
    """Interval of empty lines, in lines; 0 for none."""


class MasimoWriter:
    """Lines of one oximeter.

    The witness receives every ASCII 1 line. For a cut line it receives the whole line, bytes that
    the line never carries, without values. It receives no line in ASCII 2, as a reader must get
    nothing from it.

    Parameters
    ----------
    settings
        Settings of the oximeter.
    seed
        Chooses its serial number and where lines are cut.
    """

    period_s: Final = PERIOD_S

    def __init__(self, settings: MasimoSettings, seed: int) -> None:
        self._settings = settings
        self._random = Random(seed)
        drawn = self._random.randrange(1, 200_000)
        self._serial = drawn if settings.serial is None else settings.serial
        self._probe = Probe(settings.search_s)
        self._last_signal = ProbeState.OFF
        self._lines = 0

    def write(self, due: Instant, on: PowerOn, out: Outbox) -> None:
        """Print the due line."""
        settings = self._settings
        patient_s = on.patient_s(due)
        vitals = on.view(patient_s)
        signal = self._probe.signal(vitals, due)
        exc = self._exceptions(vitals, signal)
        self._last_signal = signal
        self._lines += 1
        clock = wall_time(due, settings.wall_offset_s)
        if settings.ascii2_from_s <= patient_s < settings.ascii2_to_s:
            if self._lines % _TREND_EVERY_LINES == 0:
                out.put(_ascii2(clock, vitals, signal, exc) + settings.line_end)
            return
        line = self._ascii1(clock, vitals, signal, exc)
        is_cut = has_come(settings.cut_at_s, patient_s, PERIOD_S)
        size = self._random.randrange(1, line.index("ALARM=")) if is_cut else len(line)
        out.put(line[:size].encode() + settings.line_end)
        is_good = signal is ProbeState.GOOD and not exc & _DOUBT and not is_cut
        out.attest(line.encode() + settings.line_end, due, _truth(vitals, is_good=is_good))
        if settings.empty_line_every and self._lines % settings.empty_line_every == 0:
            out.put(settings.line_end)

    def _exceptions(self, vitals: TrueVitals, signal: ProbeState) -> int:
        zeros = self._settings.zeros_when_off
        if signal is ProbeState.OFF:
            if self._settings.no_sensor_when_off:
                return 0x001
            return _SET if zeros and self._last_signal is ProbeState.GOOD else _SET | _SENSOR_OFF
        if signal is not ProbeState.GOOD:
            return _SET | _SEARCH | (_SENSOR_OFF if zeros and signal is ProbeState.SEARCHING else 0)
        exc = _SET
        perfusion = vitals.perfusion_index or 0.0
        if perfusion < self._settings.low_perfusion_below:
            exc |= _LOW_PERFUSION
        if perfusion < self._settings.low_signal_iq_below:
            exc |= _LOW_SIGNAL_IQ
        return exc

    def _ascii1(self, clock: datetime, vitals: TrueVitals, signal: ProbeState, exc: int) -> str:
        settings = self._settings
        columns = _COLUMNS[settings.model]
        shows_numbers = signal is ProbeState.GOOD or (
            signal is ProbeState.SEARCHING and settings.numbers_while_searching
        )
        fields = {"spo2": "---", "bpm": "---", "pi": "--.--"}
        if shows_numbers:
            fields = _numbers(vitals)
        elif settings.zeros_when_off:
            fields = dict(_ZEROS)
        measured = columns.with_values if shows_numbers else columns.without_values
        alarm = self._alarms(vitals) if signal is ProbeState.GOOD else 0
        serial = f"{self._serial:010d}" if columns.shows_serial else "-" * 10
        width = columns.exc_width if settings.exc_width is None else settings.exc_width
        return (
            f"{clock:%m/%d/%y %H:%M:%S} SN={serial} {measured.format(**fields)} "
            f"{columns.rest.format(alarm=alarm)} EXC={exc:0{width}X}{columns.tail}"
        )

    def _alarms(self, vitals: TrueVitals) -> int:
        spo2, pulse = vitals.spo2 or 0, vitals.pulse_rate or 0
        spo2_low, spo2_high = self._settings.spo2_limits
        pulse_low, pulse_high = self._settings.pulse_limits
        alarm = 0
        alarm |= _SPO2_HIGH if spo2 > spo2_high else 0
        alarm |= _SPO2_LOW if spo2 < spo2_low else 0
        alarm |= _BPM_HIGH if pulse > pulse_high else 0
        alarm |= _BPM_LOW if pulse < pulse_low else 0
        return alarm | _AUDIBLE if alarm else 0


_ZEROS: Final = {"spo2": "000", "bpm": "000", "pi": "00.00"}


def _numbers(vitals: TrueVitals) -> dict[str, str]:
    return {
        "spo2": f"{vitals.spo2 or 0:03d}",
        "bpm": f"{vitals.pulse_rate or 0:03d}",
        "pi": f"{_perfusion(vitals):05.2f}",
    }


def _perfusion(vitals: TrueVitals) -> float:
    return round(min(vitals.perfusion_index or 0.0, 20.0), 2)  # 20 %: the display's range


def _truth(vitals: TrueVitals, *, is_good: bool) -> dict[str, float | None]:
    return {
        "spo2": vitals.spo2 if is_good else None,
        "pulse_rate@spo2": vitals.pulse_rate if is_good else None,
        "perfusion_index": _perfusion(vitals) if is_good else None,
    }


def _ascii2(clock: datetime, vitals: TrueVitals, signal: ProbeState, exc: int) -> bytes:
    """Return a line in the form of the manual's sample of trend output."""
    fields = _numbers(vitals) if signal is ProbeState.GOOD else _ZEROS
    words = ",".join(word for bit, word in _WORDS.items() if exc & bit)
    return (
        f"{clock:%m/%d/%y %H:%M:%S} SpO2={fields['spo2']} PR={fields['bpm']} PI={fields['pi']} "
        f"EXC={exc:03X}:{words}"
    ).encode()
