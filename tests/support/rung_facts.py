"""Facts of one rule over a short course of readings, for tests of what an alert rests on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertKind
from edge_agent.model.facts import Limit, LimitOf
from edge_agent.patient.context import ContextLog
from tests.support.detector_inputs import BED, START, at, reading, rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.detect.language.rule import Rule
    from edge_agent.model.facts import Facts
    from edge_agent.model.measurements import Vital, VitalKind
    from edge_agent.model.patient import PatientEntry


def conditions(how: str, *bodies: str) -> str:
    return f"{how} = [{', '.join('{ ' + body + ' }' for body in bodies)}]"


def any_of(*bodies: str) -> Rule:
    return rule(conditions("any", *bodies))


def technical(body: str) -> Rule:
    made = rule(body)
    return replace(made, policy=replace(made.policy, kind=AlertKind.TECHNICAL))


def course(kind: VitalKind, value: float, until_s: int = 60, since_s: int = 5) -> list[Vital]:
    return [reading(kind, second, value) for second in range(since_s, until_s + 1, 5)]


def found(
    rules: list[Rule] | Rule,
    readings: Iterable[Vital],
    entries: Iterable[PatientEntry] = (),
    until_s: float = 60,
) -> Facts:
    """Return the facts of the first rule at the end, with an evaluation every 10 s before it."""
    engine = Engine(rules if isinstance(rules, list) else [rules], START)
    engine.set_context(BED, ContextLog(entries))
    waiting = sorted(readings, key=lambda vital: vital.received_at)
    findings = []
    for second in range(10, int(until_s) + 1, 10):
        while waiting and waiting[0].received_at <= at(second):
            engine.observe(waiting.pop(0))
        findings = engine.evaluate(BED, at(second))
    facts = {finding.rule_id: finding.facts for finding in findings}["test.rule"]
    assert facts is not None
    return facts


def limit(value: float, *, is_lower: bool = False, for_s: float = 0, times: int = 0) -> Limit:
    return Limit(value, is_lower, LimitOf.VALUE, for_s, times)
