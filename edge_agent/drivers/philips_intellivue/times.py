"""The monitor's clocks: a 32-bit tick counter and a wall clock in BCD."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from edge_agent.model.measurements import DeviceTime

TICK_NS: Final = 125_000
"""One tick of the relative time is 1/8 ms (RelativeTime, 4535 642 59271)."""

TICKS_PER_S: Final = 8000
_WRAP: Final = 2**32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def wall_ns(bcd: bytes) -> int | None:
    """Return an absolute time (century to 1/100 s, BCD) in ns since 1970; None where it is none.

    The monitor fills the field with FF where it does not know the time.
    """
    digits = bcd.hex()
    if len(digits) != 16 or not digits.isdecimal():
        return None
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    hour, minute, second = int(digits[8:10]), int(digits[10:12]), int(digits[12:14])
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int((moment - _EPOCH).total_seconds()) * 10**9 + int(digits[14:]) * 10**7


class DeviceClock:
    """A tick counter, followed over its wrap-around after 149 hours and converted to times."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._reference_ticks = 0
        self._reference_ns: int | None = None

    def advance(self, ticks: int) -> int | None:
        """Note the counter of a message; return the ticks since the newest one before.

        Negative for a message made earlier; None for the first message.
        """
        if self._newest is None:
            self._newest = ticks
            return None
        total = self._total(ticks)
        step = total - self._newest
        self._newest = max(self._newest, total)
        return step

    def set_wall(self, ticks: int, absolute_ns: int | None) -> None:
        """Note that the wall clock showed `absolute_ns` at `ticks`."""
        self.advance(ticks)
        self._reference_ticks = self._total(ticks)
        self._reference_ns = absolute_ns

    def at(self, ticks: int, absolute_ns: int | None = None) -> DeviceTime:
        """Return the device time of a counter; its wall time is `absolute_ns` until one is set."""
        total = self._total(ticks)
        if self._reference_ns is None:
            return DeviceTime(total * TICK_NS, absolute_ns)
        since = (total - self._reference_ticks) * TICK_NS
        return DeviceTime(total * TICK_NS, self._reference_ns + since)

    def _total(self, ticks: int) -> int:
        """Return the unwrapped counter value nearest to the newest one."""
        newest = ticks if self._newest is None else self._newest
        half = _WRAP // 2
        return newest + (ticks - newest + half) % _WRAP - half
