"""The time at which an occasional reading (cuff pressure, predictive temperature) was taken.

A monitor repeats such a reading, with its stamp, until the next one: the same reading arrives every
second and may be days old. It is published once for each stamp, and again only if the device
changes its value or validity; all that is published under one stamp has one `measured_at`. A stamp
from before the device's clock was set is read by the clock of that time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.local_time import AHEAD_AT_MOST_S
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity, Vital
from edge_agent.vitals.canonical import CODES, max_age_s
from edge_agent.vitals.claims import VALIDITY_REASONS, Claim, Series

# design start values, unvalidated
_CHANGE_IS_NEW_WITHIN_S: Final = 10.0
_CLOCK_STEP_S: Final = 60.0
_UNDER_WAY: Final = {Validity.MEASURING, Validity.CALIBRATING}


@dataclass(frozen=True, slots=True)
class ReadingTime:
    """Time of a reading."""

    measured_at: Instant
    doubt: str
    """Reason why it must not count as a current reading; empty if it may."""


@dataclass(frozen=True, slots=True)
class _Published:
    """Last published reading of a series."""

    stamp: DeviceTime
    value: float | None
    stated: Validity
    mode: GenerationMode
    dated: ReadingTime


@dataclass(slots=True)
class _WallClock:
    """Course of a device's wall clock."""

    ahead_ns: int
    """Wall clock minus our monotonic clock at its newest message."""
    step_s: float = 0.0
    """Seconds by which it was last set; negative where set back."""
    stepped_at: Instant | None = None
    """Time at which a setting was noticed; None if there was none."""

    def compare(self, wall_ns: int, at: Instant) -> None:
        """Compare the clock's present time with ours."""
        ahead_ns = wall_ns - at.monotonic_ns
        step_s = (ahead_ns - self.ahead_ns) / 1e9
        self.ahead_ns = ahead_ns
        if abs(step_s) > _CLOCK_STEP_S:
            self.step_s, self.stepped_at = step_s, at

    def age_s(self, seeming_s: float, at: Instant) -> float:
        """Return the true age of a stamp, given its age by the clock as it runs now."""
        if self.stepped_at is None:
            return seeming_s
        since_step_s = at.seconds_since(self.stepped_at)
        is_from_after = -AHEAD_AT_MOST_S <= seeming_s <= since_step_s + AHEAD_AT_MOST_S
        by_old_s = seeming_s - self.step_s
        is_from_before = by_old_s >= since_step_s - AHEAD_AT_MOST_S
        return by_old_s if is_from_before and not is_from_after else seeming_s


@dataclass(slots=True)
class ReadingLog:
    """Separates one bed's new readings from repeats, and dates them."""

    _published: dict[Series, _Published] = field(default_factory=dict)
    _seen_at: dict[Series, Instant] = field(default_factory=dict)
    _clocks: dict[str, _WallClock] = field(default_factory=dict)  # by device

    def restore(self, vital: Vital) -> None:
        """Continue after a restart from a vital published before; oldest first."""
        row = CODES.get(vital.code)
        if row is None or not row.is_event:
            return
        own_doubt = vital.value is not None and not vital.reason.startswith(
            VALIDITY_REASONS[vital.validity]
        )
        is_dating = own_doubt and vital.validity is Validity.QUESTIONABLE
        self._published[Series(vital.device_id, vital.kind, vital.site)] = _Published(
            vital.device_time,
            vital.value,
            Validity.VALID if own_doubt else vital.validity,
            vital.mode,
            ReadingTime(vital.measured_at, vital.reason if is_dating else ""),
        )

    def note_clock(self, device_id: str, device_now: DeviceTime, at: Instant) -> None:
        """Note the time that a device's wall clock showed with a message, if it has one."""
        if device_now.wall_ns is None:
            return
        clock = self._clocks.setdefault(device_id, _WallClock(device_now.wall_ns - at.monotonic_ns))
        clock.compare(device_now.wall_ns, at)

    def date_if_new(self, claim: Claim, device_now: DeviceTime) -> ReadingTime | None:
        """Return the time of the claimed reading, or None for a repeat.

        Parameters
        ----------
        claim
            A claim about an occasional reading, the newest of its series.
        device_now
            The device's clocks at the moment of the message.
        """
        series, numeric = claim.series, claim.numeric
        if numeric.is_sent_once:
            return ReadingTime(numeric.received_at, "")
        seen_at = self._seen_at.get(series)
        self._seen_at[series] = numeric.received_at
        last = self._published.get(series)
        if last is None or last.stamp != numeric.measured_at:
            clock = self._clocks.get(series.device_id)
            dated = _date(claim, _age_s(claim.numeric, device_now, clock), seen_at)
        elif _is_repeat(claim, last):
            return None
        else:
            dated = last.dated
        self._published[series] = _Published(
            numeric.measured_at, claim.value, claim.stated, numeric.mode, dated
        )
        return dated


def _is_repeat(claim: Claim, last: _Published) -> bool:
    if claim.stated in _UNDER_WAY and last.value is not None:
        return True  # the next measurement has begun; this reading stays as it is
    reading = (claim.value, claim.stated, claim.numeric.mode)
    return reading == (last.value, last.stated, last.mode)


def _date(claim: Claim, age_s: float | None, seen_at: Instant | None) -> ReadingTime:
    """Return the date of a new stamp; `seen_at` is the time of the previous message, or None."""
    stamp, at = claim.numeric.measured_at, claim.numeric.received_at
    was_monitored = seen_at is not None and at.seconds_since(seen_at) <= _CHANGE_IS_NEW_WITHIN_S
    is_new = was_monitored and stamp != DeviceTime()
    if age_s is None:
        return ReadingTime(at, "" if is_new else "age unknown")
    if age_s < -AHEAD_AT_MOST_S:
        ahead = f"stamped {_duration(-age_s)} ahead of the device's clock"
        return ReadingTime(at, "" if is_new else ahead)
    measured_at = at.plus(-max(age_s, 0.0))
    is_old = age_s > max_age_s(claim.row.kind, claim.row.site)
    return ReadingTime(
        measured_at, f"measured {_duration(age_s)} before it arrived" if is_old else ""
    )


def _age_s(numeric: Numeric, device_now: DeviceTime, clock: _WallClock | None) -> float | None:
    """Return a stamp's age by the clocks of its device; None where they do not give it.

    A device with a wall clock has a `clock`, noted with the message.
    """
    stamp = numeric.measured_at
    if stamp.elapsed_ns is not None and device_now.elapsed_ns is not None:
        return (device_now.elapsed_ns - stamp.elapsed_ns) / 1e9
    if stamp.wall_ns is not None and device_now.wall_ns is not None:
        seeming_s = (device_now.wall_ns - stamp.wall_ns) / 1e9
        return seeming_s if clock is None else clock.age_s(seeming_s, numeric.received_at)
    return None


def _duration(seconds: float) -> str:
    for unit, length_s in (("d", 86400), ("h", 3600)):
        if seconds >= length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{seconds / 60:.0f} min"
