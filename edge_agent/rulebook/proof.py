"""Test of rules with a vectors file: play its course and compare the alert's states."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.detect.engine import Engine
from edge_agent.detect.grid import STEP_S
from edge_agent.detect.language.rule import Rule, needed_rules
from edge_agent.detect.language.scored_rules import ScoredRules, score_of
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.clock import Instant
from edge_agent.model.errors import Mistake
from edge_agent.model.measurements import DeviceTime, GenerationMode, Validity, Vital
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.rulebook.vectors import CourseMark, Doubted, Step, Vectors, VectorSeries

_BED: Final = "bed-01"
_START: Final = Instant(0, 0)


def run_vectors(rules: Sequence[Rule], vectors: Vectors) -> list[Mistake]:
    """Return the mistakes where the alert's states differ from the expected ones.

    Parameters
    ----------
    rules
        A checked rule set; only the rule of the vectors and those it reads are evaluated.
    """
    by_id = {rule.rule_id: rule for rule in rules}
    if vectors.rule_id not in by_id:
        message = f"no rule has the id {vectors.rule_id}"
        return [Mistake(vectors.source_name, "rule", message)]
    needed = _with_needed(by_id[vectors.rule_id], by_id)
    states = _states(ScoredRules(needed, score_of(rules)), vectors)
    return [
        Mistake(
            vectors.source_name,
            f"expect[{index}].state",
            f"{expected.state} at {expected.at_s:g} s; the alert is {states[expected.at_s]}",
        )
        for index, expected in enumerate(vectors.expect)
        if states[expected.at_s] != expected.state
    ]


def _with_needed(rule: Rule, by_id: dict[str, Rule]) -> list[Rule]:
    found = {rule.rule_id: rule}
    waiting = [rule]
    while waiting:
        for rule_id in needed_rules(waiting.pop()) - found.keys():
            found[rule_id] = by_id[rule_id]
            waiting.append(by_id[rule_id])
    return list(found.values())


def _states(rules: Sequence[Rule], vectors: Vectors) -> dict[float, str]:
    """Return the alert's state at every evaluation of the course, by the second."""
    engine = Engine(rules, _START)
    if vectors.entries:
        engine.set_context(_BED, ContextLog(_dated(entry) for entry in vectors.entries))
    book = AlertBook([rule.policy for rule in rules], AlertLabels("site", "ward", "vectors"))
    readings = sorted(_readings(vectors), key=lambda vital: vital.received_at)
    last_s = max(
        (*vectors.acknowledge_at_s, *(expected.at_s for expected in vectors.expect)), default=0.0
    )
    states: dict[float, str] = {}
    seen = 0
    for tick in range(math.floor(last_s / STEP_S) + 1):
        at_s = tick * STEP_S
        at = _START.plus(at_s)
        while seen < len(readings) and readings[seen].received_at <= at:
            engine.observe(readings[seen])
            seen += 1
        _set_states(engine, vectors, at_s)
        book.apply(engine.evaluate(_BED, at, book.clearing(_BED), book.reported_evidence(_BED)))
        alert = book.current(_BED, vectors.rule_id)
        if alert is not None and at_s in vectors.acknowledge_at_s:
            book.answer(
                Answer(_BED, AnswerKind.ACKNOWLEDGE, "vectors", (SeenAlert(alert.alert_id),)), at
            )
        states[at_s] = _state(book, vectors.rule_id)
    return states


def _dated(entry: PatientEntry) -> PatientEntry:
    """Return an entry on the course's clock."""
    begin_ns = _START.utc_ns
    until_ns = None if entry.until_utc_ns is None else begin_ns + entry.until_utc_ns
    return replace(entry, at_utc_ns=begin_ns + entry.at_utc_ns, until_utc_ns=until_ns)


def _set_states(engine: Engine, vectors: Vectors, at_s: float) -> None:
    step = int(at_s / vectors.step_s)
    for series in vectors.states:
        if step < len(series.steps) and series.steps[step] != 0:
            engine.set_state(_BED, series.state, _START.plus(at_s))
        else:
            engine.clear_state(_BED, series.state)


def _state(book: AlertBook, rule_id: str) -> str:
    alert = book.current(_BED, rule_id)
    if alert is None or (alert.raised_at is None and alert.resolved_at is not None):
        return "none"
    return alert.state.value


def _readings(vectors: Vectors) -> Iterator[Vital]:
    for series in vectors.series:
        for index, step in enumerate(series.steps):
            if step is not CourseMark.SILENT:
                yield _vital(series, step, _START.plus(index * vectors.step_s))


def _vital(series: VectorSeries, step: Step, at: Instant) -> Vital:
    value = step.value if isinstance(step, Doubted) else step if isinstance(step, float) else None
    validity = Validity.NOT_AVAILABLE if value is None else Validity.VALID
    return Vital(
        bed_id=_BED,
        kind=series.kind,
        value=value,
        validity=Validity.QUESTIONABLE if isinstance(step, Doubted) else validity,
        mode=GenerationMode.REAL,
        reason="",
        site=series.site,
        device_id=_BED,
        code=0,
        device_time=DeviceTime(elapsed_ns=at.monotonic_ns, wall_ns=at.utc_ns),
        measured_at=at,
        received_at=at,
        stored_ns=at.utc_ns,
    )
