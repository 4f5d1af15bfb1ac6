"""The monitor's messages that open and close an association.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271, association
control protocol definition; lengths and negotiated values as real monitors answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack, unpack_from
from typing import Final

ASSOCIATION_REQUEST: Final = 0x0D
RELEASE_REQUEST: Final = 0x09
ABORT: Final = 0x19

REFUSE: Final = bytes.fromhex("0c 03 32 01 00")
RELEASE_RESPONSE: Final = bytes.fromhex(
    "0a 18 c1 16 61 80 30 80 02 01 01 a0 80 63 80 80 01 00 00 00 00 00 00 00 00 00"
)
_SESSION: Final = bytes.fromhex("05 08 13 01 00 16 01 02 80 00 14 02 00 02")
_PRESENTATION: Final = bytes.fromhex(
    "31 80 a0 80 80 01 01 00 00 a2 80 a0 03 00 00 01 a5 80 30 80 80 01 00 81 02 51 01 00 00"
    "30 80 80 01 00 81 0c 2a 86 48 ce 14 02 01 00 00 00 02 01 00 00 00 00 61 80 30 80 02 01"
    "01 a0 80 61 80 a1 80 06 0c 2a 86 48 ce 14 02 01 00 00 00 03 01 00 00 a2 03 02 01 00 a3"
    "05 a1 03 02 01 00 be 80 28 80 02 01 02 81"
)
_TRAILER: Final = bytes(16)
_USER_INFORMATION: Final = bytes.fromhex("be 80 28 80")
_POLL_PROFILE: Final = bytes.fromhex("00 01 00 28")


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms on which both sides agreed."""

    min_poll_period_ticks: int
    """Shortest poll period, 1/8 ms."""
    mtu: int
    """Largest user data of one frame, bytes."""

    @property
    def silence_limit_s(self) -> float:
        """Seconds without a poll after which the monitor drops the association.

        As in the IntelliVue simulators of mdpnp and mindleaving; not in the guide's text.
        """
        period_s = self.min_poll_period_ticks / 8000
        if period_s <= 3.3:
            return 10.0
        return 3 * period_s if period_s <= 43 else 130.0


def negotiate(request: bytes, offer: Terms) -> Terms | None:
    """Return the terms for a request; None where it asks for no poll profile.

    Parameters
    ----------
    request
        Association request, from its session id on.
    offer
        Shortest poll period and largest frame of this monitor.
    """
    start = request.rfind(_USER_INFORMATION)
    profile = request.find(_POLL_PROFILE, start) if start >= 0 else -1
    if profile < 0 or len(request) < profile + 4 + 16:
        return None
    period, receive_mtu = unpack_from(">II", request, profile + 8)
    return Terms(max(offer.min_poll_period_ticks, period), min(offer.mtu, receive_mtu))


def accept(terms: Terms) -> bytes:
    """Return the association response with the agreed terms."""
    profile = pack(">IIII", 0x80000000, terms.min_poll_period_ticks, terms.mtu, terms.mtu)
    profile += pack(">II", 0xFFFFFFFF, 0x60000000)
    profile += bytes.fromhex("0001 000c f001 0008 8e000000 00000000")
    info = pack(">IIIII", 0x80000000, 0x40000000, 0, 0x00800000, 0x80000000) + bytes(4)
    info += pack(">HH", 1, 4 + len(profile)) + pack(">HH", 1, len(profile)) + profile
    body = _PRESENTATION + bytes([len(info)]) + info + _TRAILER
    body = _SESSION + bytes([0xC1, len(body)]) + body
    return bytes([0x0E, len(body)]) + body
