"""What a method is worth over many patients, with intervals by patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from edge_agent.evaluate.bootstrap import Estimate, median, ratio
from edge_agent.evaluate.ground import HOUR_S
from edge_agent.evaluate.scoring import Counts
from edge_agent.evaluate.stay import OURS, StayOutcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.evaluate.ground import CrsEpisode
    from edge_agent.evaluate.scoring import Found, MethodScore

Stays = Sequence[StayOutcome]
Count = Callable[[Counts], float]


def sensitivity(stays: Stays, method: str) -> Estimate:
    """Return the share of the episodes of CRS that a method found in their window."""
    pairs = [list(found_by(stay, method)) for stay in stays]
    return ratio([sum(f.is_found for f, _ in p) for p in pairs], [len(p) for p in pairs])


def chance(stays: Stays, method: str) -> Estimate:
    """Return how often the same windows in patients without CRS hold an alert of that sort."""
    scores = [_score(stay, method) for stay in stays]
    return ratio([sum(s.chance) for s in scores], [len(s.chance) for s in scores])


def delay(stays: Stays, method: str) -> Estimate:
    """Return the median of hours from onset to the first owed alert, of those that were told."""
    return median(
        [
            [(f.told_s - e.window.onset_s) / HOUR_S for f, e in pairs if f.told_s is not None]
            for pairs in (found_by(stay, method) for stay in stays)
        ]
    )


def lead(stays: Stays, other: str, *, with_watch: bool) -> Estimate:
    """Return the median of hours by which our rules were ahead of another method.

    A method that does not tell of an episode counts as telling at the end of its window, ours and
    the other alike. Episodes that one of them knew of before the drift are left out.
    """
    leads = []
    for stay in stays:
        ours, theirs = _score(stay, OURS).episodes, _score(stay, other).episodes
        of_one = []
        for outcome, mine, his in zip(stay.episodes, ours, theirs, strict=True):
            if mine.is_already_told or his.is_already_told:
                continue
            end_s = outcome.truth.window.end_s
            told_s = mine.watched_s if with_watch else mine.told_s
            ahead_s = (end_s if his.told_s is None else his.told_s) - (
                end_s if told_s is None else told_s
            )
            of_one.append(ahead_s / HOUR_S)
        leads.append(of_one)
    return median(leads)


def per_day(stays: Stays, method: str, count: Count) -> Estimate:
    """Return how many of something a method tells per patient-day."""
    return ratio([count(_score(s, method).counts) for s in stays], [s.days for s in stays])


def precision(stays: Stays, method: str) -> Estimate:
    """Return the share of alerts about the patient, medium and high, about something real."""
    counts = [_score(stay, method).counts for stay in stays]
    return ratio([c.right for c in counts], [c.judged for c in counts])


def found_by(stay: StayOutcome, method: str) -> Iterator[tuple[Found, CrsEpisode]]:
    """Yield what a method made of each episode of a stay."""
    found = _score(stay, method).episodes
    for outcome, one in zip(stay.episodes, found, strict=True):
        yield one, outcome.truth


def _score(stay: StayOutcome, method: str) -> MethodScore:
    return stay.methods[method]
