"""Readings of one bed, evaluated by one condition."""

from __future__ import annotations

from edge_agent.detect.engine import Engine
from edge_agent.model.findings import Finding, Presence
from edge_agent.model.measurements import Vital, VitalKind
from tests.support.detector_inputs import BED, START, at, reading, rule

P, A, I = Presence.PRESENT, Presence.ABSENT, Presence.INDETERMINATE  # noqa: E741 - the three letters of the tables
SPO2 = VitalKind.SPO2
CUFF = VitalKind.NIBP_SYSTOLIC

LOW_SPO2 = (
    'all = [{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 40, window_s = 60 }]'
)
LOW_CUFF = (
    'all = [{ vital = "nibp_systolic", statistic = "latest", window_s = 900, op = "<", '
    'value = 90, unit = "mm[Hg]", confirm = 2 }]'
)


def judge(body: str, vitals: list[Vital], seconds: float) -> Finding:
    engine = Engine([rule(body)], START)
    for vital in vitals:
        engine.observe(vital)
    (finding,) = engine.evaluate(BED, at(seconds))
    return finding


def course(kind: VitalKind, values: list[float], step_s: float = 1.0) -> list[Vital]:
    return [reading(kind, (i + 1) * step_s, value) for i, value in enumerate(values)]
