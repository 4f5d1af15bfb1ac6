"""Alarm lists of a simulated IntelliVue monitor.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271, alert monitor
attributes; codes, flags and texts as an MP90 sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack
from typing import Final

from simulators.monitors.intellivue.numerics import (
    CHANNELS,
    AttributeGroup,
    Channel,
    NumericsDisplay,
)
from simulators.monitors.intellivue.wire import ObservedObject, attribute, counted, text
from simulators.patients.vitals import TrueVitals

_ALERT_MONITOR_HANDLE: Final = 0x83C0
_IS_NEW: Final = 0x0008
_IS_DEMO: Final = 0x0100

_HIGH: Final = 40
_LOW: Final = 62
_SENSOR_DISCONNECTED: Final = 308
_LEADS_OFF: Final = 274
_ASYSTOLE: Final = 3076
_MALFUNCTION: Final = 70
_OBJECT_PARTITION: Final = 1  # set in the code where the source code is an object, not a metric
_YELLOW: Final = 0x0200
_RED: Final = 0x0400
_LIGHT_TECHNICAL: Final = 0x0002
_GLYPH: Final = "\ue40d"  # private use: star before the text, two for yellow, three for red
_AUDIBLE_AND_LATCHING: Final = 0x7800


@dataclass(frozen=True, slots=True)
class AlarmListEntry:
    """One entry of an alarm list."""

    source: int
    """Physio id, or the code of the object."""
    code: int
    """Code of the alarm condition, with the partition bit."""
    kind: int
    """Alarm type: patient alarms from 0100 up, technical ones below."""
    handle: int
    words: str
    object_class: int = 6
    context: int = 1

    @property
    def is_technical(self) -> bool:
        """True where it belongs to the list of technical alarms."""
        return self.kind < 0x0100


def present_alarms(display: NumericsDisplay, *, alarm_box_fault: bool) -> list[AlarmListEntry]:
    """Return the alarms present at one moment."""
    found = [alarm for channel in CHANNELS for alarm in _of_channel(channel, display)]
    if alarm_box_fault:
        code = _MALFUNCTION | _OBJECT_PARTITION
        handle = 0x890B + display.handle_shift
        found.append(
            AlarmListEntry(0xF222, code, _LIGHT_TECHNICAL, handle, "Rem.AlarmDev.Malf.", 2, 0)
        )
    return found


def _of_channel(channel: Channel, display: NumericsDisplay) -> list[AlarmListEntry]:
    value = display.value(channel)
    handle = display.handle(channel)
    if value is None:
        return _sensor_off(channel, handle, display.vitals)
    if channel.name == "heart_rate" and value == 0:
        words = f"{_GLYPH * 3} ASYSTOLE "
        return [AlarmListEntry(channel.physio_id, _ASYSTOLE, _RED, handle, words)]
    if value < channel.low:
        words = f"{_GLYPH * 2} {channel.label}   LOW     "
        return [AlarmListEntry(channel.physio_id, _LOW, _YELLOW, handle, words)]
    if value > channel.high:
        words = f"{_GLYPH * 2} {channel.label}   HIGH    "
        return [AlarmListEntry(channel.physio_id, _HIGH, _YELLOW, handle, words)]
    return []


def _sensor_off(channel: Channel, handle: int, vitals: TrueVitals) -> list[AlarmListEntry]:
    if channel.name == "spo2" and vitals.spo2 is None:
        words = "SpO\u2082   SENSOR OFF"
        code = _SENSOR_DISCONNECTED
    elif channel.name == "heart_rate":
        words, code = "ECG LEADS OFF", _LEADS_OFF
    else:
        return []
    return [AlarmListEntry(channel.physio_id, code, _LIGHT_TECHNICAL, handle, words)]


def alert_objects(
    display: NumericsDisplay,
    group: AttributeGroup,
    alarms: list[AlarmListEntry],
    fresh: set[AlarmListEntry],
) -> list[ObservedObject]:
    """Return the alert monitor object of a poll reply.

    Parameters
    ----------
    display
        State of the screen.
    group
        VMO_STATIC for handle and type only, others with the alarm lists.
    alarms
        Present alarms.
    fresh
        Alarms reported for the first time.
    """
    handle = _ALERT_MONITOR_HANDLE + display.handle_shift
    attributes = [
        attribute(0x0921, pack(">H", handle)),
        attribute(0x092F, pack(">HH", 1, 0x0036)),
    ]
    if group is not AttributeGroup.VMO_STATIC:
        patient = [alarm for alarm in alarms if not alarm.is_technical]
        technical = [alarm for alarm in alarms if alarm.is_technical]
        attributes.append(attribute(0x0916, _condition(patient, technical)))
        for attribute_id, part in ((0x0902, patient), (0x0904, technical)):
            listed = (_entry(alarm, display, is_new=alarm in fresh) for alarm in part)
            attributes.append(attribute(attribute_id, counted(listed)))
    return [ObservedObject(0, handle, tuple(attributes))]


def _condition(patient: list[AlarmListEntry], technical: list[AlarmListEntry]) -> bytes:
    worst_patient = max((alarm.kind for alarm in patient), default=0)
    worst_technical = max((alarm.kind for alarm in technical), default=0)
    change_count = 0x0921
    return pack(">HHHHH", 0, change_count, worst_patient, worst_technical, worst_patient)


def _entry(alarm: AlarmListEntry, display: NumericsDisplay, *, is_new: bool) -> bytes:
    state = _IS_NEW if is_new else 0
    state |= _IS_DEMO if display.is_demo else 0
    priority = 2 if alarm.is_technical else 1
    info = pack(">HHHHH", 0, 3, alarm.code, priority, _AUDIBLE_AND_LATCHING) + text(alarm.words)
    head = pack(">HHHH", alarm.source, alarm.code, alarm.kind, state)
    where = pack(">HHH", alarm.object_class, alarm.context, alarm.handle)
    return head + where + pack(">HH", 0x0204, len(info)) + info
