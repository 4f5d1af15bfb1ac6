"""Quantities in the monitor's fields: offset, code, name and unit of each.

Offsets and units after the Datex-Ohmeda Record Specification (8005313), "Basic class" and "Extended
1 class". Codes are ISO/IEEE 11073-10101 terms; those from 0xE000 on are the manufacturers' own that
Philips monitors use for the same sites. A quantity without a code there gets a private one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_METRICS: Final = 2 * 65536
_EVENTS: Final = 3 * 65536
_UNITS: Final = 4 * 65536
_PRIVATE: Final = 1024 * 65536
_PRIVATE_EXTENDED_1: Final = _PRIVATE + 0x200
_PRIVATE_EVENTS: Final = _PRIVATE + 0x400


def private(offset: int) -> int:
    """Return the private code of the basic field at `offset` of its subrecord."""
    return _PRIVATE + offset


@dataclass(frozen=True, slots=True)
class FieldQuantity:
    """Unit, resolution and range of a field."""

    unit_code: int
    ucum: str
    divisor: int
    lowest: int
    """Smallest raw value of a sound field; generous, as it only separates damage from data."""
    highest: int
    is_rate: bool = False
    """True where a zero is valid only if the monitor confirms that it counted."""


RATE: Final = FieldQuantity(_UNITS + 0x0AA0, "/min", 1, 0, 400, is_rate=True)
BREATHS: Final = FieldQuantity(_UNITS + 0x0AE0, "/min", 1, 0, 250, is_rate=True)
_COUNT: Final = FieldQuantity(_UNITS + 0x0AA0, "/min", 1, 0, 400)
_PRESSURE: Final = FieldQuantity(_UNITS + 0x0F20, "mm[Hg]", 100, -32000, 32767)
AMBIENT: Final = FieldQuantity(_UNITS + 0x0F20, "mm[Hg]", 10, 3000, 9000)
_TEMPERATURE: Final = FieldQuantity(_UNITS + 0x17A0, "Cel", 100, -2000, 8000)
_SATURATION: Final = FieldQuantity(_UNITS + 0x0220, "%", 100, 0, 10000)
_GAS: Final = FieldQuantity(_UNITS + 0x0220, "%", 100, -500, 11000)
_MODULATION: Final = FieldQuantity(_UNITS + 0x0220, "%", 100, 0, 32767)
"""In 1/100 % (8005313, table 3-24); recorded monitors show 3.6 to 6.3 %."""
_ST_LEVEL: Final = FieldQuantity(_UNITS + 0x0512, "mm", 100, -32000, 32767)


@dataclass(frozen=True, slots=True)
class GeParameter:
    """One field that becomes a numeric."""

    offset: int
    """Offset in its subrecord, bytes."""
    code: int
    label: str
    quantity: FieldQuantity


def _metric(offset: int, term: int, label: str, quantity: FieldQuantity) -> GeParameter:
    return GeParameter(offset, _METRICS + term, label, quantity)


def _own(offset: int, label: str, quantity: FieldQuantity) -> GeParameter:
    return GeParameter(offset, private(offset), label, quantity)


HEART_RATE: Final = _metric(10, 0x4182, "MDC_ECG_HEART_RATE", RATE)
_PULSE: Final = _metric(10, 0x480A, "MDC_PULS_RATE", RATE)
_PULSE_OF_PRESSURE: Final = _metric(10, 0x4812, "MDC_BLD_PULS_RATE_INV", RATE)
_PULSE_OF_SPO2: Final = _metric(10, 0x481A, "MDC_PULS_OXIM_PULS_RATE", RATE)

ECG_OFFSET: Final = 4
ECG_ASYSTOLE: Final = 1 << 2
"""Bit of the ECG status."""
HEART_RATE_SOURCES: Final[Mapping[int, GeParameter]] = (
    {1: HEART_RATE, 9: HEART_RATE}
    | dict.fromkeys((2, 3, 4, 5, 7, 8, 10, 11), _PULSE_OF_PRESSURE)
    | dict.fromkeys((6, 12), _PULSE_OF_SPO2)
)
"""Quantity in the "heart rate" field, by the source bits of the ECG status.

Sources of pressures 5 to 8 (7, 8, 10, 11) as GitHub part-cw/LNhealth:s5parser reads them.
"""
OTHER_HEART_RATE: Final = _PULSE
"""Pulse of an unknown sensor, for a source that is missing or not listed; perhaps not the ECG's."""

ST_LEVELS: Final = tuple(_own(10 + 2 * n, f"ST{n}", _ST_LEVEL) for n in (1, 2, 3))
IMPEDANCE_RATE: Final = _metric(18, 0x500A, "MDC_RESP_RATE", BREATHS)

