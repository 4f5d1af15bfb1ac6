"""Values of one monitor in a pipeline, second by second."""

from __future__ import annotations

from edge_agent.model.clock import Instant
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline
from tests.support.pipelines import PLACE, START, message


def hear(line: Pipeline, seconds: range, spo2: float) -> list[Outcome]:
    return [
        outcome
        for second in seconds
        for outcome in line.receive(PLACE, [message(second, hr=80, spo2=spo2)], START.plus(second))
    ]


def at(seconds: float) -> Instant:
    return START.plus(seconds)
