"""Requests of a host to a monitor over the Datex-Ohmeda Record Interface.

Source: Datex-Ohmeda, S/5 Computer Interface, M1017617: dri_phdb_req, wave_req, al_tx_cmd.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import unpack_from
from typing import Final

from simulators.monitors.ge_dri.wire import ALARM, PHYSIOLOGICAL, WAVEFORM, HostRecord

_SHORTEST_INTERVAL_S: Final = 5
SINGLE: Final = -1
STOP: Final = 0
_REQUEST: Final = 0  # subrecord type of every request
_DENY_BASIC: Final = 1
_EXTENSIONS: Final = 3
_END_OF_WAVES: Final = 0xFF


class RecordKind(IntEnum):
    """Kinds of physiological records."""

    DISPLAYED = 1
    TREND_10_S = 2
    TREND_60_S = 3
    AUXILIARY = 4


class HostAlarmCommand(IntEnum):
    """Alarm command of a host."""

    STATUS = 0
    ENTER_DIFFERENTIAL = 2
    EXIT_DIFFERENTIAL = 3


@dataclass(frozen=True, slots=True)
class PhysiologicalRequest:
    """A request to start, to stop, or to send once."""

    kind: RecordKind
    interval_s: int
    """SINGLE, STOP, or an interval in seconds."""
    classes: frozenset[int]
    """Classes: 0 basic, 1 to 3 extensions."""


@dataclass(frozen=True, slots=True)
class WaveRequest:
    """Start or stop of waveforms."""

    is_start: bool
    types: tuple[int, ...]


def physiological(asked: HostRecord) -> list[PhysiologicalRequest]:
    """Return the requests for values in a record; empty for records about something else."""
    if asked.main_type != PHYSIOLOGICAL:
        return []
    bodies = [part.body for part in asked.parts if part.kind == _REQUEST]
    return [found for body in bodies if len(body) >= 9 and (found := _values(body))]


def waves(asked: HostRecord) -> WaveRequest | None:
    """Return the request for waveforms in a record; None where there is none."""
    body = _first_body(asked, WAVEFORM, 12)
    if body is None:
        return None
    types = body[4:12].split(bytes([_END_OF_WAVES]))[0]
    return WaveRequest(unpack_from("<h", body)[0] == 0, tuple(types))


def alarms(asked: HostRecord) -> HostAlarmCommand | None:
    """Return the alarm command in a record; None where there is none."""
    body = _first_body(asked, ALARM, 12)
    command = unpack_from("<h", body)[0] if body else None
    return HostAlarmCommand(command) if command in set(HostAlarmCommand) else None


def _first_body(asked: HostRecord, main_type: int, at_least: int) -> bytes | None:
    if asked.main_type != main_type:
        return None
    for part in asked.parts:
        if part.kind == _REQUEST and len(part.body) >= at_least:
            return part.body
    return None


def _values(body: bytes) -> PhysiologicalRequest | None:
    kind, interval_s, class_bits = unpack_from("<BhI", body)
    is_possible = interval_s in {SINGLE, STOP} or interval_s >= _SHORTEST_INTERVAL_S
    if kind not in set(RecordKind) or not is_possible:
        return None
    wanted = {number for number in range(1, _EXTENSIONS + 1) if class_bits & 1 << number}
    if not class_bits & _DENY_BASIC:
        wanted.add(0)
    if not wanted and kind != RecordKind.AUXILIARY:
        return None
    return PhysiologicalRequest(RecordKind(kind), interval_s, frozenset(wanted))
