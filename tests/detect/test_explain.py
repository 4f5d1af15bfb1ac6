"""What an alert rests on, in one sentence."""

from __future__ import annotations

import math
from dataclasses import replace

from edge_agent.detect.context import ContextLog
from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertKind
from edge_agent.model.findings import Finding
from edge_agent.model.measurements import VitalKind
from tests.detect.builders import BED, START, at, reading, rule
from tests.patient_entries import an_entry

PULSATILE = (
    'all = [{ vital = "perfusion_index", op = ">=", value = 1, unit = "%", '
    "at_least_s = 10, window_s = 10 }]"
)
T, HR, SPO2, PI = (
    VitalKind.TEMPERATURE,
    VitalKind.HEART_RATE,
    VitalKind.SPO2,
    VitalKind.PERFUSION_INDEX,
)
LINE, CUFF = VitalKind.ART_SYSTOLIC, VitalKind.NIBP_SYSTOLIC
NEVER_ENTERED = ("oxygen device", "vasopressors", "product and infusion time")


def said(
    values: dict[VitalKind, float],
    log: ContextLog | None = None,
    *,
    rule_id: str = "vital.x",
    until_s: int = 120,
) -> Finding:
    engine = Engine([rule(PULSATILE, rule_id=rule_id)], START)
    engine.set_context(BED, log)
    for second in range(5, until_s + 1, 5):
        for kind, value in {PI: 2.0, **values}.items():
            if kind is not CUFF or second == 5:
                engine.observe(reading(kind, second, value))
    (finding,) = engine.evaluate(BED, at(until_s))
    return finding


def test_a_sentence_says_what_is_seen_and_what_is_not() -> None:
    found = said({})
    assert found.explanation == "Temp not known; HR not known; SpO2 not known."
    assert found.missing == (
        "temperature",
        "heart rate",
        "SpO2",
        "respiratory rate",
        "blood pressure",
        *NEVER_ENTERED,
    )


def test_an_alert_about_crs_says_that_it_may_be_infection() -> None:
    found = said({T: 36.6, HR: 70.0, SPO2: 97.0}, rule_id="crs.x")
    assert found.explanation == "Temp 36.6; HR 70; SpO2 97 %. CRS or infection."


def test_a_value_far_above_what_is_usual_is_named_with_it() -> None:
    log = ContextLog(
        [
            an_entry("1", "baseline", "temperature", amount=36.5, at_h=-1),
            an_entry("2", "baseline", "heart_rate", amount=70.0, at_h=-1),
            an_entry("3", "infusion", "axi-cel", at_h=-50),
            an_entry("4", "infusion", "axi-cel", at_h=50),
            an_entry("5", "oxygen", "air", at_h=-1),
            an_entry("6", "oxygen", "nasal cannula", amount=2.0, at_h=-0.5),
            an_entry("7", "vasopressor", "none", at_h=-1),
        ]
    )
    found = said({T: 38.0, HR: 120.0, SPO2: 93.0, LINE: 104.0}, log)
    assert found.explanation == (
        "Temp 38.0, 1.5 above what is usual; HR 120, 40 more than fever explains; "
        "BP 104 systolic (arterial line); SpO2 93 %, oxygen was raised; day 2 after axi-cel."
    )
    assert found.missing == ("respiratory rate",)


def test_a_cuff_says_how_old_it_is_and_only_a_usable_reading_counts() -> None:
    assert "BP 98 systolic 5 min ago" in said({CUFF: 98.0}, until_s=305).explanation
    assert "BP" not in said({CUFF: math.nan}).explanation


def test_a_temperature_taken_by_hand_stands_in_for_none() -> None:
    taken = an_entry("1", "spot", "temperature", amount=38.3, site="tympanic", at_h=0.0)
    assert said({}, ContextLog([taken])).explanation.startswith("Temp 38.3 taken by hand;")
    unusable = an_entry("2", "spot", "temperature", at_h=0.01, site="tympanic")
    assert said({}, ContextLog([taken, unusable])).explanation.startswith("Temp not known;")


def test_an_infusion_to_come_is_no_day_yet() -> None:
    log = ContextLog([an_entry("1", "infusion", "axi-cel", at_h=50)])
    assert "axi-cel" not in said({}, log).explanation
    assert "axi-cel" not in said({}, ContextLog()).explanation


def test_an_alert_about_the_watching_has_no_sentence_but_what_is_missing() -> None:
    physiological = rule(PULSATILE)
    policy = replace(physiological.policy, kind=AlertKind.TECHNICAL)
    engine = Engine([replace(physiological, policy=policy)], START)
    engine.observe(reading(PI, 5, 2.0))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.explanation == ""
    assert finding.missing[0] == "temperature"
