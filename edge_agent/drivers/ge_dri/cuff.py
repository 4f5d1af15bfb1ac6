"""When the cuff reading was taken that every record repeats.

The monitor sends the newest reading until the next one, and one bit once it is older than 60 s. A
reading that is seen while that bit is clear is dated by the record that shows it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.ge_dri import codes
from edge_agent.drivers.ge_dri.numerics import HIGHEST_SPECIAL, fields_of, group_at
from edge_agent.model.measurements import Validity

_MEASURING: Final = 1 << 5
_OLDER_THAN_60_S: Final = 1 << 8

_FRESH_S: Final = 60
"""A reading without the bit is no older than this."""
_BELIEVED_S: Final = 90
"""A stamp older than this contradicts a clear bit, which may come late by a few records."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """What a record says about time, in seconds since 1970 on the monitor's clock."""

    now_s: int
    """0 where the monitor has no clock."""
    nibp_time_s: int
    """When the monitor says it took its newest reading; 0 where it does not say."""


@dataclass(frozen=True, slots=True)
class CuffReading:
    """One reading: systolic, diastolic, mean as they came."""

    values: tuple[int, ...]
    is_old: bool
    taken_s: int
    """As in `Clocks`; 0 where nobody knows."""


def newest(known: CuffReading | None, basic: bytes, clocks: Clocks) -> CuffReading | None:
    """Return the newest reading after a record; the known one where it shows no numbers.

    Parameters
    ----------
    known
        The newest reading before the record, None where there is none.
    basic
        The displayed values of the basic class.
    clocks
        The times in the record.
    """
    group = group_at(basic, codes.NIBP_PLACE, "NIBP")
    if group is None or group.verdict is not Validity.VALID or group.label & _MEASURING:
        return known
    values = fields_of(basic, group, 3)
    if all(value <= HIGHEST_SPECIAL for value in values):
        return known
    is_old = bool(group.label & _OLDER_THAN_60_S)
    if is_old:
        is_known = known is not None and known.values == values
        taken_s = known.taken_s if known is not None and is_known else 0
        return CuffReading(values, is_old, taken_s or _said_s(clocks))
    if known is not None and _is_repeated(known, values, clocks.now_s):
        return known
    said_s = _said_s(clocks)
    is_fresh = clocks.now_s - said_s <= _FRESH_S
    return CuffReading(values, is_old, said_s if is_fresh else clocks.now_s)


def _said_s(clocks: Clocks) -> int:
    """Return the monitor's own word; a time to come is none."""
    return clocks.nibp_time_s if clocks.nibp_time_s <= clocks.now_s else 0


def _is_repeated(known: CuffReading, values: tuple[int, ...], now_s: int) -> bool:
    """Whether a reading of the last 60 s is the known one, and not its like."""
    is_same = values == known.values and not known.is_old
    return is_same and abs(now_s - known.taken_s) <= _BELIEVED_S
