"""A whole study, patient by patient over all cores; no signals stay in memory after scoring."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.simulated_person import AnswerDelay
from edge_agent.detect.language.rule import Rule
from edge_agent.evaluate.cohort.study import TEN_MINUTES_S, Answered, Answers, Study
from edge_agent.evaluate.stays.stay import StayOutcome, evaluate_stay
from simulators.cohorts.cohort import CohortPatient
from simulators.habits.staff import answer_delay_s

_Numbered = tuple[int, int]
"""Index of a part of the study, and number of the patient in it."""
_worker: list[Callable[[_Numbered], StayOutcome]] = []
"""Scorer of this worker process; at most one."""


def detector_of(rules: tuple[Rule, ...], answered: Answered = TEN_MINUTES_S) -> BatchDetector:
    """Return the detector for stays without a ward of their own, whose alerts somebody answers."""
    if answered is Answers.WARD:
        return BatchDetector(rules, acknowledged_after_s=TEN_MINUTES_S)
    after_s = None if isinstance(answered, Answers) else answered
    return BatchDetector(rules, acknowledged_after_s=after_s)


def _scorer(study: Study, rules: tuple[Rule, ...]) -> Callable[[_Numbered], StayOutcome]:
    same = detector_of(rules, study.answered)

    def scored(numbered: _Numbered) -> StayOutcome:
        index, number = numbered
        member = study.parts[index].spec.patient(number)
        delay = _ward_delay(member) if study.answered is Answers.WARD else None
        own = same if delay is None else BatchDetector(rules, acknowledged_after_s=delay)
        return evaluate_stay(member, number, own.run, study.peer)

    return scored


def _ward_delay(member: CohortPatient) -> AnswerDelay | None:
    """Return the delays with which the nurses of a patient's ward answer; None without a ward."""
    stay = member.stay
    return None if stay is None else partial(answer_delay_s, stay.ward, stay.seed)


def _start_worker(study: Study, rules: tuple[Rule, ...]) -> None:
    _worker.append(_scorer(study, rules))


def _one(numbered: _Numbered) -> StayOutcome:
    return _worker[0](numbered)


def evaluate_study(study: Study, rules: tuple[Rule, ...], jobs: int) -> Iterator[StayOutcome]:
    """Yield the scores of the rules on each patient, in order.

    The same study and rules give the same figures, whatever the number of jobs. A process holds
    one patient at a time.
    """
    numbered = [(index, n) for index, part in enumerate(study.parts) for n in part.numbers]
    if jobs == 1:
        yield from map(_scorer(study, rules), numbered)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start_worker, (study, rules)) as pool:
        yield from pool.map(_one, numbered)
