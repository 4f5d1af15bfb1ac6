"""Places of the groups in a physiological subrecord, and their filling.

Source: Datex-Ohmeda, S/5 DRI specification, 8005313: dri_phdb with its four classes; bytes that the
specification leaves open as a real monitor sends them (LNhealth on GitHub, part-cw/LNhealth).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag
from struct import pack, pack_into
from typing import Final

from simulators.monitors.ge_dri.wire import INVALID, LARGEST_SPECIAL

_SUBRECORD_BYTES: Final = 278
_RESERVED_AT: Final = 275
_CLASS_AT: Final = 276
_RESERVED: Final = 0x40
_CLASS_LOW_BYTE: Final = 0x81  # a real monitor fills the byte that is no class

ECG: Final = 4
P1: Final = 20
P2: Final = 34
NIBP: Final = 76
T1: Final = 90
T2: Final = 98
SPO2: Final = 122
ARRHYTHMIA: Final = 4
"""Offset in the first extension."""

# class: offset and number of values of each group, from the subrecord's start
_GROUPS: Final = {
    0: (
        *((ECG, 5), (P1, 4), (P2, 4), (48, 4), (62, 4), (NIBP, 4)),
        *((T1, 1), (T2, 1), (106, 1), (114, 1), (SPO2, 4), (136, 4), (150, 2)),
        *((160, 2), (170, 3), (182, 8), (204, 4), (218, 3), (236, 1), (244, 4), (258, 4)),
    ),
    1: ((ARRHYTHMIA, 3), (50, 12), (80, 4), (94, 4), (108, 4), (122, 1), (130, 1)),
    2: ((4, 9), (28, 33), (100, 5), (116, 11), (234, 5)),
    3: (
        *((4, 4), (18, 13), (64, 2), (74, 8), (96, 1), (120, 2), (130, 1), (138, 1)),
        (146, 24),
    ),
}
_VALUES_WITHOUT_GROUP: Final = {0: ((230, 3),), 1: (), 2: (), 3: ()}  # ECG extra: no group header


class GroupStatus(IntFlag):
    """Bits that all groups share."""

    ABSENT = 0
    EXISTS = 1
    ACTIVE = 2


@dataclass(frozen=True, slots=True)
class FilledGroup:
    """One filled group."""

    offset: int
    status: int
    label: int
    values: tuple[int, ...]

    def vouched(self, index: int, factor: int = 1) -> float | None:
        """Return a value in the usual unit; None where the group does not vouch for it."""
        raw = self.values[index]
        is_good = self.status & GroupStatus.ACTIVE and raw > LARGEST_SPECIAL
        return raw / factor if is_good else None


def subrecord(number: int, wall_s: int, groups: Iterable[FilledGroup]) -> bytearray:
    """Return a physiological subrecord.

    Parameters
    ----------
    number
        Class: 0 basic, 1 to 3 extensions.
    wall_s
        Unix seconds on the monitor's clock.
    groups
        Present groups; groups that are not given do not exist, and their values are invalid.
    """
    body = bytearray(_SUBRECORD_BYTES)
    pack_into("<I", body, 0, wall_s)
    for offset, count in _GROUPS[number]:
        _put_values(body, offset + 6, (INVALID,) * count)
    for offset, count in _VALUES_WITHOUT_GROUP[number]:
        _put_values(body, offset, (INVALID,) * count)
    for group in groups:
        pack_into("<IH", body, group.offset, group.status, group.label)
        _put_values(body, group.offset + 6, group.values)
    body[_RESERVED_AT] = _RESERVED
    pack_into("<H", body, _CLASS_AT, number << 8 | _CLASS_LOW_BYTE)
    return body


def auxiliary(nibp_s: int) -> bytes:
    """Return the auxiliary part; `nibp_s` dates the last cuff reading, 0 if unknown."""
    cuff_pressure, output_s, wedge_s, surface = INVALID, 0, 0, INVALID
    return pack("<IhIIh", nibp_s, cuff_pressure, output_s, wedge_s, surface) + bytes(98)


def _put_values(body: bytearray, offset: int, values: tuple[int, ...]) -> None:
    pack_into(f"<{len(values)}h", body, offset, *values)
