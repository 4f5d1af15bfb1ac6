"""Datex-Ohmeda records: header and subrecords, with every length and offset checked.

Layout after the Datex-Ohmeda Record Specification (8005313, "Structure of Datex-Ohmeda Record").
Little-endian, packed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.ge_dri.frames import HEADER_SIZE
from edge_agent.model.errors import CrswatchError
from edge_agent.model.measurements import DeviceTime

PHYSIOLOGICAL: Final = 0
WAVES: Final = 1
ALARMS: Final = 4
_NETWORK: Final = 5
_EVENTS: Final = 8
_MAIN_TYPES: Final = frozenset({PHYSIOLOGICAL, WAVES, ALARMS, _NETWORK, _EVENTS})

DISPLAYED: Final = 1
"""Subrecord of a physiological record with the values on the screen; 2 and 3 are trends, which show
the past."""
_TREND_10_S: Final = 2
_TREND_60_S: Final = 3
AUXILIARY: Final = 4
ALARM_STATUS: Final = 1
"""Subrecord of an alarm record with all alarms on the screen."""

VALUES_SIZE: Final = 278
ALARM_STATUS_SIZE: Final = 510
_NIBP_TIME_SIZE: Final = 4
_CLASS_AT: Final = 276

BASIC: Final = 0
EXTENDED_1: Final = 1

_HEADER: Final = struct.Struct("<hBBHIBBHh")
"""Length, number, level, plug id, time, subnet, two reserved fields, main type."""
_DESCRIPTOR: Final = struct.Struct("<hB")
_DESCRIPTORS_AT: Final = 16
_END_OF_LIST: Final = 0xFF
_SECOND_NS: Final = 10**9


class MalformedRecordError(CrswatchError):
    """A record contradicts itself: a offset, a length or a value is impossible."""


@dataclass(frozen=True, slots=True)
class Subrecord:
    """One part of a record."""

    kind: int
    """Type of the subrecord, within the main type of the record."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the monitor."""

    level: int
    """Edition of the specification that the monitor follows; 0 in requests."""
    plug_id: int
    time_s: int
    """Seconds since 1970 on the monitor's clock at sending; 0 where it has no clock."""
    main_type: int
    subrecords: tuple[Subrecord, ...]

    @property
    def device_now(self) -> DeviceTime:
        """Time on the monitor's clock when it sent the record."""
        return wall(self.time_s)


def wall(time_s: int) -> DeviceTime:
    """Return the device time of seconds since 1970; no time for 0."""
    return DeviceTime(wall_ns=time_s * _SECOND_NS) if time_s else DeviceTime()


def parse(data: bytes) -> Record:
    """Return the record in `data`, whose length field has been checked.

    Raises
    ------
    MalformedRecordError
        If the main type is unknown, or a subrecord has a wrong offset or an impossible size.
    """
    _, _, level, plug_id, time_s, _, _, _, main_type = _HEADER.unpack_from(data)
    if main_type not in _MAIN_TYPES:
        raise MalformedRecordError("unknown main type")
    subrecords = tuple(_subrecords(data))
    for subrecord in subrecords:
        _check_size(main_type, subrecord)
    return Record(level, plug_id, time_s, main_type, subrecords)


def displayed(record: Record) -> dict[int, bytes]:
    """Return the displayed values of a record by their class: 0 basic, 1 to 3 extended.

    The class is in bits 8 to 11 of the last word; real monitors set its other bits, too.

    Raises
    ------
    MalformedRecordError
        If the record holds a class twice.
    """
    if record.main_type != PHYSIOLOGICAL:
        return {}
    values = [sub.data for sub in record.subrecords if sub.kind == DISPLAYED]
    found = {data[_CLASS_AT + 1] & 0x0F: data for data in values}
    if len(found) != len(values):
        raise MalformedRecordError("a class of values comes twice")
    return found


def measured_at(values: dict[int, bytes], record: Record) -> DeviceTime:
    """Return the time that leads each class of displayed values; without one, the record's time."""
    times_s = [int.from_bytes(data[:4], "little") for data in values.values()]
    return wall(max(times_s)) if any(times_s) else record.device_now


def nibp_time_s(record: Record) -> int:
    """Return the stated time of the last cuff reading, seconds since 1970; 0 where there is none.

    The time leads the auxiliary information (GitHub KaiWU17TUM/icu_devices, wei2374/monitor_serial:
    aux_phdb_info, after 8005313).
    """
    times = [s.data[:_NIBP_TIME_SIZE] for s in record.subrecords if s.kind == AUXILIARY]
    return int.from_bytes(times[-1], "little") if times else 0


def alarm_statuses(record: Record) -> list[bytes]:
    """Return every alarm status in a record."""
    if record.main_type != ALARMS:
        return []
    return [sub.data for sub in record.subrecords if sub.kind == ALARM_STATUS]


def _subrecords(data: bytes) -> list[Subrecord]:
    descriptors = []
    for position in range(_DESCRIPTORS_AT, HEADER_SIZE, _DESCRIPTOR.size):
        offset, kind = _DESCRIPTOR.unpack_from(data, position)
        if kind == _END_OF_LIST:
            break
        descriptors.append((offset, kind))
    ends = [offset for offset, _ in descriptors[1:]] + [len(data) - HEADER_SIZE]
    if descriptors and descriptors[0][0] != 0:
        raise MalformedRecordError("the first subrecord does not follow the header")
    if any(end <= offset for (offset, _), end in zip(descriptors, ends, strict=False)):
        raise MalformedRecordError("a subrecord has an impossible offset")
    return [
        Subrecord(kind, data[HEADER_SIZE + offset : HEADER_SIZE + end])
        for (offset, kind), end in zip(descriptors, ends, strict=False)
    ]


def _check_size(main_type: int, subrecord: Subrecord) -> None:
    size = len(subrecord.data)
    values = {DISPLAYED, _TREND_10_S, _TREND_60_S}
    if main_type == PHYSIOLOGICAL and subrecord.kind in values and size != VALUES_SIZE:
        raise MalformedRecordError("a subrecord of values has the wrong size")
    if main_type == PHYSIOLOGICAL and subrecord.kind == AUXILIARY and size < _NIBP_TIME_SIZE:
        raise MalformedRecordError("the auxiliary information is cut short")
    if main_type == ALARMS and subrecord.kind == ALARM_STATUS and size != ALARM_STATUS_SIZE:
        raise MalformedRecordError("an alarm status has the wrong size")
