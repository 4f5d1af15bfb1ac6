"""Requests of an associated host to an IntelliVue monitor.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271, data export
protocol definition.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import unpack_from
from typing import Final

from simulators.monitors.intellivue.wire import ROIV, RORS

_MDS_CLASS: Final = 0x0021
_CREATE_EVENT: Final = 0x0D06
_PRIORITY_LIST: Final = 0xF23A
_POLL_PERIOD: Final = 0xF13E
_ONE_CYCLE_TICKS: Final = 8192

_NO_SUCH_CLASS: Final = 0
_NO_SUCH_INSTANCE: Final = 1
_GET_LIST_ERROR: Final = 7
_NO_SUCH_ACTION: Final = 9


class PollClass(IntEnum):
    """Object classes a host can poll."""

    NUMERIC = 0x06
    WAVE = 0x09
    MDS = 0x21
    PATIENT = 0x2A
    ALERT_MONITOR = 0x36


class ActionKind(IntEnum):
    """The two poll actions."""

    SINGLE_POLL = 0x0C16
    EXTENDED_POLL = 0xF13B


@dataclass(frozen=True, slots=True)
class CreateResult:
    """The host confirms the MDS create event."""

    invoke_id: int


@dataclass(frozen=True, slots=True)
class Action:
    """The host polls."""

    invoke_id: int
    kind: ActionKind
    poll_number: int
    poll_class: PollClass
    group: int
    period_ticks: int
    """Duration of an extended poll, 1/8 ms; one cycle where the host states none."""


@dataclass(frozen=True, slots=True)
class GetRequest:
    """The host asks for the wave priority list."""

    invoke_id: int
    command: int


@dataclass(frozen=True, slots=True)
class SetRequest:
    """The host sets the wave priority list."""

    invoke_id: int
    command: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """The host asks for something that this monitor does not have."""

    invoke_id: int
    error: int


Request = CreateResult | Action | GetRequest | SetRequest | Unknown


def parse_request(body: bytes) -> Request | None:
    """Return the host's request; None where its bytes are inconsistent.

    Parameters
    ----------
    body
        Remote operation, without session id and presentation context.
    """
    if len(body) < 10 or int.from_bytes(body[2:4], "big") != len(body) - 4:
        return None
    ro_type, _, invoke_id, command, length = unpack_from(">HHHHH", body)
    inside = body[10:]
    if length != len(inside) or length < 6:
        return None
    if ro_type == RORS:
        confirms = command == 1 and inside[10:12] == _CREATE_EVENT.to_bytes(2, "big")
        return CreateResult(invoke_id) if confirms else None
    return _invoked(invoke_id, command, inside) if ro_type == ROIV else None


def _invoked(invoke_id: int, command: int, inside: bytes) -> Request | None:
    object_class, _, handle = unpack_from(">HHH", inside)
    if object_class != _MDS_CLASS:
        return Unknown(invoke_id, _NO_SUCH_CLASS)
    if handle != 0:
        return Unknown(invoke_id, _NO_SUCH_INSTANCE)
    return _of_command(invoke_id, command, inside[10:])  # object 6, scope 4


def _of_command(invoke_id: int, command: int, rest: bytes) -> Request | None:
    if command == 7:
        return _action(invoke_id, rest)
    if command == 3:
        return _get(invoke_id, command, rest)
    if command in {4, 5}:
        return _set(invoke_id, command, rest)
    return Unknown(invoke_id, _NO_SUCH_ACTION)


def _get(invoke_id: int, command: int, rest: bytes) -> Request | None:
    if len(rest) < 6:
        return None
    asked = unpack_from(">H", rest, 4)[0]  # after count and length
    known = asked == _PRIORITY_LIST and rest[:2] == b"\x00\x01"
    return GetRequest(invoke_id, command) if known else Unknown(invoke_id, _GET_LIST_ERROR)


def _set(invoke_id: int, command: int, rest: bytes) -> Request | None:
    if len(rest) < 10:
        return None
    # after count and length: modify operator, attribute id, length of the value
    attribute_id, length = unpack_from(">HH", rest, 6)
    if attribute_id != _PRIORITY_LIST:
        return Unknown(invoke_id, _GET_LIST_ERROR)
    return SetRequest(invoke_id, command, rest[10 : 10 + length])


def _action(invoke_id: int, rest: bytes) -> Request | None:
    if len(rest) < 12:
        return None
    kind, _, number, _, poll_class, group = unpack_from(">HHHHHH", rest)
    if kind not in ActionKind.__members__.values():
        return Unknown(invoke_id, _NO_SUCH_ACTION)
    if poll_class not in PollClass.__members__.values():
        return Unknown(invoke_id, _NO_SUCH_CLASS)
    period = _period_ticks(rest[12:])
    return Action(invoke_id, ActionKind(kind), number, PollClass(poll_class), group, period)


def _period_ticks(attributes: bytes) -> int:
    offset = 4  # count and length of the list
    while offset + 4 <= len(attributes):
        attribute_id, length = unpack_from(">HH", attributes, offset)
        value = attributes[offset + 4 : offset + 4 + length]
        if attribute_id == _POLL_PERIOD and length == 4 and len(value) == 4:
            return int.from_bytes(value, "big")
        offset += 4 + length
    return _ONE_CYCLE_TICKS
