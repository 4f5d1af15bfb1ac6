"""When an occasional reading (a cuff pressure, a predictive temperature) was taken.

A monitor shows such a reading, with its stamp, until the next one: the same reading arrives every
second and may be days old. It is published once per stamp, and again only where the device changes
its mind about it; what is published under one stamp always carries one `measured_at`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Validity, Vital
from edge_agent.vitals.canonical import CODES, max_age_s
from edge_agent.vitals.claims import VALIDITY_REASONS, Claim, Series

# design start values, unvalidated
_CHANGE_IS_NEW_WITHIN_S: Final = 10.0
_AHEAD_AT_MOST_S: Final = 60.0
_UNDER_WAY: Final = {Validity.MEASURING, Validity.CALIBRATING}


@dataclass(frozen=True, slots=True)
class Dated:
    """When a reading was taken."""

    measured_at: Instant
    doubt: str
    """Why it must not pass for a current reading; empty where it may."""


@dataclass(frozen=True, slots=True)
class _Published:
    """What was last published of a series."""

    stamp: DeviceTime
    value: float | None
    stated: Validity
    mode: GenerationMode
    dated: Dated


@dataclass(slots=True)
class ReadingLog:
    """Tells new readings of one bed from repeats, and dates them."""

    _published: dict[Series, _Published] = field(default_factory=dict)
    _seen_at: dict[Series, Instant] = field(default_factory=dict)

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
            Dated(vital.measured_at, vital.reason if is_dating else ""),
        )

    def date_if_new(self, claim: Claim, device_now: DeviceTime) -> Dated | None:
        """Return when the claimed reading was taken, or None where it brings nothing new.

        Parameters
        ----------
        claim
            A claim about an occasional reading, the newest of its series.
        device_now
            The device's clocks at the moment of the message.
        """
        series, numeric = claim.series, claim.numeric
        if numeric.is_sent_once:
            return Dated(numeric.received_at, "")
        seen_at = self._seen_at.get(series)
        self._seen_at[series] = numeric.received_at
        last = self._published.get(series)
        if last is None or last.stamp != numeric.measured_at:
            dated = _date(claim, device_now, seen_at)
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
        return True  # the next measurement has begun; it says nothing about this reading
    said = (claim.value, claim.stated, claim.numeric.mode)
    return said == (last.value, last.stated, last.mode)


def _date(claim: Claim, device_now: DeviceTime, seen_at: Instant | None) -> Dated:
    """Date a stamp not seen before; `seen_at` is when the one before it last came, if ever."""
    stamp, at = claim.numeric.measured_at, claim.numeric.received_at
    age_s = _age_s(stamp, device_now)
    if age_s is None:
        was_watched = seen_at is not None and at.seconds_since(seen_at) <= _CHANGE_IS_NEW_WITHIN_S
        is_new = was_watched and stamp != DeviceTime()
        return Dated(at, "" if is_new else "age unknown")
    if age_s < -_AHEAD_AT_MOST_S:
        return Dated(at, f"stamped {_duration(-age_s)} ahead of the device's clock")
    measured_at = at.plus(-max(age_s, 0.0))
    is_old = age_s > max_age_s(claim.row.kind, claim.row.site)
    return Dated(measured_at, f"measured {_duration(age_s)} ago" if is_old else "")


def _age_s(stamp: DeviceTime, device_now: DeviceTime) -> float | None:
    if stamp.elapsed_ns is not None and device_now.elapsed_ns is not None:
        return (device_now.elapsed_ns - stamp.elapsed_ns) / 1e9
    if stamp.wall_ns is not None and device_now.wall_ns is not None:
        return (device_now.wall_ns - stamp.wall_ns) / 1e9
    return None


def _duration(seconds: float) -> str:
    for unit, length_s in (("d", 86400), ("h", 3600)):
        if seconds >= length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{seconds / 60:.0f} min"
