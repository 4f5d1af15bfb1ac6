"""The comparators in sentences."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.evaluate.cohort.reading import readings, summary
from edge_agent.evaluate.stays.scoring import Counts, EpisodeResult, MethodScore
from edge_agent.evaluate.stays.stay import OURS, StayOutcome
from tests.support.made_stays import NO_COUNTS, found, stay


def counts(evaluated: int, right: int) -> Counts:
    return replace(NO_COUNTS, medium=evaluated, evaluated=evaluated, right=right)


def beside(number: int, ours: EpisodeResult, theirs: EpisodeResult, alerts: Counts) -> StayOutcome:
    """Return a patient for whom our rules rang twice, once rightly, and another method as told."""
    made = stay(number, [ours], counts=counts(2, 1))
    methods = {OURS: made.methods[OURS], "baseline_2sd": MethodScore((theirs,), (), alerts)}
    return replace(made, methods=methods)


def test_a_comparator_that_is_earlier_with_fewer_alerts_is_said_to_be_better() -> None:
    stays = [beside(n, found(11, 10), found(10.6), counts(1, 1)) for n in range(4)]
    (one,) = readings(stays)
    assert one.text == (
        "Own baseline + 2 SD, 30 min: found 100.0 % of the episodes (the rules 100.0 %), 24 min "
        "earlier (with the watch before fever 36 min later), with 0.50 alerts a day (1.00), of "
        "which 100 % were about something real (50 %); by chance it finds - % (- %). Better than "
        "the rules: earlier, fewer alerts, more of its alerts real."
    )
    assert summary((one,)) == (
        "Better than the rules in something: own baseline + 2 SD, 30 min (earlier, fewer alerts, "
        "more of its alerts real)."
    )


def test_a_comparator_that_is_worse_in_all_is_said_to_be_so() -> None:
    stays = [beside(n, found(11), found(None), counts(9, 1)) for n in range(4)]
    (one,) = readings(stays)
    assert one.text.endswith("Better in nothing.")
    assert "11 h later" in one.text
    assert summary((one,)).startswith("No comparator was better")
    (same,) = readings([beside(0, found(11), found(11), counts(2, 1))])
    assert "at the same time" in same.text
    assert same.better_in == ()
    assert readings([]) == ()


def test_more_found_and_less_by_chance_are_better_too() -> None:
    (one,) = readings([beside(0, found(None), found(11), counts(2, 1))])
    assert one.better_in == ("more episodes found", "earlier")
    made = stay(1, counts=counts(2, 1))
    methods = {
        OURS: replace(made.methods[OURS], chance=(True, True)),
        "plain": MethodScore((), (True, False), counts(2, 1)),
    }
    (plain,) = readings([replace(made, methods=methods)])
    assert plain.better_in == ("less found by chance",)
    assert "no episode to compare" in plain.text
