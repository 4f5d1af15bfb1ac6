"""The file of figures beside the page of an evaluation."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.reading import readings
from edge_agent.evaluate.cohort.spread import PlaceResult, Spread, TargetRow
from edge_agent.evaluate.cohort.strata import Stratum
from edge_agent.evaluate.cohort.study import Answered, Answers, Study
from edge_agent.evaluate.estimates.bootstrap import Estimate
from edge_agent.evaluate.real.run import REQUIRED
from edge_agent.model.durations import MINUTE_S


def as_json(study: Study, evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return the text of the file beside the page; a figure without a value is null."""
    spec = study.spec
    content = {
        "about": "crswatch is decision support, not a medical device",
        "cohort": {
            "name": spec.name,
            "patients": study.patients,
            "days": spec.days,
            "seed": spec.seed,
            "answered": _answered(study.answered),
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
        **_by_place(evaluation),
        "readings": {one.method: one.text for one in readings(evaluation.stays)},
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


def _answered(answered: Answered) -> str | float:
    """Return `never`, `ward`, or the minutes after which alerts are answered."""
    return answered.value if isinstance(answered, Answers) else answered / MINUTE_S


def _by_place(evaluation: CohortEvaluation) -> dict[str, Any]:
    """Return the figures by ward and physiology; nothing where there is one place alone."""
    if len(evaluation.places) == 1:
        return {}
    return {
        "over_wards": {row.key: _over_wards(row) for row in evaluation.targets},
        "by_ward": [_place(result) for result in evaluation.places],
    }


def _over_wards(row: TargetRow) -> dict[str, Any]:
    return {
        "target": str(row.figure.target),
        "verdict": row.verdict.value,
        **{str(spread.physiology): _spread(row.key, spread) for spread in row.spreads},
    }


def _spread(key: str, spread: Spread) -> dict[str, Any]:
    worst, together = spread.worst, spread.together
    return {
        "verdict": spread.verdict.value,
        "worst_ward": None if worst is None else worst.place.ward,
        "worst": None if worst is None else worst.figure(key).value,
        "median": spread.median,
        "all_wards": together.value,
        "interval_95": _interval(together.estimate),
        "why_missed": spread.why,
    }


def _place(result: PlaceResult) -> dict[str, Any]:
    return {
        "ward": result.place.ward,
        "physiology": str(result.place.physiology),
        "patients": result.patients,
        "days": result.days,
        "episodes": result.episodes,
        "figures": {
            figure.key: {
                "value": figure.value,
                "interval_95": _interval(figure.estimate),
                "patients": figure.estimate.patients,
                "verdict": figure.verdict.value,
            }
            for figure in result.figures
        },
    }
