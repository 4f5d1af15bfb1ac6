"""Requests of the host to the monitor; each function returns a whole frame.

Layout after S/5 Computer Interface (M1017617), "Physiological data transmission request", and
the Datex-Ohmeda Record Specification (8005313) for alarms.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final

from edge_agent.drivers.ge_dri import frames
from edge_agent.drivers.ge_dri.records import ALARMS, PHYSIOLOGICAL

ONCE: Final = -1
"""Interval that requests a single record; 0 stops, 5 s and more repeats."""

ALL_CLASSES: Final = 0x0E
"""Request for all classes: bits 1 to 3 request the extended values; basic values come unless bit 0
denies them."""

_HEADER: Final = struct.Struct("<hBBHIBBHhhBhB18x")
"""As in `records`, with two descriptors: the request itself and the end of the list."""
_VALUES: Final = struct.Struct("<BhIh")
_ALARMS: Final = struct.Struct("<h10x")


class Values(IntEnum):
    """Values that a request concerns."""

    DISPLAYED = 1
    TREND_10_S = 2
    TREND_60_S = 3


class AlarmCommand(IntEnum):
    """Purpose of an alarm request."""

    STATUS = 0
    ENTER_DIFFERENTIAL = 2
    LEAVE_DIFFERENTIAL = 3


def values(which: Values, interval_s: int, classes: int = ALL_CLASSES) -> bytes:
    """Return the request to send values every `interval_s` (>= 5) seconds, or `ONCE`."""
    return _framed(PHYSIOLOGICAL, _VALUES.pack(which, interval_s, classes, 0))


def stop_values(which: Values) -> bytes:
    """Return the request to stop values."""
    return _framed(PHYSIOLOGICAL, _VALUES.pack(which, 0, 0, 0))


def alarms(command: AlarmCommand) -> bytes:
    """Return an alarm request."""
    return _framed(ALARMS, _ALARMS.pack(command))


def _framed(main_type: int, data: bytes) -> bytes:
    size = _HEADER.size + len(data)
    return frames.build(_HEADER.pack(size, 0, 0, 0, 0, 0, 0, 0, main_type, 0, 0, 0, 0xFF) + data)
