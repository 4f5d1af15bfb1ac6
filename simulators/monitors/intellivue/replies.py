"""Replies of an IntelliVue monitor to polls, and its presentation.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271, data export
protocol definition; large replies are linked and closed by an empty result, as an M8000 does it.
"""

from __future__ import annotations

from struct import pack
from typing import Final

from simulators.monitors.intellivue.requests import Action, GetRequest, SetRequest, Unknown
from simulators.monitors.intellivue.wire import (
    NO_ABSOLUTE_TIME,
    ROER,
    ROIV,
    ROLRS,
    RORS,
    ObservedObject,
    attribute,
    bcd_time,
    command,
    counted,
    operation,
    poll_info,
    text,
)

CREATE_INVOKE_ID: Final = 1
_CREATE_EVENT: Final = 0x0D06
_PRIORITY_LIST: Final = 0xF23A
_MDS_OBJECT: Final = bytes.fromhex("0021 0000 0000")
_OVERHEAD: Final = 4 + 4 + 2 + 6 + 10 + 22 + 4  # bytes of a linked result around its contexts
_CONTEXT_HEADER: Final = 6


def create_event(model: str, bed_label: str, system_id: bytes, ticks: int, wall_ns: int) -> bytes:
    """Return the MDS create event, with the monitor's identity and both of its clocks.

    Parameters
    ----------
    model
        Model, ASCII.
    bed_label
        Label of the bed, any text.
    system_id
        System id, 6 bytes.
    ticks
        Relative time of this moment, 1/8 ms.
    wall_ns
        The monitor's wall clock, as if it were UTC, ns since 1970.
    """
    attributes = counted(
        (
            attribute(0x0984, pack(">H", len(system_id)) + system_id),
            attribute(0x0928, _ascii_text("Philips") + _ascii_text(model)),
            attribute(0x091E, text(bed_label)),
            attribute(0x0987, bcd_time(wall_ns)),
            attribute(0x098F, pack(">I", ticks)),
        )
    )
    event = _MDS_OBJECT + attributes
    body = _MDS_OBJECT + pack(">IHH", ticks, _CREATE_EVENT, len(event)) + event
    return operation(ROIV, command(CREATE_INVOKE_ID, 1, body))


def poll_replies(
    action: Action, sequence: int | None, ticks: int, objects: list[ObservedObject], mtu: int
) -> list[bytes]:
    """Return the user data of the frames that answer a poll.

    Parameters
    ----------
    action
        Request that is answered.
    sequence
        Number of the reply to an extended poll; None for a single poll.
    ticks
        Relative time of the measurement, 1/8 ms.
    objects
        Objects of the reply.
    mtu
        Largest user data of one frame, bytes; longer replies are linked.
    """
    parts = _split(objects, mtu - _OVERHEAD)
    if len(parts) == 1:
        return [operation(RORS, _poll_result(action, sequence, ticks, objects))]
    linked: list[bytes] = []
    for number, part in enumerate(parts, start=1):
        place = 1 if number == 1 else 3 if number == len(parts) else 2
        result = _poll_result(action, sequence, ticks, part)
        linked.append(operation(ROLRS, bytes([place, number]) + result))
    return [*linked, operation(RORS, _poll_result(action, sequence, ticks, []))]


def priority_list(request: GetRequest | SetRequest, value: bytes) -> bytes:
    """Return the answer to a get or set of the wave priority list."""
    body = _MDS_OBJECT + counted((attribute(_PRIORITY_LIST, value),))
    return operation(RORS, command(request.invoke_id, request.command, body))


def error(request: Unknown) -> bytes:
    """Return the error for a request that the monitor cannot fulfil."""
    return operation(ROER, pack(">HHH", request.invoke_id, request.error, 0))


def _poll_result(
    action: Action, sequence: int | None, ticks: int, objects: list[ObservedObject]
) -> bytes:
    result = pack(">H", action.poll_number)
    result += b"" if sequence is None else pack(">H", sequence)
    result += pack(">I", ticks) + NO_ABSOLUTE_TIME
    result += pack(">HHH", 1, action.poll_class, action.group) + poll_info(objects)
    body = _MDS_OBJECT + pack(">HH", action.kind, len(result)) + result
    return command(action.invoke_id, 7, body)


def _ascii_text(value: str) -> bytes:
    raw = value.encode("ascii") + b"\0"
    raw += b"\0" * (len(raw) % 2)
    return pack(">H", len(raw)) + raw


def _split(objects: list[ObservedObject], room: int) -> list[list[ObservedObject]]:
    """Return the objects in runs of at most `room` bytes; at least one run."""
    parts: list[list[ObservedObject]] = [[]]
    used = 0
    for item in objects:
        size = len(item.encoded()) + _CONTEXT_HEADER
        if parts[-1] and used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(item)
        used += size
    return parts
