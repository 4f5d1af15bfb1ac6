"""First pass over recorded messages: duration, contents and jumps of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.durations import DAY_S
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.session_events import NumericsReceived
from edge_agent.recorded.reading_counts import FileFacts, ReadingCounts
from edge_agent.recorded.table_clock import LONGEST_GAP_S, LONGEST_STAY_S
from edge_agent.replay.player import PlayedSpan
from edge_agent.vitals.canonical import CODES
from edge_agent.vitals.units import CONVERSIONS


@dataclass(frozen=True, slots=True)
class Source:
    """Source of messages; read once to find its length and once to be replayed."""

    name: str
    messages: Callable[[], Iterator[FromDevice]]
    left_out: Sequence[str] = ()
    """Columns or signals that are not read."""
    notes: Sequence[str] = ()
    """Assumptions that neither the file nor a mapping states."""
    is_dated: bool = True
    """True where the file says when it was recorded."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Result of the first pass."""

    name: str
    bed_ids: tuple[str, ...]
    first: Instant
    last: Instant
    summary: tuple[str, ...]
    """Human-readable summary, line by line."""
    jumps: tuple[tuple[Instant, Instant], ...]
    """Neighbouring messages separated by more time than any stay has."""


def scan(source: Source) -> Scan:
    """Return the contents of a source's messages.

    Raises
    ------
    ConfigError
        If there is no message.
    """
    beds: dict[str, None] = {}
    counts = ReadingCounts()
    jumps: list[tuple[Instant, Instant]] = []
    rows = 0
    first: Instant | None = None
    last: Instant | None = None
    for message in source.messages():
        beds[message.place.bed_id] = None
        if last is not None and message.at.seconds_since(last) > LONGEST_GAP_S:
            jumps.append((last, message.at))
        first, last = first or message.at, message.at
        rows += 1
        _count(counts, message)
    if first is None or last is None:
        raise ConfigError((Mistake("replay", source.name, "holds no vital sign"),))
    facts = FileFacts(
        name=source.name,
        rows=rows,
        span_s=last.seconds_since(first),
        start_utc_ns=first.utc_ns if source.is_dated else None,
        left_out=source.left_out,
        notes=source.notes,
    )
    return Scan(source.name, tuple(beds), first, last, tuple(counts.summary(facts)), tuple(jumps))


def check_span(found: Scan, span: PlayedSpan) -> None:
    """Refuse to replay through years in which nothing was recorded.

    Raises
    ------
    ConfigError
        If time jumps within the selected part, or the part is longer than a stay.
    """
    for before, after in found.jumps:
        if span.start <= before and after <= span.end:
            days = after.seconds_since(before) / DAY_S
            until_s, from_s = before.seconds_since(found.first), after.seconds_since(found.first)
            message = (
                f"time jumps by {days:.0f} days; was a clock set there? Play the part before with "
                f"--to {until_s:.0f}, or the part after with --from {from_s:.0f}"
            )
            raise ConfigError((Mistake("replay", found.name, message),))
    length_s = span.end.seconds_since(span.start)
    if length_s > LONGEST_STAY_S:
        days = length_s / DAY_S
        message = f"lasts {days:.0f} days; want at most 366: choose with --from and --to"
        raise ConfigError((Mistake("replay", found.name, message),))


def _count(counts: ReadingCounts, message: FromDevice) -> None:
    for event in message.events:
        if not isinstance(event, NumericsReceived):
            continue
        for numeric in event.numerics:
            row, unit = CODES.get(numeric.code), CONVERSIONS.get(numeric.unit_code)
            if row is not None and unit is not None:
                value = None if numeric.value is None else unit.apply(numeric.value)
                counts.add((row.kind, row.site), value, numeric.reason)
