"""A whole evaluation: one set of rules on a study, with the figures for the page and the file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.scored_rules import score_of
from edge_agent.evaluate.cohort.curves import Curve, curves_of
from edge_agent.evaluate.cohort.figures import figures_of
from edge_agent.evaluate.cohort.measures import Stays
from edge_agent.evaluate.cohort.spread import PlaceResult, TargetRow, places_of, target_rows
from edge_agent.evaluate.cohort.strata import Stratum, by_group, by_method
from edge_agent.evaluate.estimates.figure import Figure
from edge_agent.evaluate.real.real_set import RealSet


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Set of rules that was evaluated."""

    name: str
    """Folder of the rules."""
    rules: tuple[tuple[str, int], ...]
    """Id and version of each rule, and of the score that they read."""

    @classmethod
    def of(cls, name: str, rules: Sequence[Rule]) -> RuleSet:
        """Return the versions of a checked rule set."""
        score = score_of(rules)
        versions = [(rule.rule_id, rule.policy.rule_version) for rule in rules]
        return cls(name, tuple(sorted([*versions, (score.rule_id, score.version)])))


@dataclass(frozen=True, slots=True)
class CohortEvaluation:
    """One set of rules on one cohort, and on the real data sets that were given."""

    rule_set: RuleSet
    stays: Stays
    figures: tuple[Figure, ...]
    methods: tuple[Stratum, ...]
    groups: tuple[Stratum, ...]
    curves: tuple[Curve, ...]
    real: tuple[RealSet, ...]
    places: tuple[PlaceResult, ...]
    targets: tuple[TargetRow, ...]
    """Figures with a target over the wards of each physiology."""


def evaluation_of(rule_set: RuleSet, stays: Stays, real: Iterable[RealSet]) -> CohortEvaluation:
    """Return the figures from the outcomes of all patients."""
    places = places_of(stays)
    return CohortEvaluation(
        rule_set,
        stays,
        figures_of(stays),
        by_method(stays),
        by_group(stays),
        curves_of(stays),
        tuple(real),
        places,
        target_rows(stays, places),
    )
