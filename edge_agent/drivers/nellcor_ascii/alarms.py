"""The oximeter's own alarms, from the status codes and marks of a line."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.nellcor_ascii.values import PULSE, PULSE_MARK, SPO2, SPO2_MARK, STATUS_CODES
from edge_agent.model.session_events import DeviceAlarm

# source: ISO/IEEE 11073-10101, events (partition 3)
_EVENT: Final = 3 << 16
_HIGH: Final = _EVENT + 40
_LOW: Final = _EVENT + 62
_BATTERY_LOW: Final = _EVENT + 194
_SENSOR_DISCONNECTED: Final = _EVENT + 308
_NO_EVENT_CODE: Final = 0

_LIMITS: Final = (
    ("SH", SPO2, _HIGH),
    ("SL", SPO2, _LOW),
    ("PH", PULSE, _HIGH),
    ("PL", PULSE, _LOW),
)
_TECHNICAL: Final = (
    ("SD", SPO2, _SENSOR_DISCONNECTED),
    ("SO", SPO2, _NO_EVENT_CODE),
    ("LM", SPO2, _NO_EVENT_CODE),
    ("LB", 0, _BATTERY_LOW),
)
"""Status code, code of the quantity in alarm, event code."""
_LOSS_OF_PULSE: Final = "LP"
"""Lost pulse: perhaps the patient's (cardiac arrest, shock), perhaps the sensor's, and of high
priority; with motion (LM) of low priority (NPB-290 operator's manual, "Start-Up and Use", pulse
search)."""
_PRIORITIES: Final = {_LOSS_OF_PULSE: "high", "LM": "low"}
_MARKS: Final = ((SPO2_MARK, SPO2, ("SH", "SL")), (PULSE_MARK, PULSE, ("PH", "PL")))
"""Mark, code of the marked quantity, status codes that name the limit."""

_SILENT: Final = STATUS_CODES["AO"] | STATUS_CODES["AS"]


def alarms_of(state: int) -> tuple[DeviceAlarm, ...]:
    """Return the alarms of a line with this state: limits, a lost pulse, then technical ones."""
    limits = [
        _alarm(code, source, event, state)
        for code, source, event in _LIMITS
        if state & STATUS_CODES[code]
    ]
    # a mark alone does not say which of the two limits
    marked = [
        _alarm("*", source, _NO_EVENT_CODE, state)
        for mark, source, codes in _MARKS
        if state & mark and not any(state & STATUS_CODES[code] for code in codes)
    ]
    technical = [
        _alarm(code, source, event, state, is_technical=True)
        for code, source, event in _TECHNICAL
        if state & STATUS_CODES[code]
    ]
    is_pulse_lost = bool(state & STATUS_CODES[_LOSS_OF_PULSE])
    lost = [_alarm(_LOSS_OF_PULSE, SPO2, _NO_EVENT_CODE, state, is_technical=None)] * is_pulse_lost
    return (*limits, *marked, *lost, *technical)


def _alarm(
    text: str, source: int, event: int, state: int, *, is_technical: bool | None = False
) -> DeviceAlarm:
    return DeviceAlarm(
        source_code=source,
        event_code=event,
        priority=_PRIORITIES.get(text, ""),
        is_technical=is_technical,
        state=state & _SILENT,
        channel="",
        text=text,
        is_usable=True,
    )
