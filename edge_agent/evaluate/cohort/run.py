"""A whole cohort, patient by patient over all cores; no signals stay in memory after scoring."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from edge_agent.batch.detector import BatchDetector
from edge_agent.detect.language.rule import Rule
from edge_agent.evaluate.stays.stay import StayOutcome, evaluate_stay
from simulators.cohorts.cohort import CohortSpec


@dataclass(frozen=True, slots=True)
class _Work:
    """Scorer of patients."""

    spec: CohortSpec
    detector: BatchDetector

    def one(self, number: int) -> StayOutcome:
        return evaluate_stay(self.spec.patient(number), number, self.detector.run)


_ANSWERED_AFTER_S: Final = 600.0
"""Time after which a nurse is assumed to acknowledge an alert; design start value, unvalidated."""
_works: list[_Work] = []
"""Scorer of this worker process; at most one."""


def detector_of(rules: tuple[Rule, ...]) -> BatchDetector:
    """Return the detector as it is evaluated: alerts are acknowledged after a fixed time."""
    return BatchDetector(rules, answered_after_s=_ANSWERED_AFTER_S)


def _start_worker(spec: CohortSpec, rules: tuple[Rule, ...]) -> None:
    _works.append(_Work(spec, detector_of(rules)))


def _one(number: int) -> StayOutcome:
    return _works[0].one(number)


def evaluate_cohort(spec: CohortSpec, rules: tuple[Rule, ...], jobs: int) -> Iterator[StayOutcome]:
    """Yield the scores of the rules on each patient, in order.

    The same cohort and rules give the same figures, whatever the number of jobs. A process
    holds one patient at a time.
    """
    numbers = range(spec.patients)
    if jobs == 1:
        yield from map(_Work(spec, detector_of(rules)).one, numbers)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start_worker, (spec, rules)) as pool:
        yield from pool.map(_one, numbers)
