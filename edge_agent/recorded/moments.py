"""Recorded vital signs as values, and as the messages that a live monitor would have sent."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Final

from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity, VitalKind
from edge_agent.model.session_events import NumericsReceived
from edge_agent.vitals import units
from edge_agent.vitals.canonical import CODES
from edge_agent.vitals.units import CONVERSIONS

RAW_START_UTC_NS: Final = 946_684_800_000_000_000
"""Start of a file without a time of its own: 2000-01-01 00:00:00 UTC."""


ZERO_IS_NO_VALUE: Final = "0 without a validity mark"
"""Reason for no value: no mark in a file distinguishes cardiac arrest from a probe that is off."""
NOT_A_NUMBER: Final = "recorded as not a number"
FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2261
Series = tuple[VitalKind, str]
"""Kind and site."""
CODE_OF: Final[Mapping[Series, int]] = MappingProxyType(
    {(row.kind, row.site): code for code, row in reversed(list(CODES.items()))}
)
"""ISO/IEEE 11073-10101 code by kind and site; the first where there are several."""


@dataclass(frozen=True, slots=True)
class RecordedValue:
    """One value in a file."""

    kind: VitalKind
    site: str
    """Site of the measurement; with the kind a key of `CODE_OF`."""
    value: float | None
    """Value in the unit below; None where the file says that there was none."""
    unit_code: int
    """Unit code, a key of `units.CONVERSIONS`."""
    reason: str = ""
    """Reason why there is no value; empty where there is one or the reason is unknown."""
    is_spot: bool = False
    """True for a spot reading, which is not displayed continuously; always so for a cuff."""

    @property
    def series(self) -> Series:
        """Kind and site."""
        return self.kind, self.site

    @property
    def is_occasional(self) -> bool:
        """True where each value is a reading of its own, so that a gap has no meaning."""
        return self.is_spot or CODES[CODE_OF[self.series]].is_event


@dataclass(frozen=True, slots=True)
class FileMoment:
    """All values in a file at one time."""

    at_s: float
    """Seconds since the file's time 0; may be negative."""
    values: tuple[RecordedValue, ...]


def as_feed(
    moments: Iterable[FileMoment], place: DevicePlace, start: Instant
) -> Iterator[FromDevice]:
    """Yield the one message that a monitor would have sent at each moment.

    Parameters
    ----------
    moments
        In order of time.
    start
        Moment of the file's time 0.
    """
    for at_s, together in groupby(moments, key=attrgetter("at_s")):
        at = start.plus(at_s)
        values = (value for moment in together for value in moment.values)
        numerics = tuple(_numeric(value, place.device_id, at) for value in values)
        if not numerics:
            continue
        yield FromDevice(place, (NumericsReceived(numerics, DeviceTime(), at),), at)


def without_repeats(
    moments: Iterable[FileMoment], held: Collection[Series]
) -> Iterator[FileMoment]:
    """Yield the moments, with each held reading only where it is new.

    Some files repeat a cuff's reading in every row until the next one, as the monitor's screen
    does. All held series together are one reading. It is new where any of them differs from the
    row before, or that row has none; a second reading with the very same values looks like a
    repeat and is left out.
    """
    shown: tuple[RecordedValue, ...] = ()
    for moment in moments:
        before, shown = shown, tuple(v for v in moment.values if v.series in held)
        if shown and shown == before:
            moving = tuple(v for v in moment.values if v.series not in held)
            yield replace(moment, values=moving)
        else:
            yield moment


def value_of(
    kind: VitalKind, site: str, number: float, unit_code: int, *, is_spot: bool = False
) -> RecordedValue:
    """Return a number as a recorded value; zero means no value, as no file can vouch for it."""
    if math.isnan(number):
        return RecordedValue(kind, site, None, unit_code, NOT_A_NUMBER, is_spot)
    if number == 0 and kind is not VitalKind.PERFUSION_INDEX:
        return RecordedValue(kind, site, None, unit_code, ZERO_IS_NO_VALUE, is_spot)
    return RecordedValue(kind, site, number, unit_code, is_spot=is_spot)


def moment_utc_ns(seen: object, zone: tzinfo = UTC, fold: int = 0) -> int | None:
    """Return the moment that an ISO 8601 text or a time stamp names, None for anything else.

    Parameters
    ----------
    seen
        Text or time stamp; its year must be from 1970 to 2261, the range of 64-bit nanoseconds.
    zone
        Zone of a time that names none.
    fold
        1 for the second of two hours that a zone doubles in autumn.
    """
    if isinstance(seen, str) and "-" in seen[1:]:
        try:
            seen = datetime.fromisoformat(seen.strip())
        except ValueError:
            return None
    if isinstance(seen, date) and not isinstance(seen, datetime):
        seen = datetime.combine(seen, time())
    if not isinstance(seen, datetime) or not FIRST_YEAR <= seen.year <= LAST_YEAR:
        return None
    moment = seen if seen.tzinfo else seen.replace(tzinfo=zone, fold=fold)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def _numeric(value: RecordedValue, device_id: str, at: Instant) -> Numeric:
    code = CODE_OF[value.series]
    return Numeric(
        device_id=device_id,
        channel=f"{value.kind.value}@{value.site}" if value.site else value.kind.value,
        code=code,
        label="",
        value=value.value,
        unit_code=value.unit_code,
        unit=_UCUM[value.unit_code],
        state=0,
        validity=Validity.NOT_AVAILABLE if value.value is None else Validity.VALID,
        mode=GenerationMode.REAL,
        measured_at=DeviceTime(),
        received_at=at,
        is_sent_once=value.is_occasional,
        reason=value.reason,
    )


_UCUM: Final[Mapping[int, str]] = MappingProxyType(
    {
        **{code: conversion.to_unit for code, conversion in CONVERSIONS.items()},
        units.FAHRENHEIT: "[degF]",
        units.KILOPASCAL: "kPa",
    }
)