PRESSURE_OFFSETS: Final = (20, 34, 48, 62)
_PRESSURES: Final = {
    1: ("ART", 0x4A11, 0x4A12, 0x4A13),
    2: ("CVP", 0x4A45, 0x4A46, 0x4A47),
    3: ("PA", 0x4A1D, 0x4A1E, 0x4A1F),
    4: ("RAP", 0x4A35, 0x4A36, 0x4A37),
    6: ("LAP", 0x4A31, 0x4A32, 0x4A33),
    7: ("ICP", 0x5809, 0x580A, 0x580B),
    8: ("ABP", 0x4A15, 0x4A16, 0x4A17),
    16: ("FEM", 0x4A15, 0x4A16, 0x4A17),
}
"""Name and terms of systolic, diastolic and mean by pressure label.

The femoral artery has no term; it shares those of ABP, the arterial pressure. Labels 4 to 7 as
GitHub part-cw/LNhealth:s5parser reads them; labels not listed have private codes.
"""
_ARTERIAL: Final = frozenset({1, 8, 16})
_PRESSURE_PARTS: Final = ("systolic", "diastolic", "mean")


def _pressure(offset: int, label: int) -> tuple[GeParameter, ...]:
    """Return systolic, diastolic, mean and pulse of a channel with a known label."""
    name, *terms = _PRESSURES[label]
    parts = [
        _metric(offset + 6 + 2 * n, term, f"{name} {_PRESSURE_PARTS[n]}", _PRESSURE)
        for n, term in enumerate(terms)
    ]
    pulse_offset = offset + 12
    if label in _ARTERIAL:
        return (*parts, _metric(pulse_offset, 0x4812, "MDC_BLD_PULS_RATE_INV", RATE))
    return (*parts, _own(pulse_offset, f"{name} pulse", RATE))


PRESSURES: Final[Mapping[tuple[int, int], tuple[GeParameter, ...]]] = {
    (offset, label): _pressure(offset, label) for offset in PRESSURE_OFFSETS for label in _PRESSURES
}
"""Systolic, diastolic, mean and pulse by the channel's offset and label."""

OTHER_PRESSURES: Final[Mapping[int, tuple[GeParameter, ...]]] = {
    offset: (
        *(
            _own(offset + 6 + 2 * part, f"P{n} {_PRESSURE_PARTS[part]}", _PRESSURE)
            for part in range(3)
        ),
        _own(offset + 12, f"P{n} pulse", RATE),
    )
    for n, offset in enumerate(PRESSURE_OFFSETS, 1)
}
"""Systolic, diastolic, mean and pulse by offset, for labels that are not listed."""

NIBP_OFFSET: Final = 76
NIBP_MEASURING: Final = 1 << 5
"""Bit of the NIBP label."""
NIBP: Final = (
    _metric(82, 0x4A05, "MDC_PRESS_BLD_NONINV_SYS", _PRESSURE),
    _metric(84, 0x4A06, "MDC_PRESS_BLD_NONINV_DIA", _PRESSURE),
    _metric(86, 0x4A07, "MDC_PRESS_BLD_NONINV_MEAN", _PRESSURE),
    _metric(88, 0x482A, "MDC_PULS_RATE_NON_INV", RATE),
)

TEMPERATURE_OFFSETS: Final = (90, 98, 106, 114)
_TEMPERATURES: Final = {
    1: ("MDC_TEMP_ESOPH", 0x4B64),
    2: ("MDC_TEMP_NASOPH", 0x4B6C),
    3: ("MDC_TEMP_TYMP", 0x4B78),
    4: ("Temperature (rectal)", 0xE004),
    5: ("Temperature (bladder)", 0xF0C4),
    6: ("Temperature (axillary)", 0xE050),
    7: ("MDC_TEMP_SKIN", 0x4B74),
    8: ("MDC_TEMP_AWAY", 0x4B54),
    11: ("Temperature (T1)", 0xF0C7),
    12: ("Temperature (T2)", 0xF0C8),
    13: ("Temperature (T3)", 0xF0C9),
    14: ("Temperature (T4)", 0xF0CA),
    15: ("MDC_TEMP_CORE", 0x4B60),
}
_OTHER_TEMPERATURES: Final = {
    9: "Temperature (room)",
    10: "Temperature (myocardial)",
    16: "Temperature (surface)",
}
TEMPERATURES: Final[Mapping[tuple[int, int], GeParameter]] = {
    (offset, label): _metric(offset + 6, term, name, _TEMPERATURE)
    for offset in TEMPERATURE_OFFSETS
    for label, (name, term) in _TEMPERATURES.items()
} | {
    (offset, label): _own(offset + 6, name, _TEMPERATURE)
    for offset in TEMPERATURE_OFFSETS
    for label, name in _OTHER_TEMPERATURES.items()
}
"""Temperature by the channel's offset and label; room, myocardium and surface are private codes, as
none is a body temperature."""
UNNAMED_TEMPERATURES: Final[Mapping[int, GeParameter]] = {
    offset: _own(offset + 6, f"T{n} (site unknown)", _TEMPERATURE)
    for n, offset in enumerate(TEMPERATURE_OFFSETS, 1)
}
"""Temperature by offset for a probe without a label, which may hang in the room: private codes."""

