"""The oximeter's own alarms, from its ALARM and EXC bits.

Masimo's manuals do not explain the bits of ALARM; the meanings are those that GitHub mdpnp/mdpnp
(poxrad_discrete.h) and remkolems/masimo-datacapture found. Their bits 10 (alarm active) and 20
(alarm silenced) are not alarms, but stay in the state of each alarm.
"""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.masimo_ascii.values import (
    DEFECTIVE_SENSOR,
    DESAT,
    NO_SENSOR,
    PULSE,
    SENSOR_OFF,
    SPCO,
    SPMET,
    SPO2,
)
from edge_agent.model.session_events import DeviceAlarm

# source: ISO/IEEE 11073-10101, events (partition 3)
_EVENT: Final = 3 << 16
_HIGH: Final = _EVENT + 40
_LOW: Final = _EVENT + 62
_BATTERY_LOW: Final = _EVENT + 194
_SENSOR_DISCONNECTED: Final = _EVENT + 308
_SENSOR_DEFECTIVE: Final = _EVENT + 310

_LIMITS: Final = (
    (0x0001, SPO2, _HIGH),
    (0x0002, SPO2, _LOW),
    (0x0004, PULSE, _HIGH),
    (0x0008, PULSE, _LOW),
    (0x0100, SPCO, _HIGH),
    (0x0200, SPCO, _LOW),
    (0x0400, SPMET, _HIGH),
    (0x0800, SPMET, _LOW),
    (0x1000, DESAT, _HIGH),
)
"""Bit of ALARM, code of the quantity in alarm, event code."""
_LOW_BATTERY: Final = 0x0040

_SENSOR: Final = (
    (NO_SENSOR, _SENSOR_DISCONNECTED),
    (DEFECTIVE_SENSOR, _SENSOR_DEFECTIVE),
    (SENSOR_OFF, _SENSOR_DISCONNECTED),
)
"""Bit of EXC, event code; the state of these alarms is the bit itself."""


def alarms_of(alarms: int, exceptions: int) -> tuple[DeviceAlarm, ...]:
    """Return the alarms that a line shows: limits, then technical ones.

    Parameters
    ----------
    alarms
        Bits of ALARM.
    exceptions
        Bits of EXC.
    """
    limits = [
        _alarm(source, event, alarms, is_technical=False)
        for bit, source, event in _LIMITS
        if alarms & bit
    ]
    battery = [_alarm(0, _BATTERY_LOW, alarms, is_technical=True)] * bool(alarms & _LOW_BATTERY)
    sensor = [
        _alarm(SPO2, event, bit, is_technical=True) for bit, event in _SENSOR if exceptions & bit
    ]
    return (*limits, *battery, *sensor)


def _alarm(source: int, event: int, state: int, *, is_technical: bool) -> DeviceAlarm:
    return DeviceAlarm(
        source_code=source,
        event_code=event,
        priority="",
        is_technical=is_technical,
        state=state,
        channel="",
        text="",
        is_usable=True,
    )
