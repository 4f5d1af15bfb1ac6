"""A patient's signs on a simulated IntelliVue monitor, as objects of a poll reply.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271, attribute data
types; physio ids, units and states as an MP90 and an M8000 send them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from struct import pack
from typing import Final

from simulators.monitors.device import View
from simulators.monitors.intellivue.wire import (
    ObservedObject,
    attribute,
    bcd_time,
    counted,
    nomenclature_float,
    text,
)
from simulators.patients.vitals import TrueVitals

_SEARCH_S: Final = 4.0
"""Seconds that a reattached SpO2 sensor is unavailable, and then the same time invalid."""


class State(IntFlag):
    """Measurement state bits."""

    VALID = 0
    ALARM_OFF = 0x0001
    IN_ALARM = 0x0002
    DEMO = 0x0400
    UNAVAILABLE = 0x2000
    INVALID = 0x8000


class AttributeGroup(IntEnum):
    """Attribute groups for which a host can ask."""

    ALL = 0
    ALERT_MONITOR = 0x0801
    METRIC_OBSERVED = 0x0803
    VMO_STATIC = 0x0811


@dataclass(frozen=True, slots=True)
class Channel:
    """One numeric object of the monitor; its values carry the physio ids."""

    name: str
    context: int
    handle: int
    label: str
    physio_id: int
    unit: int
    decimals: int = 0
    low: float = -1.0
    """Value below which it is in alarm; the monitor's default for adults where it has one."""
    high: float = 1000.0
    """Value above which it is in alarm."""


_BPM: Final = 0x0AA0
_RPM: Final = 0x0AE0
_PERCENT: Final = 0x0220
_MMHG: Final = 0x0F20
_CELSIUS: Final = 0x17A0
_NO_UNIT: Final = 0x0200

CHANNELS: Final = (
    Channel("cuff", 1, 0x8268, "NBP", 0x4A04, _MMHG, low=90, high=160),
    Channel("heart_rate", 1, 0x82A5, "HR", 0x4182, _BPM, low=50, high=120),
    Channel("pvc", 1, 0x82B8, "PVC", 0x4261, _BPM),
    Channel("respiratory_rate", 1, 0x82D4, "RR", 0x500A, _RPM, low=8, high=30),
    Channel("temperature", 1, 0x82F1, "Temp", 0x4B48, _CELSIUS, 1, low=36, high=39),
    Channel("spo2", 1, 0x83B5, "SpO\u2082", 0x4BB8, _PERCENT, 1, low=90),
    Channel("pulse_rate", 1, 0x83BC, "Pulse", 0x4822, _BPM),
    Channel("perfusion_index", 1, 0x83C3, "Perf", 0x4BB0, _NO_UNIT, 1),
)
_UNUSED: Final = (
    Channel("", 0, 0x85B7, "ABP", 0x4A14, _MMHG),
    Channel("", 0, 0x85CF, "ART", 0x4A10, _MMHG),
    Channel("", 0, 0x85E7, "etCO\u2082", 0x50B0, _MMHG),
    Channel("", 0, 0x85FF, "awRR", 0x5012, _RPM),
    Channel("", 0, 0x862F, "T1", 0xF0C7, _CELSIUS, 1),
    Channel("", 0, 0x866D, "T2", 0xF0C8, _CELSIUS, 1),
)
"""Objects of modules without a sensor; a real monitor lists them without values."""

_TEMPERATURE_IDS: Final = {
    "core": 0x4B60,
    "bladder": 0xF0C4,
    "oesophageal": 0x4B64,
    "tympanic": 0x4B78,
    "axillary": 0xF10C,
    "skin": 0x4B74,
}
_SITES: Final = {site: site for site in _TEMPERATURE_IDS} | {"oesophageal": "esophageal"}
_KEYS: Final = {
    "heart_rate": "heart_rate",
    "respiratory_rate": "respiratory_rate",
    "temperature": "temperature@{site}",
    "spo2": "spo2",
    "pulse_rate": "pulse_rate@spo2",
    "perfusion_index": "perfusion_index",
}
_SPO2_FAMILY: Final = frozenset({"spo2", "pulse_rate", "perfusion_index"})


@dataclass(frozen=True, slots=True)
class NumericsDisplay:
    """State of the screen in one measurement cycle."""

    vitals: TrueVitals
    spo2_state: State
    """VALID, or the reason why the SpO2 sensor shows no values."""
    wall_ns_at_zero: int
    """The monitor's wall clock at patient second 0, as if it were UTC, ns since 1970."""
    handle_shift: int = 0
    """Shift of the handles, which differ between monitors and after a restart."""
    is_demo: bool = False

    def handle(self, channel: Channel) -> int:
        """Return the handle of a channel on this monitor."""
        return channel.handle + self.handle_shift

    def value(self, channel: Channel) -> float | None:
        """Return the number shown for a channel; None where the screen shows a dash."""
        if channel.name == "pvc":
            return 0 if self.vitals.heart_rate is not None else None
        if channel.name == "cuff":
            return self.vitals.cuff.systolic if self.vitals.cuff else None
        if channel.name in _SPO2_FAMILY and self.spo2_state is not State.VALID:
            return None
        value: float | None = getattr(self.vitals, channel.name)
        return value

    def state(self, channel: Channel) -> State:
        """Return the state bits of a channel's value."""
        value = self.value(channel)
        state = State.ALARM_OFF if channel.name == "pulse_rate" else State.VALID
        if value is None:
            state |= self._missing(channel)
        elif not channel.low <= value <= channel.high:
            state |= State.IN_ALARM
        return state | State.DEMO if self.is_demo else state

    def _missing(self, channel: Channel) -> State:
        if channel.name == "cuff":
            return State.UNAVAILABLE
        return self.spo2_state if channel.name in _SPO2_FAMILY else State.INVALID


