"""The evidence of an alert, in one sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from zoneinfo import ZoneInfo

from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertKind
from edge_agent.model.findings import Finding
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from edge_agent.patient.entry_check import FLAGS
from tests.support.detector_inputs import BED, START, at, reading, rule
from tests.support.patient_entries import an_entry

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
            if kind not in ONCE or second == 5:
                engine.observe(reading(kind, second, value))
    (finding,) = engine.evaluate(BED, at(until_s))
    return finding


def test_a_sentence_says_what_is_seen_and_what_is_not() -> None:
    found = said({})
    assert found.explanation == "Temp unknown; HR unknown; SpO2 unknown."
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
    assert (
        found.explanation == "Temp 36.6 °C; HR 70/min; SpO2 97 %. Compatible with CRS or infection."
    )


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
        "Temp 38.0 °C, 1.5 above usual; HR 120/min, 40 above expected for the temperature; "
        "BP 104 mmHg systolic (arterial line); SpO2 93 %, oxygen increased; "
        "day 2 after axi-cel (13 Jan)."
    )
    assert found.missing == ("respiratory rate",)


DIASTOLIC, MEAN = VitalKind.NIBP_DIASTOLIC, VitalKind.NIBP_MEAN
ONCE = {CUFF, DIASTOLIC, MEAN}
BERLIN = ZoneInfo("Europe/Berlin")
# START is 08:00 UTC


def pressure(values: dict[VitalKind, float], *, until_s: int = 305) -> str:
    """Return what is said of the pressure."""
    parts = said(values, until_s=until_s).explanation.rstrip(".").split("; ")
    return next((part for part in parts if part.startswith("BP")), "")


def test_a_cuff_says_when_it_was_read_and_only_a_usable_reading_counts() -> None:
    assert pressure({CUFF: 98.0}) == "BP 98 mmHg systolic at 08:00 UTC"
    assert pressure({CUFF: 75.0, DIASTOLIC: 42.0, MEAN: 53.0}) == "BP 75/42 mmHg at 08:00 UTC"
    assert pressure({MEAN: 53.0}) == "BP 53 mmHg mean at 08:00 UTC"
    assert pressure({DIASTOLIC: 42.0}) == ""
    assert pressure({CUFF: math.nan}) == ""
    assert pressure({CUFF: 0.0}) == "BP 0 mmHg systolic at 08:00 UTC"


def test_an_arterial_line_is_of_the_moment() -> None:
    line_mean, line_diastolic = VitalKind.ART_MEAN, VitalKind.ART_DIASTOLIC
    assert pressure({LINE: 104.0, line_diastolic: 60.0, CUFF: 98.0}) == (
        "BP 104/60 mmHg (arterial line)"
    )
    assert pressure({line_mean: 62.0}) == "BP 62 mmHg mean (arterial line)"


def late(values: dict[VitalKind, float], after_s: float, log: ContextLog | None = None) -> str:
    """Return what is said some time after readings that were taken once."""
    engine = Engine([rule(PULSATILE, rule_id="vital.x")], START, BERLIN)
    engine.set_context(BED, log)
    for kind, value in values.items():
        site = "predictive" if kind is T else ""
        engine.observe(reading(kind, 5, value, site=site))
    engine.evaluate(BED, at(10))
    for second in (after_s - 10, after_s):
        engine.observe(reading(PI, second, 2.0))
    (finding,) = engine.evaluate(BED, at(after_s))
    return finding.explanation


def test_no_single_reading_is_shown_for_longer_than_it_is_used() -> None:
    hand = ContextLog([an_entry("1", "spot", "temperature", amount=39.4, at_h=5 / 3600)])
    assert late({CUFF: 118.0}, 4 * 3600 + 5).startswith(
        "Temp unknown; HR unknown; BP 118 mmHg systolic at 09:00;"
    )
    assert late({CUFF: 118.0}, 4 * 3600 + 15).startswith("Temp unknown; HR unknown; BP unknown;")
    assert late({}, 4 * 3600 + 5, hand).startswith("Temp 39.4 °C (by hand at 09:00);")
    assert late({}, 4 * 3600 + 15, hand).startswith("Temp unknown;")


def test_a_probe_that_is_read_now_and_then_is_no_hand() -> None:
    assert late({T: 39.4}, 3600).startswith("Temp 39.4 °C (at 09:00);")


def test_a_pressure_taken_by_hand_is_called_so() -> None:
    taken = [
        an_entry(kind, "spot", kind.value, amount=amount, at_h=0.01)
        for kind, amount in ((CUFF, 84.0), (DIASTOLIC, 44.0))
    ]
    assert "; BP 84/44 mmHg (by hand at 09:00);" in late({}, 100, ContextLog(taken))


def test_a_temperature_taken_by_hand_stands_in_for_none() -> None:
    taken = an_entry("1", "spot", "temperature", amount=38.3, site="tympanic", at_h=0.0)
    sentence = said({}, ContextLog([taken])).explanation
    assert sentence.startswith("Temp 38.3 °C (by hand at 08:00 UTC);")
    unusable = an_entry("2", "spot", "temperature", at_h=0.01, site="tympanic")
    assert said({}, ContextLog([taken, unusable])).explanation.startswith("Temp unknown;")


def test_an_infusion_to_come_is_no_day_yet() -> None:
    log = ContextLog([an_entry("1", "infusion", "axi-cel", at_h=50)])
    assert "axi-cel" not in said({}, log).explanation
    assert "axi-cel" not in said({}, ContextLog()).explanation


def test_symptoms_fluids_and_flags_that_were_entered_are_named() -> None:
    log = ContextLog(
        [
            an_entry("1", "symptom", "chills", at_h=0.01),
            an_entry("2", "symptom", "headache", at_h=-30),
            an_entry("3", "fluids", amount=0.5, at_h=-2),
            an_entry("4", "fluids", "Ringer", amount=1, at_h=-1),
            *(an_entry(name, "flag", name, at_h=-1) for name in FLAGS),
            an_entry("5", "weight", amount=70),
        ]
    )
    assert said({}, log).explanation == (
        "Temp unknown; HR unknown; SpO2 unknown; entered: chills 08:00 UTC, "
        "fluids 1.5 l in 24 h, neutropenia, cultures taken, "
        "beta-blocker (the heart rate may not rise), pacemaker, hypercapnic, infusion reaction, "
        "limits of treatment."
    )


def test_what_is_entered_later_is_missing_until_then() -> None:
    entries = [
        an_entry("1", "oxygen", "air", at_h=1),
        an_entry("2", "vasopressor", "none", at_h=1),
        an_entry("3", "infusion", "axi-cel", at_h=30, entered_utc_ns=START.utc_ns),
    ]
    assert said({}, ContextLog(entries)).missing[-2:] == NEVER_ENTERED[:2]
    began = [replace(entry, at_utc_ns=START.utc_ns) for entry in entries]
    assert not set(NEVER_ENTERED) & set(said({}, ContextLog(began)).missing)


def test_an_alert_about_the_watching_has_no_sentence_but_what_is_missing() -> None:
    physiological = rule(PULSATILE)
    policy = replace(physiological.policy, kind=AlertKind.TECHNICAL)
    engine = Engine([replace(physiological, policy=policy)], START)
    engine.observe(reading(PI, 5, 2.0))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.explanation == ""
    assert finding.missing[0] == "temperature"


def test_only_the_very_reading_that_was_entered_is_by_hand() -> None:
    entries = [
        an_entry("1", "spot", "temperature", amount=37.0, at_h=5 / 3600),
        an_entry("2", "spot", "nibp_systolic", amount=90.0, at_h=-1),
    ]
    assert "; BP 98 mmHg systolic at 09:00;" in late({CUFF: 98.0}, 3600, ContextLog(entries))
