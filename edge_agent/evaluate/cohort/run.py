"""A whole cohort, patient by patient over all cores; no signals stay in memory after scoring."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from edge_agent.batch.detector import BatchDetector
from edge_agent.detect.language.rule import Rule
from edge_agent.evaluate.stays.stay import StayOutcome, evaluate_stay
from simulators.cohorts.cohort import CohortSpec

_ACKNOWLEDGED_AFTER_S: Final = 600.0
"""Time after which a nurse is assumed to acknowledge an alert; design start value, unvalidated."""
_worker: list[Callable[[int], StayOutcome]] = []
"""Scorer of this worker process; at most one."""


def detector_of(rules: tuple[Rule, ...]) -> BatchDetector:
    """Return the detector as it is evaluated: alerts are acknowledged after a fixed time."""
    return BatchDetector(rules, acknowledged_after_s=_ACKNOWLEDGED_AFTER_S)


def _scorer(spec: CohortSpec, rules: tuple[Rule, ...]) -> Callable[[int], StayOutcome]:
    detect = detector_of(rules).run
    return lambda number: evaluate_stay(spec.patient(number), number, detect)


def _start_worker(spec: CohortSpec, rules: tuple[Rule, ...]) -> None:
    _worker.append(_scorer(spec, rules))


def _one(number: int) -> StayOutcome:
    return _worker[0](number)


def evaluate_cohort(spec: CohortSpec, rules: tuple[Rule, ...], jobs: int) -> Iterator[StayOutcome]:
    """Yield the scores of the rules on each patient, in order.

    The same cohort and rules give the same figures, whatever the number of jobs. A process
    holds one patient at a time.
    """
    numbers = range(spec.patients)
    if jobs == 1:
        yield from map(_scorer(spec, rules), numbers)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start_worker, (spec, rules)) as pool:
        yield from pool.map(_one, numbers)
