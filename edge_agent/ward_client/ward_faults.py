"""Everything that is wrong with the watching itself, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge_agent.board.shapes import ShownBed, ShownWard
from edge_agent.ward_client.bed_names import plain
from edge_agent.ward_client.reader import Reader


def ward_faults(ward: ShownWard, reader: Reader) -> Iterator[str]:
    """Yield the faults of a ward's gateways, of the auditor, and of the ways to people."""
    for gateway in ward.gateways:
        name = plain(gateway.id)
        if gateway.state == "lost":
            time = reader.clock(gateway.since_ms or reader.now_ms)
            yield reader.say("gateway_lost", name=name, time=time)
        elif gateway.state == "stopped":
            yield reader.say("gateway_stopped", name=name)
    if ward.auditor.state == "silent":
        yield reader.say("auditor_silent")
    yield from (reader.words(fault) for fault in ward.auditor.faults)
    for way in ward.ways:
        if way.state == "failing":
            words = reader.words(way.words)
            yield reader.say("way_failing", name=plain(way.name), words=words)


def unwatched_beds(beds: Iterable[ShownBed]) -> Iterator[ShownBed]:
    """Yield the beds that are not assessed, although a patient is there, and nothing is open.

    A patient who is away for a known time is left out: somebody has said so.
    """
    for bed in beds:
        is_expected = bed.away is not None or not bed.occupied
        if bed.assessment.state == "not_assessing" and bed.problem is None and not is_expected:
            yield bed
