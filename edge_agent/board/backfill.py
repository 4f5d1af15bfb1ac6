"""Courses from before the board's start, read from the journal in short slices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from starlette.concurrency import run_in_threadpool

from edge_agent.board.trend import BedTrend, Point, point_of
from edge_agent.journal.entries import Lane
from edge_agent.journal.past import JournalPast
from edge_agent.model.errors import JournalError
from edge_agent.model.measurements import GenerationMode, Validity, VitalKind

_SLICE_MS: Final = 600_000
"""Part of the journal that is read at once: a fifth of a second for 32 beds."""
_PATIENCE_S: Final = 15.0
"""Longest wait of one request, wall seconds; what is missing then comes with the next."""
_MILLION: Final = 1_000_000


class _At(msgspec.Struct, frozen=True):
    utc_ns: int


class _StoredVital(msgspec.Struct, frozen=True):
    kind: VitalKind
    value: float | None
    validity: Validity
    mode: GenerationMode
    measured_at: _At


class _StoredReadings(msgspec.Struct, frozen=True):
    """The part of journalled readings that a chart needs."""

    vitals: tuple[_StoredVital, ...]


_decoder: Final = msgspec.json.Decoder(_StoredReadings)


class Backfill:
    """Fills the courses of beds from the journal, one at a time; owned by the board's loop.

    Parameters
    ----------
    past
        The journal; None on a board without one.
    """

    def __init__(self, past: JournalPast | None) -> None:
        self._past = past
        self._lock = asyncio.Lock()

    async def fill(self, bed_id: str, trend: BedTrend, from_ms: int, now_ms: int) -> None:
        """Fill a bed's course back to a moment, or as far as the journal goes."""
        if self._past is None:
            return
        until_s = time.monotonic() + _PATIENCE_S
        async with self._lock:
            try:
                oldest_ns = await run_in_threadpool(self._past.oldest_ns, Lane.READINGS)
                if oldest_ns is None:
                    return
                from_ms = max(from_ms, oldest_ns // _MILLION)
                while self._from(trend, now_ms) > from_ms and time.monotonic() < until_s:
                    end_ms = self._from(trend, now_ms)
                    begun_s = time.monotonic()
                    points = await run_in_threadpool(
                        self._points, self._past, bed_id, end_ms - _SLICE_MS, end_ms
                    )
                    if self._from(trend, now_ms) != end_ms:
                        return  # another patient came meanwhile
                    trend.add(points)
                    trend.filled_ms = end_ms - _SLICE_MS
                    # the detector has as much of the processor as this
                    await asyncio.sleep(min(0.2, time.monotonic() - begun_s))
            except JournalError:
                return  # what memory has is shown

    @staticmethod
    def _from(trend: BedTrend, now_ms: int) -> int:
        return now_ms if trend.filled_ms is None else trend.filled_ms

    @staticmethod
    def _points(past: JournalPast, bed_id: str, from_ms: int, to_ms: int) -> list[Point]:
        """Return the usable values of a slice; on another thread."""
        bodies = past.span(Lane.READINGS, from_ms * _MILLION, to_ms * _MILLION, bed_id)
        return list(_points_in(bodies))


def _points_in(bodies: Iterable[bytes]) -> Iterator[Point]:
    for body in bodies:
        try:
            readings = _decoder.decode(body)
        except msgspec.MsgspecError:
            continue  # a damaged row: the others are drawn
        for vital in readings.vitals:
            at_ms = vital.measured_at.utc_ns // _MILLION
            point = point_of(vital.kind, vital.value, vital.validity, vital.mode, at_ms)
            if point is not None:
                yield point
