"""The monitor's own alarms: texts with a colour, and status bits, which are named here.

Layout after the Datex-Ohmeda Record Specification (8005313), "Alarm status". The specification
warns that texts follow the monitor's language: the driver passes them on without reading them.
"""

from __future__ import annotations

import struct
from typing import Final

from edge_agent.drivers.ge_dri import codes
from edge_agent.drivers.ge_dri.numerics import group_at
from edge_agent.drivers.ge_dri.records import MalformedRecordError
from edge_agent.model.session_events import DeviceAlarm

_SOUND_AND_SILENCE: Final = struct.Struct("<2xH4xH")
_ENTRY: Final = struct.Struct("<80sHHH12x")
"""Text, text-changed flag, colour, colour-changed flag."""
_ENTRIES_AT: Final = 10
_ENTRIES: Final = 5

_PRIORITIES: Final = ("", "low", "medium", "high")
"""Priority by colour: none, white, yellow, red."""

_STATUS_AT: Final = 16
"""Offset of the arrhythmia status in an extended 1 subrecord."""


def shown(status: bytes) -> tuple[DeviceAlarm, ...]:
    """Return the alarms of an alarm status, gravest first; it lists all alarms on the screen.

    Raises
    ------
    MalformedRecordError
        If a colour has no meaning.
    """
    sound, silence = _SOUND_AND_SILENCE.unpack_from(status)
    state = sound << 16 | silence
    alarms = []
    for n in range(_ENTRIES):
        field, _, colour, _ = _ENTRY.unpack_from(status, _ENTRIES_AT + n * _ENTRY.size)
        if colour >= len(_PRIORITIES):
            raise MalformedRecordError("unknown alarm colour")
        text = field.partition(b"\0")[0].decode("latin-1")
        if text.strip() or colour:
            alarms.append(
                DeviceAlarm(
                    source_code=0,
                    event_code=0,
                    priority=_PRIORITIES[colour],
                    is_technical=None,
                    state=state,
                    channel="alarm",
                    text=text,
                    is_usable=True,
                )
            )
    return tuple(alarms)


def arrhythmia_bits(extended: bytes) -> int:
    """Return the status of the arrhythmia analysis; 0 where the monitor does not analyse."""
    if group_at(extended, codes.ARRHYTHMIA_OFFSET, "ARRH") is None:
        return 0
    return int.from_bytes(extended[_STATUS_AT : _STATUS_AT + 4], "little")


def status_bits(basic: bytes) -> int:
    """Return the alarms in the status words of the basic values, as bits that `signalled` reads."""
    ecg = group_at(basic, codes.ECG_OFFSET, "ECG")
    co2 = group_at(basic, codes.CO2_OFFSET, "CO2")
    is_asystole = ecg is not None and ecg.status & codes.ECG_ASYSTOLE
    apneas = 0 if co2 is None else co2.status
    return (
        (codes.ASYSTOLE_BIT if is_asystole else 0)
        | (codes.APNEA_BIT if apneas & codes.CO2_APNEA else 0)
        | (codes.RESP_APNEA_BIT if apneas & codes.RESP_APNEA else 0)
    )


def signalled(bits: int) -> tuple[DeviceAlarm, ...]:
    """Return the alarms that are set as bits: arrhythmias at their offsets, then apnea."""
    return tuple(
        DeviceAlarm(
            source_code=signal.source_code,
            event_code=signal.event_code,
            priority="",
            is_technical=signal.is_technical,
            state=0,
            channel=signal.channel,
            text=signal.name,
            is_usable=True,
        )
        for bit, signal in codes.SIGNALS.items()
        if bits & bit
    )
