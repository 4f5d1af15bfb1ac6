"""Poll requests to the monitor and its replies.

Layout after the Data Export Interface Programming Guide (4535 642 59271), "Single Poll" and
"Extended Poll" of the Data Export Protocol.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.philips_intellivue.reader import Reader
from edge_agent.drivers.philips_intellivue.times import wall_ns

NUMERICS: Final = 0x0006
"""Object class of numerics."""
ALARMS: Final = 0x0036
"""Object class of the alert monitor."""

ALL_GROUPS: Final = 0x0000
OBSERVED_VALUES: Final = 0x0803
ALARM_LISTS: Final = 0x0801
VMO_STATIC: Final = 0x0811

SINGLE_POLL: Final = 0x0C16
EXTENDED_POLL: Final = 0xF13B
_POLL_PERIOD: Final = 0xF13E
_MDS: Final = bytes.fromhex("002100000000")
"""The medical device system: class 0021, context 0, handle 0."""
_DATA_EXPORT: Final = bytes.fromhex("E1000002")
_READ_CLASSES: Final = frozenset({NUMERICS, ALARMS})
"""Classes whose objects are read; waves are skipped, as the driver does not request them."""


@dataclass(frozen=True, slots=True)
class PollRequest:
    """A request for the objects of one class."""

    invoke_id: int
    poll_number: int
    object_class: int
    group: int
    period_ticks: int | None = None
    """Time for which the monitor sends unasked, 1/8 ms; None for a single poll."""


@dataclass(frozen=True, slots=True)
class PolledObject:
    """One object of the monitor with the attributes it sent."""

    handle: int
    attributes: Mapping[int, bytes]
    doubled: tuple[str, ...] = ()
    """Reports about attributes that came more than once."""


@dataclass(frozen=True, slots=True)
class PollReply:
    """One message of polled objects; a large answer comes as several messages."""

    action: int
    """SINGLE_POLL or EXTENDED_POLL."""
    poll_number: int
    ticks: int
    """The monitor's relative time, 1/8 ms."""
    absolute_ns: int | None
    """The monitor's wall clock, ns since 1970; None where the monitor sends FF."""
    object_class: int
    objects: tuple[PolledObject, ...]
    """Polled objects; empty for classes that are not read, and in the message that closes a linked
    answer."""


def build(request: PollRequest) -> bytes:
    """Return the user data of a poll request."""
    asked = struct.pack(">HHHH", request.poll_number, 0x0001, request.object_class, request.group)
    action = SINGLE_POLL
    if request.period_ticks is not None:
        action = EXTENDED_POLL
        asked += struct.pack(">HHHHI", 1, 8, _POLL_PERIOD, 4, request.period_ticks)
    argument = _MDS + struct.pack(">IHH", 0, action, len(asked)) + asked
    invoke = struct.pack(">HHH", request.invoke_id, 0x0007, len(argument)) + argument
    return _DATA_EXPORT + struct.pack(">HH", 0x0001, len(invoke)) + invoke


def parse_reply(argument: bytes) -> PollReply | None:
    """Return the reply that the result of a confirmed action carries; None for other actions.

    Raises
    ------
    MalformedMessageError
        If a length does not fit or an object is cut short.
    """
    outer = Reader(argument)
    outer.read(len(_MDS))
    action = outer.u16()
    reader = Reader(outer.block())
    outer.finish()
    if action not in {SINGLE_POLL, EXTENDED_POLL}:
        return None
    poll_number = reader.u16()
    if action == EXTENDED_POLL:
        reader.u16()  # the sequence restarts with every request; the relative time shows gaps
    ticks = reader.u32()
    absolute_ns = wall_ns(reader.read(8))
    reader.read(2)
    object_class = reader.u16()
    reader.read(2)
    contexts = reader.u16()
    listing = Reader(reader.block())
    reader.finish()
    objects = _objects(listing, contexts) if object_class in _READ_CLASSES else ()
    return PollReply(action, poll_number, ticks, absolute_ns, object_class, objects)


def _objects(listing: Reader, contexts: int) -> tuple[PolledObject, ...]:
    found = []
    for _ in range(contexts):
        listing.read(2)
        count = listing.u16()
        entries = Reader(listing.block())
        found += [_object(entries) for _ in range(count)]
        entries.finish()
    listing.finish()
    return tuple(found)


def _object(entries: Reader) -> PolledObject:
    handle, attributes = entries.u16(), entries.attributes()
    return PolledObject(handle, attributes.values, attributes.words())
