"""Figures ward by ward, and the spread of each over the wards of one physiology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge_agent.evaluate.cohort.figures import figures_of
from edge_agent.evaluate.cohort.measures import Stays
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.targets import TARGETS
from edge_agent.evaluate.estimates.figure import Figure, Verdict
from edge_agent.evaluate.stays.stay import Place
from simulators.cohorts.cohort import PhysiologyName


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """Figures that have a target, of the patients of one ward in one physiology."""

    place: Place
    patients: int
    days: float
    episodes: int
    figures: tuple[Figure, ...]

    def figure(self, key: str) -> Figure:
        """Return one figure."""
        return next(figure for figure in self.figures if figure.key == key)


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure over the wards of one physiology."""

    physiology: PhysiologyName
    worst: PlaceResult | None
    """Ward on which the figure is farthest on the bad side; None where no ward has a value."""
    median: float | None
    """Median of the wards' values; None without any."""
    together: Figure
    """The figure over the patients of all wards."""
    verdict: Verdict
    """Missed where any ward misses the target, met where every ward meets it."""
    why: str
    """Causes of a missed target over all wards; empty where it is not missed or nothing is known.
    """


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A figure with a target, in each physiology."""

    key: str
    spreads: tuple[Spread, ...]

    @property
    def figure(self) -> Figure:
        """The figure over all wards of the first physiology, for its text and target."""
        return self.spreads[0].together

    @property
    def verdict(self) -> Verdict:
        """Verdict over all physiologies."""
        return _all_of([spread.verdict for spread in self.spreads])


def places_of(stays: Stays) -> tuple[PlaceResult, ...]:
    """Return the figures of each place, in the order of the stays."""
    return tuple(_place(place, _in(stays, place)) for place in dict.fromkeys(_places(stays)))


def target_rows(stays: Stays, places: Sequence[PlaceResult]) -> tuple[TargetRow, ...]:
    """Return every figure with a target over the wards of each physiology."""
    physiologies = dict.fromkeys(result.place.physiology for result in places)
    spreads: dict[str, list[Spread]] = {}
    for physiology in physiologies:
        own = [stay for stay in stays if stay.place.physiology is physiology]
        there = [result for result in places if result.place.physiology is physiology]
        for figure in _targeted(own):
            spreads.setdefault(figure.key, []).append(_spread(physiology, figure, there, own))
    return tuple(TargetRow(key, tuple(of_key)) for key, of_key in spreads.items())


def _places(stays: Stays) -> list[Place]:
    return [stay.place for stay in stays]


def _in(stays: Stays, place: Place) -> Stays:
    return [stay for stay in stays if stay.place == place]


def _place(place: Place, stays: Stays) -> PlaceResult:
    return PlaceResult(
        place,
        len(stays),
        sum(stay.days for stay in stays),
        sum(len(stay.episodes) for stay in stays),
        _targeted(stays),
    )


def _targeted(stays: Stays) -> tuple[Figure, ...]:
    """Return the figures with a target, in the order of the targets."""
    found = {figure.key: figure for figure in figures_of(stays)}
    return tuple(found[key] for key in TARGETS if key in found)


def _spread(
    physiology: PhysiologyName, together: Figure, places: Sequence[PlaceResult], stays: Stays
) -> Spread:
    key = together.key
    known = [(value, place) for place in places if (value := place.figure(key).value) is not None]
    is_most = TARGETS[key].is_most
    known.sort(key=lambda pair: pair[0], reverse=is_most)
    verdict = _all_of([place.figure(key).verdict for place in places])
    return Spread(
        physiology,
        known[0][1] if known else None,
        float(np.median([value for value, _ in known])) if known else None,
        together,
        verdict,
        why_missed(key, stays) if verdict is Verdict.MISSED else "",
    )


def _all_of(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the verdict over several; one without a value leaves too few to say."""
    if Verdict.MISSED in verdicts:
        return Verdict.MISSED
    return Verdict.MET if set(verdicts) == {Verdict.MET} else Verdict.TOO_FEW
