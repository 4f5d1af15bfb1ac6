"""An alert about a doubted reading names what is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.detect.engine import Engine
from edge_agent.detect.language.rule import Rule
from edge_agent.detect.report.explanation import explanation_of
from edge_agent.model.alerts import AlertKind
from edge_agent.model.measurements import VitalKind
from tests.detect.series.test_doubts import doubted
from tests.support.detector_inputs import BED, START, at, reading, rule

CUFF = (
    'all = [{ signal = "nibp_systolic_as_measured", statistic = "latest", op = "<", value = 90, '
    'unit = "mm[Hg]", confirm = 1, window_s = 3600, if_monitored = true }]'
)
SPO2 = (
    'all = [{ signal = "spo2_doubted", op = "<", value = 88, unit = "%", at_least_s = 10, '
    "window_s = 20 }]"
)
HEART = (
    'all = [{ vital = "heart_rate", op = ">", value = 1, unit = "/min", at_least_s = 10, '
    "window_s = 10 }]"
)


def technical(body: str) -> Rule:
    asked = rule(body)
    return replace(asked, policy=replace(asked.policy, kind=AlertKind.TECHNICAL))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (CUFF, "BP 62 mmHg systolic, doubtful."),
        (SPO2, "SpO2 71 %, doubtful."),
        (HEART, ""),
    ],
)
def test_the_value_and_its_doubt_are_named(body: str, sentence: str) -> None:
    asked = technical(body)
    engine = Engine([asked], START)
    engine.observe(doubted(VitalKind.NIBP_SYSTOLIC, 5, 62))
    engine.observe(doubted(VitalKind.SPO2, 5, 71))
    engine.evaluate(BED, at(10))
    assert explanation_of(asked, engine._bed(BED)).sentence == sentence


def test_a_window_without_a_doubt_names_nothing() -> None:
    asked = technical(SPO2)
    engine = Engine([asked], START)
    engine.observe(reading(VitalKind.SPO2, 5, 97))
    engine.evaluate(BED, at(10))
    assert explanation_of(asked, engine._bed(BED)).sentence == ""


def test_a_reading_that_is_believed_is_named_without_a_doubt() -> None:
    asked = technical(CUFF)
    engine = Engine([asked], START)
    assert explanation_of(asked, engine._bed(BED)).sentence == ""
    engine.observe(reading(VitalKind.NIBP_SYSTOLIC, 5, 88))
    engine.evaluate(BED, at(10))
    assert explanation_of(asked, engine._bed(BED)).sentence == "BP 88 mmHg systolic."
