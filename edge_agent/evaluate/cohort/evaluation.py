"""A whole evaluation: one set of rules on a cohort, with the figures for the page and the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.language.scored_rules import score_of
from edge_agent.evaluate.cohort.curves import Curve, curves_of
from edge_agent.evaluate.cohort.figures import figures_of
from edge_agent.evaluate.cohort.measures import Stays
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.strata import Stratum, by_group, by_method
from edge_agent.evaluate.estimates.bootstrap import Estimate
from edge_agent.evaluate.estimates.figure import Figure
from edge_agent.evaluate.real.real_set import RealSet
from edge_agent.evaluate.real.run import REQUIRED
from edge_agent.evaluate.stays.comparators import NAMES
from edge_agent.evaluate.stays.stay import OURS
from simulators.cohorts.cohort import CohortSpec

METHOD_LABELS = {OURS: "the rules", **NAMES}
"""Names of all methods on the page."""


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


def evaluation_of(rule_set: RuleSet, stays: Stays, real: Iterable[RealSet]) -> CohortEvaluation:
    """Return the figures from the outcomes of all patients."""
    return CohortEvaluation(
        rule_set,
        stays,
        figures_of(stays),
        by_method(stays),
        by_group(stays),
        curves_of(stays),
        tuple(real),
    )


def as_json(spec: CohortSpec, evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return the text of the file beside the page; a figure without a value is null."""
    content = {
        "about": "crswatch is decision support, not a medical device",
        "cohort": {
            "name": spec.name,
            "patients": spec.patients,
            "days": spec.days,
            "seed": spec.seed,
        },
        **_figures(evaluation),
    }
    if other is not None:
        content["compared_with"] = _figures(other)
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def _figures(evaluation: CohortEvaluation) -> dict[str, Any]:
    real = [figure for one in evaluation.real for figure in one.figures]
    figures = [*evaluation.figures, *real]
    values: dict[str, Any] = {f.key: _number(f.estimate.value) for f in figures}
    reasons = {
        f.key: f.why if f in real else "nothing to count in these patients"
        for f in figures
        if f.value is None
    }
    for key, name in REQUIRED:
        if key not in values:
            values[key], reasons[key] = None, f"{name} was not given"
    return {
        "rules": evaluation.rule_set.name,
        "rule_versions": dict(evaluation.rule_set.rules),
        **values,
        "null_reasons": reasons,
        "intervals_95": {
            f.key: _interval(f.estimate) for f in evaluation.figures if values[f.key] is not None
        },
        "targets": {f.key: str(f.target) for f in figures if f.target},
        "missed": {
            f.key: why_missed(f.key, evaluation.stays) or f.why for f in figures if f.is_missed
        },
        "methods": {row.name: _row(row) for row in evaluation.methods},
        "groups": [
            {"group": row.group, "name": row.name, **_row(row)} for row in evaluation.groups
        ],
        "curves": {
            curve.key: [
                {
                    "setting": point.setting,
                    "sensitivity": _number(point.sensitivity.value),
                    "delay_hours": _number(point.delay_h.value),
                    "false_per_patient_day": _number(point.false_per_day.value),
                }
                for point in curve.points
            ]
            for curve in evaluation.curves
        },
    }


def _row(row: Stratum) -> dict[str, Any]:
    return {
        "patients": row.patients,
        "episodes": row.episodes,
        **{
            name: {"value": _number(e.value), "interval_95": _interval(e)}
            for name, e in row.estimates.items()
        },
    }


def _interval(estimate: Estimate) -> list[float | None]:
    return [_number(estimate.low), _number(estimate.high)]


def _number(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None
