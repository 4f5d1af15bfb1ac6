"""Messages that open and close the association: session, presentation and user information.

Layout after the Data Export Interface Programming Guide (4535 642 59271), chapters "Association
Control Protocol" and "Protocol Structure"; the request carries the values that public clients send.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError, Reader
from edge_agent.drivers.philips_intellivue.times import TICKS_PER_S

_REQUEST: Final = 0x0D
_ACCEPT: Final = 0x0E
_USER_INFORMATION: Final = 0x81
"""Tag of the octets that carry MDSEUserInfoStd; shorter octets with it name transfer syntaxes."""
_LEAST_USER_INFORMATION: Final = 28
"""Smallest user information in bytes: five words and two empty lists."""
_INDEFINITE: Final = 0x80
_POLL_PROFILE: Final = 0x0001
_PRESENTATION: Final = 0xC1

_SESSION_DATA: Final = bytes.fromhex("0508130100160102800014020002")
_REQUEST_PRESENTATION: Final = bytes.fromhex(
    "3180 A080 80010100 00 A280 A003000001 A480"
    "3080 020101 060452010001 3080 06025101 0000 0000"
    "3080 020102 060C2A8648CE1402010000000101 3080 060C2A8648CE1402010000000201 0000 0000 0000"
    "6180 3080 020101 A080 6080 A180 060C2A8648CE1402010000000301 0000"
    "BE80 2880 060C2A8648CE1402010000000101 020102"
)
"""Presentation and association control up to the user information, in ASN.1 BER."""
_REQUEST_TRAILER: Final = bytes(16)

RELEASE_REQUEST: Final = bytes.fromhex(
    "0918 C116 6180 3080 020101 A080 6280 800100 0000 0000 0000 0000"
)
"""User data that closes the association cleanly."""


class Control(Enum):
    """Messages of association control whose content is not read."""

    REQUESTED = 0x0D
    REFUSED = 0x0C
    RELEASE_REQUESTED = 0x09
    RELEASED = 0x0A
    ABORTED = 0x19


@dataclass(frozen=True, slots=True)
class AssociationAccepted:
    """The monitor accepted the association."""

    min_poll_period_s: float
    """Shortest poll period in seconds that the monitor grants; it decides when the monitor drops a
    silent host. 0 where the monitor states none."""
    unread: str = ""
    """Reason why the rest of the acceptance cannot be read; empty where it can."""


def is_control(kind: int) -> bool:
    """Return whether the first byte of a message belongs to association control."""
    return kind == _ACCEPT or kind in {control.value for control in Control}


def parse(user_data: bytes) -> Control | AssociationAccepted:
    """Return the association control message.

    An acceptance of which only the first byte can be read still counts: the association
    stands, and the monitor waits for polls.

    Raises
    ------
    MalformedMessageError
        If a length does not fit in any other message.
    """
    try:
        body = _body(user_data)
        if user_data[0] != _ACCEPT:
            return Control(user_data[0])
        return AssociationAccepted(_min_poll_period_s(body))
    except MalformedMessageError as error:
        if user_data[0] != _ACCEPT:
            raise
        return AssociationAccepted(0.0, str(error))


def _body(user_data: bytes) -> bytes:
    reader = Reader(user_data[1:])
    body = _sized(reader)
    reader.finish()
    return body


def build_request() -> bytes:
    """Return the user data of an association request that asks for extended polls."""
    poll_profile = struct.pack(
        ">IIIIII", 0x80000000, TICKS_PER_S // 8, 2500, 1000, 0xFFFFFFFF, 0x60000000
    ) + _list(_attribute(0xF001, struct.pack(">IHH", 0x8C000000, 0, 0)))
    user_information = (
        struct.pack(">IIIII", 0x80000000, 0x40000000, 0, 0x80000000, 0x20000000)
        + _list()
        + _list(_attribute(_POLL_PROFILE, poll_profile))
    )
    presentation = (
        _REQUEST_PRESENTATION
        + bytes([_USER_INFORMATION, len(user_information)])
        + user_information
        + _REQUEST_TRAILER
    )
    body = _SESSION_DATA + bytes([_PRESENTATION, len(presentation)]) + presentation
    return bytes([_REQUEST, len(body)]) + body


def _attribute(attribute_id: int, value: bytes) -> bytes:
    return struct.pack(">HH", attribute_id, len(value)) + value


def _list(*attributes: bytes) -> bytes:
    joined = b"".join(attributes)
    return struct.pack(">HH", len(attributes), len(joined)) + joined


def _sized(reader: Reader) -> bytes:
    """Return the bytes that a session length indicator announces: one byte, or FF and two."""
    length = reader.u8()
    return reader.read(reader.u16() if length == 0xFF else length)


def _min_poll_period_s(body: bytes) -> float:
    parameters = Reader(body)
    presentation = b""
    while parameters:
        kind, value = parameters.u8(), _sized(parameters)
        if kind == _PRESENTATION:
            presentation = value
    user_information = bytes(_LEAST_USER_INFORMATION)
    for tag, value in _primitives(Reader(presentation)):
        if tag == _USER_INFORMATION and len(value) >= _LEAST_USER_INFORMATION:
            user_information = value
    reader = Reader(user_information)
    reader.read(20)
    reader.attributes()
    profile = Reader(reader.attributes().values.get(_POLL_PROFILE, bytes(8)))
    profile.read(4)
    return profile.u32() / TICKS_PER_S


def _primitives(reader: Reader) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of every element, stepping into those of indefinite length."""
    while reader:
        tag, length = reader.u8(), reader.u8()
        if length == _INDEFINITE:
            continue
        if length > _INDEFINITE:
            length = int.from_bytes(reader.read(length - _INDEFINITE), "big")
        yield tag, reader.read(length)
