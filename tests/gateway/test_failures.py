"""Mistakes that judging survived are counted by kind, within bounds."""

from __future__ import annotations

from edge_agent.gateway.failures import Failures
from edge_agent.model.bed_events import BedEvent, EvaluationFailed
from tests.support.pipelines import BED, START


def test_a_kind_is_reported_the_first_tenth_and_hundredth_time() -> None:
    failures = Failures()
    events = [e for _ in range(200) for e in failures.note(BED, "a step", KeyError("x"), START)]
    assert events == [
        BedEvent(BED, BED, EvaluationFailed("a step", "KeyError", times), START)
        for times in (1, 10, 100)
    ]
    assert failures.total == 200


def test_beds_and_mistakes_are_told_apart_and_what_is_of_no_bed_is_no_event() -> None:
    failures = Failures()
    assert len(failures.note(BED, "a step", KeyError("x"), START)) == 1
    assert len(failures.note("bed-02", "a step", KeyError("x"), START)) == 1
    assert len(failures.note(BED, "a step", ValueError("x"), START)) == 1
    assert failures.note("", "a report", ValueError("x"), START) == []
    assert failures.newest == "gateway: a report set aside: ValueError"


def test_kinds_beyond_a_bound_count_as_one() -> None:
    failures = Failures()
    events = [
        e for i in range(1000) for e in failures.note(f"bed-{i}", "a step", KeyError("x"), START)
    ]
    assert len(events) < 270
    assert failures.total == 1000
