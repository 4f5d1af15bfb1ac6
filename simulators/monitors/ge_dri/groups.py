"""A patient's signs on a simulated S/5 monitor, as groups of a physiological record.

Source: Datex-Ohmeda, S/5 DRI specification, 8005313: status bits, labels and units of the groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sin
from struct import pack_into
from typing import Final

from simulators.monitors.device import View
from simulators.monitors.ge_dri.alarms import HIGH_HEART_RATE, LOW_HEART_RATE
from simulators.monitors.ge_dri.layout import (
    ARRHYTHMIA,
    ECG,
    NIBP,
    P1,
    P2,
    SPO2,
    T1,
    T2,
    FilledGroup,
    GroupStatus,
    subrecord,
)
from simulators.monitors.ge_dri.settings import ARTERIAL_LABELS, GeDriSettings
from simulators.monitors.ge_dri.wire import INVALID, NOT_MEASURED, scaled
from simulators.patients.vitals import TrueVitals

_INFLATION_S: Final = 30.0
"""Duration of a cuff reading, seconds."""
_OLD_READING_S: Final = 60.0

_ON: Final = GroupStatus.EXISTS | GroupStatus.ACTIVE
_ASYSTOLE: Final = 1 << 2
_SOURCE_ECG: Final = 1 << 3
_SOURCE_SPO2: Final = 6 << 3
_NOISE: Final = 1 << 7
_CHANNELS_OFF: Final = 0b111 << 11
_ZEROING: Final = 1 << 2
_ZEROED: Final = 1 << 3
_ECG_LEADS: Final = 0x3275  # as a real monitor labels its three leads
_ARRHYTHMIA_LEADS: Final = 0x0275  # likewise in the first extension
_CUFF_ADULT: Final = 0x0003  # as a real monitor labels it
_CUFF_AUTO: Final = 1 << 3
_CUFF_MEASURING: Final = 1 << 5
_CUFF_OLD: Final = 1 << 8
_CVP: Final = 2
_VENOUS: Final = 2
_VENOUS_PERCENT: Final = 70
_ROOM: Final = 9
_ROOM_CELSIUS: Final = 20.7  # shown by a recorded monitor for a probe that hung free
_ARRHYTHMIA_ASYSTOLE: Final = 1 << 0
_BRADYCARDIA: Final = 1 << 27
_TACHYCARDIA: Final = 1 << 28
_SWING_MMHG: Final = 2.0  # amplitude by which breathing moves the arterial pressure
_RESTING_BREATHS: Final = 15
_ARRHYTHMIA_BITS_AT: Final = 16

_TEMPERATURE_LABELS: Final = {  # site of the patient: label on the wire, site as readers name it
    "core": (15, "core"),
    "bladder": (5, "bladder"),
    "oesophageal": (1, "esophageal"),
    "tympanic": (3, "tympanic"),
    "axillary": (6, "axillary"),
    "skin": (7, "skin"),
}

Values = dict[str, float | None]


@dataclass(frozen=True, slots=True)
class ScreenState:
    """State of the screen at one moment."""

    settings: GeDriSettings
    vitals: TrueVitals
    patient_s: float
    is_measuring_cuff: bool

    @property
    def is_asystole(self) -> bool:
        """True where the ECG shows no beats."""
        is_forced = any(span.holds(self.patient_s) for span in self.settings.asystole)
        return self.vitals.heart_rate is not None and (is_forced or self.vitals.heart_rate == 0)

    @property
    def is_noisy(self) -> bool:
        """True where the ECG is disturbed."""
        return any(span.holds(self.patient_s) for span in self.settings.ecg_noise)

    @property
    def is_zeroing(self) -> bool:
        """True while the arterial line is being zeroed."""
        return any(span.holds(self.patient_s) for span in self.settings.zeroing)


@dataclass(frozen=True, slots=True)
class FilledFields:
    """A group, and the values that a reader must find in it."""

    group: FilledGroup
    values: Values


def display_at(view: View, settings: GeDriSettings, patient_s: float) -> ScreenState:
    """Return the state of the screen at a patient time."""
    coming = view(patient_s + _INFLATION_S).cuff
    is_measuring = coming is not None and coming.measured_at_s > patient_s
    return ScreenState(settings, view(patient_s), patient_s, is_measuring)


def subrecords(display: ScreenState, wall_s: int, classes: frozenset[int]) -> list[bytes]:
    """Return the physiological subrecords of the given classes, in order."""
    found = []
    for number in sorted(classes):
        groups = [part.group for part in measured(display)] if number == 0 else []
        if number == 1:
            groups = [_arrhythmia(display)]
        body = subrecord(number, wall_s, groups)
        if number == 1:
            pack_into("<I", body, _ARRHYTHMIA_BITS_AT, _arrhythmia_bits(display))
        found.append(bytes(body))
    return found


def measured(display: ScreenState) -> list[FilledFields]:
    """Return the present groups of the basic class, each with the values to be found in it."""
    found = [_ecg(display), _cuff(display), _temperature(display), _oximeter(display)]
    if display.settings.has_arterial_line:
        found.append(_arterial(display))
    if display.settings.cvp_on_p2:
        group = FilledGroup(P2, _ON | _ZEROED, _CVP, (800, 400, 600, INVALID))
        found.append(FilledFields(group, {}))
    if display.settings.room_temperature_probe:
        group = FilledGroup(T2, _ON, _ROOM, (scaled(_ROOM_CELSIUS, 100),))
        found.append(FilledFields(group, {}))
    return found


def _off(settings: GeDriSettings, offset: int, label: int, count: int) -> FilledGroup:
    """Return the group of a sensor that is off."""
    status = _ON if settings.off_is_active else GroupStatus.EXISTS
    return FilledGroup(offset, status, label, (settings.off_value,) * count)


def _ecg(display: ScreenState) -> FilledFields:
    heart_rate = 0 if display.is_asystole else display.vitals.heart_rate
    if heart_rate is None:
        values: Values = {"heart_rate": None, "respiratory_rate": None}
        return FilledFields(_ecg_off(display), values)
    breaths = display.vitals.respiratory_rate
    status = _ON | _SOURCE_ECG
    status |= _ASYSTOLE if heart_rate == 0 else 0
    status |= _NOISE if display.is_noisy else 0
    segments = (NOT_MEASURED,) * 3
    shown = INVALID if breaths is None else breaths
    group = FilledGroup(ECG, status, _ECG_LEADS, (heart_rate, *segments, shown))
    rate = None if display.is_noisy else group.vouched(0)
    return FilledFields(group, {"heart_rate": rate, "respiratory_rate": group.vouched(4)})


def _ecg_off(display: ScreenState) -> FilledGroup:
    settings = display.settings
    off = _off(settings, ECG, _ECG_LEADS, 5)
    status = off.status | _SOURCE_ECG | _CHANNELS_OFF
    values = (settings.off_value, *(NOT_MEASURED,) * 3, settings.off_value)
    pulse = display.vitals.pulse_rate
    if settings.heart_rate_from_spo2 and not settings.spo2_is_venous and pulse is not None:
        status = _ON | _SOURCE_SPO2 | _CHANNELS_OFF
        values = (pulse, *(NOT_MEASURED,) * 3, INVALID)
    return FilledGroup(ECG, status, _ECG_LEADS, values)


def _cuff(display: ScreenState) -> FilledFields:
    reading = display.vitals.cuff
    label = _CUFF_ADULT | _CUFF_AUTO
    label |= _CUFF_MEASURING if display.is_measuring_cuff else 0
    is_old = reading is None or display.patient_s - reading.measured_at_s > _OLD_READING_S
    label |= _CUFF_OLD if is_old else 0
    pressures = (reading.systolic, reading.diastolic, reading.mean) if reading else ()
    raw = tuple(scaled(value, 100) for value in pressures) or (INVALID,) * 3
    group = FilledGroup(NIBP, _ON, label, (*raw, INVALID))
    names = ("nibp_systolic", "nibp_diastolic", "nibp_mean")
    values: Values = {name: group.vouched(index, 100) for index, name in enumerate(names)}
    return FilledFields(group, {} if display.is_measuring_cuff else values)


def _temperature(display: ScreenState) -> FilledFields:
    label, site = _TEMPERATURE_LABELS[display.vitals.temperature_site]
    celsius = display.vitals.temperature
    if display.settings.probe_hangs:
        return FilledFields(FilledGroup(T1, _ON, label, (scaled(_ROOM_CELSIUS, 100),)), {})
    if celsius is None:
        group = _off(display.settings, T1, label, 1)
    else:
        group = FilledGroup(T1, _ON, label, (scaled(celsius, 100),))
    return FilledFields(group, {f"temperature@{site}": group.vouched(0, 100)})


def _oximeter(display: ScreenState) -> FilledFields:
    vitals = display.vitals
    nothing: Values = {"spo2": None, "pulse_rate@spo2": None}
    if display.settings.spo2_is_venous:
        raw = (_VENOUS_PERCENT * 100, INVALID, INVALID, INVALID)
        return FilledFields(FilledGroup(SPO2, _ON, _VENOUS, raw), nothing)
    if vitals.spo2 is None:
        return FilledFields(_off(display.settings, SPO2, 0, 4), nothing)
    pulse = INVALID if vitals.pulse_rate is None else vitals.pulse_rate
    perfusion = INVALID
    if vitals.perfusion_index is not None:
        perfusion = scaled(vitals.perfusion_index, 100)
    group = FilledGroup(SPO2, _ON, 0, (vitals.spo2 * 100, pulse, perfusion, INVALID))
    return FilledFields(group, {"spo2": group.vouched(0, 100), "pulse_rate@spo2": group.vouched(1)})


def _arterial(display: ScreenState) -> FilledFields:
    site = display.settings.arterial_site
    label = ARTERIAL_LABELS[site]
    names = [f"art_{part}@{site}" for part in ("systolic", "diastolic", "mean")]
    nothing = dict.fromkeys([*names, "pulse_rate@art"])
    reading = display.vitals.cuff
    if reading is None:
        return FilledFields(_off(display.settings, P1, label, 4), nothing)
    if display.is_zeroing:
        return FilledFields(FilledGroup(P1, _ON | _ZEROING, label, (0, 0, 0, 0)), nothing)
    breaths = display.vitals.respiratory_rate
    per_s = (_RESTING_BREATHS if breaths is None else breaths) / 60
    swing = _SWING_MMHG * sin(2 * pi * per_s * display.patient_s)
    pressures = (reading.systolic, reading.diastolic, reading.mean)
    raw = [scaled(pressure + swing, 100) for pressure in pressures]
    beats = display.vitals.pulse_rate
    group = FilledGroup(P1, _ON | _ZEROED, label, (*raw, INVALID if beats is None else beats))
    values: Values = {name: group.vouched(index, 100) for index, name in enumerate(names)}
    return FilledFields(group, values | {"pulse_rate@art": group.vouched(3)})


def _arrhythmia(display: ScreenState) -> FilledGroup:
    ecg = _ecg(display).group
    premature_beats = 0 if ecg.status & GroupStatus.ACTIVE else INVALID
    values = (ecg.values[0], INVALID, premature_beats)
    return FilledGroup(ARRHYTHMIA, ecg.status, _ARRHYTHMIA_LEADS, values)


def _arrhythmia_bits(display: ScreenState) -> int:
    heart_rate = display.vitals.heart_rate
    if heart_rate is None:
        return 0
    if display.is_asystole:
        return _ARRHYTHMIA_ASYSTOLE
    if heart_rate > HIGH_HEART_RATE:
        return _TACHYCARDIA
    return _BRADYCARDIA if heart_rate < LOW_HEART_RATE else 0
