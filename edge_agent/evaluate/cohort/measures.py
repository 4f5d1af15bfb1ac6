"""Performance of a method over many patients, with intervals by patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from edge_agent.evaluate.estimates.bootstrap import Estimate, median, rate, share
from edge_agent.evaluate.stays.comparators import NAMES
from edge_agent.evaluate.stays.scoring import Counts, EpisodeResult, MethodScore
from edge_agent.evaluate.stays.stay import OURS, StayOutcome
from edge_agent.evaluate.stays.truth import CrsEpisode
from edge_agent.model.durations import HOUR_S

Stays = Sequence[StayOutcome]
Count = Callable[[Counts], float]


def label_of(method: str) -> str:
    """Return the name of a method on the page; another detector has its own."""
    return "the rules" if method == OURS else NAMES.get(method, method)


def sensitivity(stays: Stays, method: str) -> Estimate:
    """Return the share of the episodes of CRS that a method found in their window."""
    pairs = [list(found_by(stay, method)) for stay in stays]
    return share([sum(f.is_found for f, _ in p) for p in pairs], [len(p) for p in pairs])


def chance(stays: Stays, method: str) -> Estimate:
    """Return the share of the same windows in patients without CRS that hold such an alert."""
    scores = [_score(stay, method) for stay in stays]
    return share([sum(s.chance) for s in scores], [len(s.chance) for s in scores])


def delay(stays: Stays, method: str) -> Estimate:
    """Return the median hours from onset to the first owed alert, over the episodes alerted."""
    return median(
        [
            [
                (f.reported_s - e.window.onset_s) / HOUR_S
                for f, e in pairs
                if f.reported_s is not None
            ]
            for pairs in (found_by(stay, method) for stay in stays)
        ]
    )


def lead(stays: Stays, other: str, *, with_watch: bool) -> Estimate:
    """Return the median hours by which our rules were ahead of another method.

    A method that does not report an episode counts as reporting it at the end of its window,
    for both methods. Episodes that either one reported before the drift are left out.
    """
    leads = []
    for stay in stays:
        ours, theirs = _score(stay, OURS).episodes, _score(stay, other).episodes
        of_one = []
        for outcome, mine, his in zip(stay.episodes, ours, theirs, strict=True):
            if mine.was_open_before or his.was_open_before:
                continue
            end_s = outcome.truth.window.end_s
            reported_s = mine.with_watch_s if with_watch else mine.reported_s
            ahead_s = (end_s if his.reported_s is None else his.reported_s) - (
                end_s if reported_s is None else reported_s
            )
            of_one.append(ahead_s / HOUR_S)
        leads.append(of_one)
    return median(leads)


def per_day(stays: Stays, method: str, count: Count) -> Estimate:
    """Return the number of alerts of one sort that a method raises per patient-day."""
    return rate([count(_score(s, method).counts) for s in stays], [s.days for s in stays])


def precision(stays: Stays, method: str) -> Estimate:
    """Return the share of medium and high alerts about the patient that have a real cause."""
    counts = [_score(stay, method).counts for stay in stays]
    return share([c.right for c in counts], [c.evaluated for c in counts])


def found_by(stay: StayOutcome, method: str) -> Iterator[tuple[EpisodeResult, CrsEpisode]]:
    """Yield each episode of a stay with a method's result."""
    found = _score(stay, method).episodes
    for outcome, one in zip(stay.episodes, found, strict=True):
        yield one, outcome.truth


def _score(stay: StayOutcome, method: str) -> MethodScore:
    return stay.methods[method]
