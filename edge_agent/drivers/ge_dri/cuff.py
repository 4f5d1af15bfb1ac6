"""Time of the cuff reading, which every record repeats.

The monitor sends the newest reading until the next one, and sets one bit once the reading is older
than 60 s. A reading seen while that bit is clear takes the time of the first record that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.ge_dri import codes
from edge_agent.drivers.ge_dri.numerics import HIGHEST_SPECIAL, fields_of, group_at
from edge_agent.model.measurements import Validity

_OLDER_THAN_60_S: Final = 1 << 8

_FRESH_S: Final = 60
"""Greatest age in seconds of a reading without the bit."""
_BELIEVED_S: Final = 90
"""Age in seconds from which a stamp contradicts a clear bit, which may be a few records late."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Times in a record, in seconds since 1970 on the monitor's clock."""

    now_s: int
    """Time of the record; 0 where the monitor has no clock."""
    nibp_time_s: int
    """Time of the newest cuff reading according to the monitor; 0 where it states none."""


@dataclass(frozen=True, slots=True)
class CuffReading:
    """One reading: raw systolic, diastolic and mean."""

    values: tuple[int, ...]
    is_old: bool
    taken_s: int
    """Time of the measurement, as in `Clocks`; 0 where it is unknown."""


def newest(known: CuffReading | None, basic: bytes, clocks: Clocks) -> CuffReading | None:
    """Return the newest reading after a record; the known one where the record shows no numbers.

    Parameters
    ----------
    known
        The newest reading before the record, None where there is none.
    basic
        The displayed values of the basic class.
    clocks
        The times in the record.
    """
    group = group_at(basic, codes.NIBP_OFFSET, "NIBP")
    if group is None or group.verdict is not Validity.VALID or group.label & codes.NIBP_MEASURING:
        return known
    values = fields_of(basic, group, 3)
    if all(value <= HIGHEST_SPECIAL for value in values):
        return known
    is_old = bool(group.label & _OLDER_THAN_60_S)
    if is_old:
        is_known = known is not None and known.values == values
        taken_s = known.taken_s if known is not None and is_known else 0
        return CuffReading(values, is_old, taken_s or _stated_s(clocks))
    if known is not None and _is_repeated(known, values, clocks.now_s):
        return known
    stated_s = _stated_s(clocks)
    is_fresh = clocks.now_s - stated_s <= _FRESH_S
    return CuffReading(values, is_old, stated_s if is_fresh else clocks.now_s)


def _stated_s(clocks: Clocks) -> int:
    """Return the time that the monitor states; 0 where it states none or one in the future."""
    return clocks.nibp_time_s if clocks.nibp_time_s <= clocks.now_s else 0


def _is_repeated(known: CuffReading, values: tuple[int, ...], now_s: int) -> bool:
    """Return true where a reading of the last 60 s is the known one and not an equal new one."""
    is_same = values == known.values and not known.is_old
    return is_same and abs(now_s - known.taken_s) <= _BELIEVED_S
