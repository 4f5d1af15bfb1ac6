"""Shorthand for feeds of recorded vital signs and what is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.session_events import NumericsReceived
from edge_agent.recorded.moments import as_feed
from edge_agent.replay.line_feed import feed_instant
from edge_agent.vitals.normalise import Normaliser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.model.bed_events import FromDevice
    from edge_agent.model.measurements import Numeric, Vital
    from edge_agent.recorded.moments import FileMoment

BED = "bed-01"
PLACE = DevicePlace(BED, BED)
START = feed_instant(1_800_000_000_000_000_000)


def feed_of(moments: Iterable[FileMoment]) -> list[FromDevice]:
    """Return the messages of recorded moments."""
    return list(as_feed(moments, PLACE, START))


def events_of(feed: Iterable[FromDevice]) -> list[NumericsReceived]:
    """Return what the messages of a feed hold; all of it is numerics."""
    events = []
    for message in feed:
        for event in message.events:
            assert isinstance(event, NumericsReceived)
            assert event.at == message.at
            events.append(event)
    return events


def numerics_of(feed: Iterable[FromDevice]) -> list[Numeric]:
    """Return every numeric of a feed, in order."""
    return [numeric for event in events_of(feed) for numeric in event.numerics]


def vitals_of(feed: Iterable[FromDevice], bed_id: str = BED) -> list[Vital]:
    """Return what a fresh normaliser makes of one bed's messages."""
    normaliser = Normaliser(bed_id)
    of_bed = [message for message in feed if message.place.bed_id == bed_id]
    return [vital for event in events_of(of_bed) for vital in normaliser.normalise(event)]


def said(vital: Vital) -> tuple[float, str, float | None, str]:
    """Return second, kind, value and reason of a vital."""
    value = None if vital.value is None else round(vital.value, 3)
    return vital.measured_at.seconds_since(START), str(vital.kind), value, vital.reason
