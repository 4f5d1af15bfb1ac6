"""Messages in the user data of frames, and the one answer that the host owes.

Layout after the Data Export Interface Programming Guide (4535 642 59271), "Data Export Protocol".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge_agent.drivers.philips_intellivue import association, polls
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError, Reader
from edge_agent.drivers.philips_intellivue.times import wall_ns

_DATA_EXPORT: Final = 0xE1
_EVENT: Final = 0x0001
_ACTION: Final = 0x0007
_MDS_CREATE: Final = 0x0D06

_MODEL: Final = 0x0928
_SYSTEM_ID: Final = 0x0984
_ABSOLUTE_TIME: Final = 0x0987
_RELATIVE_TIME: Final = 0x098F


class Operation(Enum):
    """Kind of a remote operation, by its `ro_type`."""

    INVOKE = 1
    RESULT = 2
    ERROR = 3
    LINKED_RESULT = 5


@dataclass(frozen=True, slots=True)
class MdsCreated:
    """The monitor presents itself after an association and expects an answer."""

    invoke_id: int
    event_ticks: int
    ticks: int
    """The monitor's relative time at `absolute_ns`, 1/8 ms."""
    absolute_ns: int | None
    """Wall clock, ns since 1970; None where the monitor does not know the time of day."""
    manufacturer: str
    model: str
    system_id: str
    """Hexadecimal; empty where the monitor sends none."""
    doubled: tuple[str, ...] = ()
    """Reports about attributes that came more than once."""


@dataclass(frozen=True, slots=True)
class OperationFailed:
    """The monitor could not do what request `invoke_id` asked for."""

    invoke_id: int
    error: int


@dataclass(frozen=True, slots=True)
class OtherOperation:
    """A sound message that the driver does not use, such as another host's request."""


Message = (
    association.Control
    | association.AssociationAccepted
    | MdsCreated
    | OperationFailed
    | OtherOperation
    | polls.PollReply
)


def parse(user_data: bytes) -> Message:
    """Return the message that the user data of a frame carries.

    Raises
    ------
    MalformedMessageError
        If the kind is unknown or a length does not fit.
    """
    kind = user_data[:1]
    if kind and association.is_control(kind[0]):
        return association.parse(user_data)
    reader = Reader(user_data)
    if reader.u8() != _DATA_EXPORT:
        raise MalformedMessageError(f"unknown kind of message 0x{kind.hex()}")
    reader.read(3)
    ro_type = reader.u16()
    content = Reader(reader.block())
    reader.finish()
    try:
        operation = Operation(ro_type)
    except ValueError as error:
        raise MalformedMessageError(f"unknown remote operation {ro_type}") from error
    return _operation(operation, content)


def build_mds_create_result(invoke_id: int, event_ticks: int) -> bytes:
    """Return the user data that confirms an MDS create event."""
    report = struct.pack(">HHHIHH", 0x0021, 0, 0, event_ticks, _MDS_CREATE, 0)
    result = struct.pack(">HHH", invoke_id, _EVENT, len(report)) + report
    return bytes.fromhex("E1000002") + struct.pack(">HH", 0x0002, len(result)) + result


def _operation(operation: Operation, content: Reader) -> Message:
    if operation is Operation.LINKED_RESULT:
        content.read(2)  # skips first, middle or last, and a count: the closing result suffices
    invoke_id, command = content.u16(), content.u16()
    argument = content.block()
    content.finish()
    if operation is Operation.ERROR:
        return OperationFailed(invoke_id, command)
    if operation is Operation.INVOKE:
        created = _mds_created(invoke_id, argument) if command == _EVENT else None
        return created or OtherOperation()
    reply = polls.parse_reply(argument) if command == _ACTION else None
    return reply or OtherOperation()


def _mds_created(invoke_id: int, argument: bytes) -> MdsCreated | None:
    reader = Reader(argument)
    reader.read(6)
    event_ticks = reader.u32()
    event = reader.u16()
    report = Reader(reader.block())
    reader.finish()
    if event != _MDS_CREATE:
        return None
    report.read(6)
    listed = report.attributes()
    attributes = listed.values
    report.finish()
    manufacturer, model = _model(attributes.get(_MODEL, bytes(4)))
    return MdsCreated(
        invoke_id=invoke_id,
        event_ticks=event_ticks,
        ticks=Reader(attributes.get(_RELATIVE_TIME, event_ticks.to_bytes(4, "big"))).u32(),
        absolute_ns=wall_ns(attributes.get(_ABSOLUTE_TIME, b"")),
        manufacturer=manufacturer,
        model=model,
        system_id=Reader(attributes.get(_SYSTEM_ID, bytes(2))).block().hex(),
        doubled=listed.words(),
    )


def _model(value: bytes) -> tuple[str, str]:
    reader = Reader(value)
    return _text(reader.block()), _text(reader.block())


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode("ascii", "replace")