SPO2_OFFSET: Final = 122
SPO2: Final = _metric(128, 0x4BB8, "MDC_PULS_OXIM_SAT_O2", _SATURATION)
SVO2: Final = _metric(128, 0x4B3C, "MDC_SAT_O2_VEN", _SATURATION)
SPO2_PULSE: Final = _metric(130, 0x481A, "MDC_PULS_OXIM_PULS_RATE", RATE)
SVO2_PULSE: Final = _own(130, "SvO2 pulse", RATE)
INFRARED: Final = _own(132, "SpO2 infrared amplitude", _MODULATION)

CO2_OFFSET: Final = 136
CO2_APNEA: Final = 1 << 2
RESP_APNEA: Final = 1 << 7  # source: unknown; public readers of these records name it so
"""Bits of the CO2 status."""
ETCO2: Final = _metric(142, 0x50B0, "MDC_AWAY_CO2_ET", _PRESSURE)
"""Pressure computed from the field, which holds a share of the ambient pressure."""
ETCO2_SHARE: Final = _own(142, "CO2 end-tidal share", _GAS)
INSPIRED_CO2: Final = _own(144, "CO2 inspired share", _GAS)
AIRWAY_RATE: Final = _metric(146, 0x5012, "MDC_AWAY_RESP_RATE", BREATHS)
REPEATED_IMPEDANCE_RATE: Final = _metric(146, 0x500A, "MDC_RESP_RATE", BREATHS)
"""The impedance's rate in the CO2 group, which repeats it where the label names this source."""
AMBIENT_PRESSURE: Final = _own(148, "Ambient pressure", AMBIENT)

O2_OFFSET: Final = 150
OXYGEN: Final = (
    _own(156, "O2 expired share", _GAS),
    _own(158, "O2 inspired share", _GAS),
)

ARRHYTHMIA_OFFSET: Final = 4
ARRHYTHMIA_RATE: Final = GeParameter(
    10, _PRIVATE_EXTENDED_1 + 10, "Heart rate of the arrhythmia analysis", RATE
)
PVC_COUNT: Final = _metric(14, 0x4261, "MDC_ECG_V_P_C_CNT", _COUNT)


@dataclass(frozen=True, slots=True)
class AlarmBit:
    """An alarm that a status word carries as one bit."""

    source_code: int
    event_code: int
    channel: str
    name: str
    """Meaning of the bit in words; the device sends none."""
    is_technical: bool | None = False
    """None where the bit's meaning is not published."""


def _arrhythmia(bit: int) -> AlarmBit:
    if bit not in _ARRHYTHMIAS:
        name = f"bit {bit} of the arrhythmia status, whose meaning is not published"
        return AlarmBit(HEART_RATE.code, _PRIVATE_EVENTS + bit, "ARRH", name, is_technical=None)
    event, name = _ARRHYTHMIAS[bit]
    return AlarmBit(HEART_RATE.code, event, "ARRH", name, bit in _TECHNICAL_ARRHYTHMIAS)


_ARRHYTHMIAS: Final = {
    0: (_EVENTS + 3076, "asystole"),
    1: (_EVENTS + 61444, "ventricular fibrillation"),
    2: (_PRIVATE_EVENTS + 2, "rapid ventricular tachycardia"),
    3: (_EVENTS + 3224, "ventricular tachycardia"),
    4: (_EVENTS + 3086, "extreme bradycardia"),
    5: (_EVENTS + 3122, "extreme tachycardia"),
    20: (_EVENTS + 74, "noisy ECG"),
    27: (_EVENTS + 61766, "bradycardia"),
    28: (_EVENTS + 61768, "tachycardia"),
    29: (_PRIVATE_EVENTS + 29, "ventricular bradycardia"),
    30: (_PRIVATE_EVENTS + 30, "arrhythmia analysis off"),
}
_TECHNICAL_ARRHYTHMIAS: Final = frozenset({20, 30})

ASYSTOLE_BIT: Final = 1 << 0
APNEA_BIT: Final = 1 << 32
RESP_APNEA_BIT: Final = 1 << 33
"""Our own bits for apnea, the two after the 32 bits of the arrhythmia status: apnea by CO2, and
apnea by impedance."""

SIGNALS: Final[Mapping[int, AlarmBit]] = {1 << bit: _arrhythmia(bit) for bit in range(32)} | {
    APNEA_BIT: AlarmBit(AIRWAY_RATE.code, _EVENTS + 3072, "CO2", "apnea (CO2)"),
    RESP_APNEA_BIT: AlarmBit(IMPEDANCE_RATE.code, _EVENTS + 3072, "RESP", "apnea (impedance)"),
}
"""Meaning of every bit: those of the arrhythmia status, known or not, and apnea."""