def spo2_state(view: View, patient_s: float) -> State:
    """Return VALID for a sensor that is on; else the state when off or searching after that."""
    if view(patient_s).spo2 is None:
        return State.INVALID
    if _spo2_was_off(view, patient_s - _SEARCH_S):
        return State.UNAVAILABLE
    return State.INVALID if _spo2_was_off(view, patient_s - 2 * _SEARCH_S) else State.VALID


def _spo2_was_off(view: View, patient_s: float) -> bool:
    return patient_s >= 0 and view(patient_s).spo2 is None


def shown_values(display: NumericsDisplay) -> dict[str, float | None]:
    """Return the values that a reader must find, by kind or kind@site; None for no value."""
    shown: dict[str, float | None] = {}
    for channel in CHANNELS:
        state = display.state(channel) & ~(State.ALARM_OFF | State.IN_ALARM)
        if channel.name == "cuff":
            cuff = display.vitals.cuff if state is State.VALID else None
            for part in ("systolic", "mean", "diastolic"):
                shown[f"nibp_{part}"] = getattr(cuff, part) if cuff else None
        elif channel.name in _KEYS:
            key = _KEYS[channel.name].format(site=_SITES[display.vitals.temperature_site])
            shown[key] = display.value(channel) if state is State.VALID else None
    return shown


def numeric_objects(
    display: NumericsDisplay, group: AttributeGroup, *, with_values: bool
) -> list[ObservedObject]:
    """Return the numeric objects of a poll reply.

    Parameters
    ----------
    display
        State of the screen.
    group
        METRIC_OBSERVED for values, VMO_STATIC for labels, ALL for both.
    with_values
        False for the very first reply to ALL, which holds no value on a real monitor.
    """
    found: list[ObservedObject] = []
    for channel in _UNUSED + CHANNELS:
        handle = display.handle(channel)
        attributes: list[bytes] = []
        if group is not AttributeGroup.METRIC_OBSERVED:
            attributes += _static(channel, handle)
        if group is not AttributeGroup.VMO_STATIC and with_values and channel not in _UNUSED:
            attributes += _observed(channel, display)
        found.append(ObservedObject(channel.context, handle, tuple(attributes)))
    return found


def _static(channel: Channel, handle: int) -> list[bytes]:
    update_ticks = 8192
    metric = pack(">IHHBBH", update_ticks, 0x8008, 0x0000, 0, 1, 0xA000)
    return [
        attribute(0x0921, pack(">H", handle)),
        attribute(0x092F, pack(">HH", 1, 6)),
        attribute(0x0924, pack(">HH", 2, channel.physio_id)),
        attribute(0x0927, text(channel.label)),
        attribute(0x0911, pack(">H", 2)),
        attribute(0x093F, metric),
        attribute(0x0917, pack(">BB", 3, channel.decimals)),
    ]


def _observed(channel: Channel, display: NumericsDisplay) -> list[bytes]:
    if channel.name == "cuff":
        return _cuff(channel, display)
    physio_id = channel.physio_id
    if channel.name == "temperature":
        physio_id = _TEMPERATURE_IDS[display.vitals.temperature_site]
    observed = pack(">HHH", physio_id, display.state(channel), channel.unit)
    observed += nomenclature_float(display.value(channel), channel.decimals)
    return [attribute(0x0950, observed)]


def _cuff(channel: Channel, display: NumericsDisplay) -> list[bytes]:
    reading = display.vitals.cuff
    state = display.state(channel)
    calm = state & ~State.IN_ALARM  # only the systolic value has limits here
    parts = ((0x4A05, state), (0x4A06, calm), (0x4A07, calm))
    values = (reading.systolic, reading.diastolic, reading.mean) if reading else (None,) * 3
    compound = counted(
        pack(">HHH", physio_id, bits, channel.unit) + nomenclature_float(value)
        for (physio_id, bits), value in zip(parts, values, strict=True)
    )
    measured_s = reading.measured_at_s if reading else -86_400.0  # a stamp may be days old
    stamp = bcd_time(display.wall_ns_at_zero + round(measured_s * 1e9))
    return [
        attribute(0x0990, stamp),
        attribute(0xF237, b"\xff" * 4),
        attribute(0x094B, compound),
    ]
