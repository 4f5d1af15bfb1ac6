"""The facts of a finding: what is seen of the patient, what is not, and what people entered."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.detect.engine import Engine
from edge_agent.model.alerts import AlertKind
from edge_agent.model.facts import Fact, FactKind, Facts, Note, NoteKind, Reference
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from edge_agent.patient.entry_check import FLAGS
from tests.support.detector_inputs import BED, START, at, reading, rule
from tests.support.patient_entries import an_entry

if TYPE_CHECKING:
    from edge_agent.model.findings import Finding

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
RESP = VitalKind.RESPIRATORY_RATE
LINE, CUFF = VitalKind.ART_SYSTOLIC, VitalKind.NIBP_SYSTOLIC
DIASTOLIC, MEAN = VitalKind.NIBP_DIASTOLIC, VitalKind.NIBP_MEAN
ONCE = {CUFF, DIASTOLIC, MEAN}
NEVER_ENTERED = ("oxygen device", "vasopressors", "product and infusion time")
UNKNOWN = (Fact(FactKind.HEART_RATE), Fact(FactKind.SPO2), Fact(FactKind.TEMPERATURE))
TAKEN = at(5).utc_ns


def said(
    values: dict[VitalKind, float], log: ContextLog | None = None, *, until_s: int = 120
) -> Finding:
    engine = Engine([rule(PULSATILE, rule_id="vital.x")], START)
    engine.set_context(BED, log)
    for second in range(5, until_s + 1, 5):
        for kind, value in {PI: 2.0, **values}.items():
            if kind not in ONCE or second == 5:
                engine.observe(reading(kind, second, value))
    (finding,) = engine.evaluate(BED, at(until_s))
    return finding


def facts(
    values: dict[VitalKind, float], log: ContextLog | None = None, *, until_s: int = 120
) -> Facts:
    found = said(values, log, until_s=until_s).facts
    assert found is not None
    return found


def test_the_facts_are_what_is_seen_and_what_is_not() -> None:
    found = said({})
    assert found.facts == Facts(at(120).utc_ns, (), UNKNOWN)
    assert found.missing == (
        "temperature",
        "heart rate",
        "SpO2",
        "respiratory rate",
        "blood pressure",
        *NEVER_ENTERED,
    )


def test_a_value_far_above_what_is_usual_has_that_part_with_it() -> None:
    log = ContextLog(
        [
            an_entry("1", "baseline", "temperature", amount=36.5, at_h=-1),
            an_entry("2", "baseline", "heart_rate", amount=70.0, at_h=-1),
            an_entry("3", "infusion", "axi-cel", at_h=-50),
            an_entry("4", "infusion", "axi-cel", at_h=50),
            an_entry("5", "oxygen", "air", at_h=-1),
            an_entry("6", "oxygen", "nasal cannula", amount=2.0, at_h=-0.5),
            an_entry("7", "vasopressor", "none", at_h=-1),
            an_entry("8", "antipyretic", "paracetamol", at_h=-0.75),
        ]
    )
    found = said({T: 38.0, HR: 120.0, SPO2: 93.0, LINE: 104.0, RESP: 0.0}, log)
    assert found.facts is not None
    assert found.facts.others == (
        Fact(FactKind.PRESSURE, 104.0, "mm[Hg]", is_line=True),
        Fact(FactKind.HEART_RATE, 120.0, "/min", above=39.5, reference=Reference.EXPECTED),
        Fact(FactKind.SPO2, 93.0, "%"),
        Fact(FactKind.TEMPERATURE, 38.0, "Cel", above=1.5, reference=Reference.USUAL),
        Fact(FactKind.RESPIRATORY_RATE, 0.0, "/min"),
    )
    infused = START.utc_ns - 50 * 3600 * 10**9
    assert (found.facts.product, found.facts.day) == ("axi-cel", 2)
    assert found.facts.infused_utc_ns == infused
    assert found.facts.notes == (
        Note(NoteKind.OXYGEN, ("nasal cannula",), 2.0),
        Note(NoteKind.VASOPRESSORS),
        Note(NoteKind.ANTIPYRETIC, at_utc_ns=START.utc_ns - 2700 * 10**9),
    )
    assert found.missing == ()


def pressure(values: dict[VitalKind, float]) -> Fact | None:
    """Return what is known of the pressure."""
    others = facts(values, until_s=305).others
    return next((fact for fact in others if fact.kind is FactKind.PRESSURE), None)


def test_a_cuff_has_its_time_and_only_a_usable_reading_counts() -> None:
    known = Fact(FactKind.PRESSURE, 98.0, "mm[Hg]", TAKEN)
    assert pressure({CUFF: 98.0}) == known
    assert pressure({CUFF: 75.0, DIASTOLIC: 42.0, MEAN: 53.0}) == replace(
        known, value=75.0, diastolic=42.0, mean=53.0
    )
    assert pressure({MEAN: 53.0}) == replace(known, value=None, mean=53.0)
    assert pressure({DIASTOLIC: 42.0}) is None
    assert pressure({CUFF: math.nan}) is None
    assert pressure({CUFF: 0.0}) == replace(known, value=0.0)


def test_an_arterial_line_is_of_the_moment() -> None:
    line_mean, line_diastolic = VitalKind.ART_MEAN, VitalKind.ART_DIASTOLIC
    line = Fact(FactKind.PRESSURE, 104.0, "mm[Hg]", diastolic=60.0, is_line=True)
    assert pressure({LINE: 104.0, line_diastolic: 60.0, CUFF: 98.0}) == line
    assert pressure({line_mean: 62.0}) == replace(line, value=None, diastolic=None, mean=62.0)


def late(values: dict[VitalKind, float], after_s: float, log: ContextLog | None = None) -> Facts:
    """Return what is said some time after readings that were taken once."""
    engine = Engine([rule(PULSATILE, rule_id="vital.x")], START)
    engine.set_context(BED, log)
    for kind, value in values.items():
        site = "predictive" if kind is T else ""
        engine.observe(reading(kind, 5, value, site=site))
    engine.evaluate(BED, at(10))
    for second in (after_s - 10, after_s):
        engine.observe(reading(PI, second, 2.0))
    (finding,) = engine.evaluate(BED, at(after_s))
    assert finding.facts is not None
    return finding.facts


def test_no_single_reading_is_shown_for_longer_than_it_is_used() -> None:
    hand = ContextLog([an_entry("1", "spot", "temperature", amount=39.4, at_h=5 / 3600)])
    cuff = Fact(FactKind.PRESSURE, 118.0, "mm[Hg]", TAKEN)
    assert late({CUFF: 118.0}, 4 * 3600 + 5).others == (cuff, *UNKNOWN)
    assert late({CUFF: 118.0}, 4 * 3600 + 15).others == (Fact(FactKind.PRESSURE), *UNKNOWN)
    warm = Fact(FactKind.TEMPERATURE, 39.4, "Cel", TAKEN, is_by_hand=True)
    assert late({}, 4 * 3600 + 5, hand).others == (*UNKNOWN[:2], warm)
    assert late({}, 4 * 3600 + 15, hand).others == UNKNOWN


def test_a_probe_that_is_read_now_and_then_is_no_hand() -> None:
    warm = Fact(FactKind.TEMPERATURE, 39.4, "Cel", TAKEN)
    assert late({T: 39.4}, 3600).others == (*UNKNOWN[:2], warm)


def test_a_pressure_taken_by_hand_is_called_so() -> None:
    taken = [
        an_entry(kind, "spot", kind.value, amount=amount, at_h=0.01)
        for kind, amount in ((CUFF, 84.0), (DIASTOLIC, 44.0))
    ]
    (found, *_) = late({}, 100, ContextLog(taken)).others
    assert (found.value, found.diastolic, found.is_by_hand) == (84.0, 44.0, True)
    assert found.measured_utc_ns == at(36).utc_ns


def test_a_temperature_that_is_unusable_is_unknown() -> None:
    taken = an_entry("1", "spot", "temperature", amount=38.3, site="tympanic", at_h=0.0)
    assert facts({}, ContextLog([taken])).others[-1].value == 38.3
    unusable = an_entry("2", "spot", "temperature", at_h=0.01, site="tympanic")
    assert facts({}, ContextLog([taken, unusable])).others == UNKNOWN


def test_an_infusion_to_come_is_no_day_yet() -> None:
    log = ContextLog([an_entry("1", "infusion", "axi-cel", at_h=50)])
    for found in (facts({}, log), facts({}, ContextLog())):
        assert (found.product, found.day, found.infused_utc_ns) == ("", None, None)


def test_symptoms_fluids_and_flags_that_were_entered_are_noted() -> None:
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
    assert facts({}, log).notes == (
        Note(NoteKind.SYMPTOM, ("chills",), at_utc_ns=at(36).utc_ns),
        Note(NoteKind.FLUIDS, value=1.5),
        *(Note(NoteKind.FLAG, (flag,)) for flag in sorted(FLAGS)),
    )


def test_the_newest_dose_of_each_drug_is_noted() -> None:
    log = ContextLog(
        [
            an_entry("1", "tocilizumab", at_h=-5),
            an_entry("2", "steroid", "dexamethasone", at_h=-4),
            an_entry("3", "steroid", "dexamethasone", at_h=-2),
        ]
    )
    hour_ns = 3600 * 10**9
    assert facts({}, log).notes == (
        Note(NoteKind.TOCILIZUMAB, at_utc_ns=START.utc_ns - 5 * hour_ns),
        Note(NoteKind.STEROID, at_utc_ns=START.utc_ns - 2 * hour_ns),
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


def test_an_alert_about_the_monitoring_has_no_other_signs_but_what_is_missing() -> None:
    physiological = rule(PULSATILE)
    policy = replace(physiological.policy, kind=AlertKind.TECHNICAL)
    engine = Engine([replace(physiological, policy=policy)], START)
    engine.observe(reading(PI, 5, 2.0))
    (finding,) = engine.evaluate(BED, at(10))
    assert finding.facts == Facts(at(10).utc_ns)
    assert finding.missing[0] == "temperature"


def test_only_the_very_reading_that_was_entered_is_by_hand() -> None:
    entries = [
        an_entry("1", "spot", "temperature", amount=37.0, at_h=5 / 3600),
        an_entry("2", "spot", "nibp_systolic", amount=90.0, at_h=-1),
    ]
    (found, *_) = late({CUFF: 98.0}, 3600, ContextLog(entries)).others
    assert (found.value, found.is_by_hand) == (98.0, False)
