"""Mistakes that judging survived are counted by kind, within bounds."""

from __future__ import annotations

from edge_agent.gateway.mishaps import Mishaps
from edge_agent.model.bed_events import BedEvent, JudgingFailed
from tests.ward.test_pipeline import BED, START


def test_a_kind_is_reported_the_first_tenth_and_hundredth_time() -> None:
    mishaps = Mishaps()
    events = [e for _ in range(200) for e in mishaps.note(BED, "a step", KeyError("x"), START)]
    assert events == [
        BedEvent(BED, BED, JudgingFailed("a step", "KeyError", times), START)
        for times in (1, 10, 100)
    ]
    assert mishaps.total == 200


def test_beds_and_mistakes_are_told_apart_and_what_is_of_no_bed_is_no_event() -> None:
    mishaps = Mishaps()
    assert len(mishaps.note(BED, "a step", KeyError("x"), START)) == 1
    assert len(mishaps.note("bed-02", "a step", KeyError("x"), START)) == 1
    assert len(mishaps.note(BED, "a step", ValueError("x"), START)) == 1
    assert mishaps.note("", "a report", ValueError("x"), START) == []
    assert mishaps.newest == "gateway: a report set aside: ValueError"


def test_kinds_beyond_a_bound_count_as_one() -> None:
    mishaps = Mishaps()
    events = [
        e for i in range(1000) for e in mishaps.note(f"bed-{i}", "a step", KeyError("x"), START)
    ]
    assert len(events) < 270
    assert mishaps.total == 1000
