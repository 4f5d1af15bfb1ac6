"""A patient's context: it follows from the entries, with every correction applied."""

from __future__ import annotations

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice, PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.patient.entry_check import check_entry
from edge_agent.patient.fold import ASSUMED_LENGTH_NS
from edge_agent.patient.state import UNKNOWN_PATIENT, Measured, NamedObservation, PatientContext
from tests.support.patient_entries import DAY_NS, HOUR_NS, NOW_NS, an_entry


def context(*entries: PatientEntry, at_h: float = 0.0) -> PatientContext:
    assert not [wrong for entry in entries for wrong in check_entry(entry)]
    return ContextLog(entries).at(ns(at_h))


def ns(at_h: float) -> int:
    return NOW_NS + round(at_h * HOUR_NS)


def test_of_nobody_nothing_is_known() -> None:
    assert ContextLog().at(NOW_NS) == UNKNOWN_PATIENT
    assert ContextLog().changes() == ()
    assert not UNKNOWN_PATIENT.was_entered(EntryKind.OXYGEN)
    assert UNKNOWN_PATIENT.vasopressors is None
    assert UNKNOWN_PATIENT.oxygen_device is None


def test_the_person_and_the_product() -> None:
    entries = (
        an_entry("1", "infusion", "axi-cel", at_h=-48),
        an_entry("2", "age", amount=64),
        an_entry("3", "weight", amount=71.5),
        an_entry("4", "baseline", "nibp_systolic", amount=128),
        an_entry("5", "baseline", "spo2", amount=97),
        an_entry("6", "baseline", "spo2", amount=94),
    )
    known = context(*entries)
    assert (known.product, known.infused_utc_ns) == ("axi-cel", NOW_NS - 2 * DAY_NS)
    assert known.age_years == 64
    assert known.baselines == {VitalKind.NIBP_SYSTOLIC: 128, VitalKind.SPO2: 94}
    assert known.entered == {
        EntryKind.INFUSION,
        EntryKind.AGE,
        EntryKind.WEIGHT,
        EntryKind.BASELINE,
    }
    assert context(*entries, at_h=-1).age_years is None


def test_of_several_doses_the_latest_counts() -> None:
    doses = [an_entry(str(day), "infusion", "teclistamab", at_h=24 * day) for day in (0, 3, 6)]
    assert context(*doses, at_h=100).infused_utc_ns == ns(72)


def test_oxygen_is_the_device_that_began_last_of_those_that_run() -> None:
    entries = (
        an_entry("1", "oxygen", "nasal cannula", amount=2, at_h=1),
        an_entry("2", "oxygen", "high-flow cannula", amount=40, at_h=3, until_h=5),
    )
    seen = [
        (known.oxygen_device, known.oxygen_flow_l_min)
        for known in (context(*entries, at_h=at_h) for at_h in (0, 1, 3, 4.99, 5))
    ]
    assert seen == [
        (None, None),
        (OxygenDevice.NASAL_CANNULA, 2),
        (OxygenDevice.HIGH_FLOW_CANNULA, 40),
        (OxygenDevice.HIGH_FLOW_CANNULA, 40),
        (OxygenDevice.NASAL_CANNULA, 2),
    ]


def test_after_the_last_oxygen_there_is_air() -> None:
    mask = an_entry("1", "oxygen", "face mask", amount=8, at_h=1, until_h=2)
    known = context(mask, at_h=3)
    assert (known.oxygen_device, known.oxygen_flow_l_min) == (OxygenDevice.AIR, None)


def test_no_vasopressor_is_another_thing_than_none_entered() -> None:
    entries = (
        an_entry("1", "vasopressor", "noradrenaline", at_h=1),
        an_entry("2", "vasopressor", "vasopressin", at_h=2, until_h=3),
        an_entry("3", "vasopressor", "noradrenaline", at_h=2.5),
        an_entry("4", "vasopressor", "none", at_h=6),
        an_entry("5", "vasopressor", "adrenaline", at_h=7),
    )
    running = [context(*entries, at_h=at_h).vasopressors for at_h in (0, 1, 2.6, 3, 6, 7)]
    assert running == [
        None,
        ("noradrenaline",),
        ("noradrenaline", "vasopressin"),
        ("noradrenaline",),
        (),
        ("adrenaline",),
    ]
    entered = [context(*entries, at_h=at_h) for at_h in (0, 1, 2.6, 3, 5, 6)]
    times = [known.vasopressors_entered_utc_ns for known in entered]
    assert times == [None, ns(1), ns(2.5), ns(3), ns(3), ns(6)]
    assert entered[-1].oxygen_entered_utc_ns is None


def test_none_does_not_lengthen_what_had_ended() -> None:
    unit = an_entry("1", "transfusion", "platelets", at_h=1, until_h=2)
    none = an_entry("2", "transfusion", "none", at_h=4)
    assert context(unit, none, at_h=5).transfused_until_utc_ns == ns(2)


def test_drugs_count_from_when_they_were_given_last() -> None:
    entries = (
        an_entry("1", "antipyretic", "paracetamol", at_h=1),
        an_entry("2", "antipyretic", "paracetamol", at_h=5),
        an_entry("3", "antipyretic", "paracetamol", at_h=9),
        an_entry("4", "tocilizumab", at_h=2, amount=8, unit="mg/kg"),
        an_entry("5", "steroid", "none", at_h=3),
    )
    known = context(*entries, at_h=6)
    assert (known.antipyretic_utc_ns, known.tocilizumab_utc_ns) == (ns(5), ns(2))
    assert known.steroid_utc_ns is None
    assert known.was_entered(EntryKind.STEROID)


def test_what_lasts_counts_until_the_latest_end_of_what_has_begun() -> None:
    entries = (
        an_entry("1", "procedure", "pain", at_h=1, until_h=8),
        an_entry("2", "procedure", "mobilising", at_h=2, until_h=3),
        an_entry("3", "cooling", at_h=2, until_h=4),
        an_entry("4", "transfusion", "platelets", at_h=2),
        an_entry("5", "transfusion", "red cells", at_h=20, until_h=22),
    )
    ends = [context(*entries, at_h=at_h).procedure_until_utc_ns for at_h in (0, 1, 5, 9)]
    assert ends == [None, ns(8), ns(8), ns(8)]
    assert [context(*entries, at_h=at_h).is_cooled for at_h in (1, 2, 3.9, 4)] == [
        False,
        True,
        True,
        False,
    ]
    assumed_ns = ns(2) + ASSUMED_LENGTH_NS[EntryKind.TRANSFUSION]
    ends = [context(*entries, at_h=at_h).transfused_until_utc_ns for at_h in (1, 2, 19, 20, 23)]
    assert ends == [None, assumed_ns, assumed_ns, ns(22), ns(22)]


def test_fluids_are_added_up_for_a_day() -> None:
    entries = (
        an_entry("1", "fluids", amount=1, at_h=0, until_h=1),
        an_entry("2", "fluids", "Ringer", amount=0.5, at_h=3),
    )
    found = [context(*entries, at_h=at_h).fluids_l for at_h in (-1, 0, 3, 24, 27)]
    assert found == [None, 1, 1.5, 0.5, None]


def test_a_planned_infusion_counts_until_one_was_given() -> None:
    planned = an_entry("1", "infusion", "axi-cel", at_h=10, entered_utc_ns=ns(2))
    given = an_entry("2", "infusion", "tisa-cel", at_h=5)
    found = [context(planned, given, at_h=at_h).infused_utc_ns for at_h in (2, 5, 10)]
    assert found == [ns(10), ns(5), ns(10)]
    assert context(planned, at_h=1).infused_utc_ns is None
    assert not context(planned, at_h=2).was_entered(EntryKind.INFUSION)


def test_a_state_is_derived_once_between_two_changes() -> None:
    log = ContextLog([an_entry("1", "ice", amount=9)])
    first = log.at(NOW_NS)
    assert log.at(NOW_NS + DAY_NS) is first
    log.add(an_entry("2", "ice", amount=8, at_h=1))
    assert log.at(NOW_NS + DAY_NS).ice == Measured(8, "", ns(1))
    log.run_on(0)
    log.add(an_entry("3", "ice", amount=7, at_h=2), clock_ns=0)
    assert log.at(ns(2)).ice == Measured(7, "", ns(2))
    log.run_on(HOUR_NS)
    assert log.at(ns(2)).ice == Measured(8, "", ns(1))
    assert log.at(ns(3)).ice == Measured(7, "", ns(3))


def test_a_paced_heart_and_a_ventilated_breath_are_steady_while_it_is_so() -> None:
    log = ContextLog(
        [
            an_entry("1", "flag", "paced", at_h=1, until_h=3),
            an_entry("2", "flag", "culture", at_h=0),
            an_entry("3", "oxygen", "cpap", at_h=0),
            an_entry("4", "oxygen", "ventilator", at_h=2, entered_utc_ns=ns(2.5)),
            an_entry("5", "oxygen", "bipap", at_h=4, until_h=5),
            an_entry("6", "oxygen", "air", at_h=6),
        ]
    )
    found = [log.at(ns(at_h)).steady for at_h in (0, 1, 2, 2.5, 3, 4, 5, 6)]
    heart, breath = {VitalKind.HEART_RATE}, {VitalKind.RESPIRATORY_RATE}
    assert found == [set(), heart, heart, heart | breath, breath, breath, breath, set()]


def test_the_latest_finding_of_each_kind() -> None:
    entries = (
        an_entry("1", "consciousness", "A", at_h=1),
        an_entry("2", "consciousness", "C", at_h=8),
        an_entry("3", "ice", amount=10, at_h=1),
        an_entry("4", "ice", amount=7, at_h=9),
        an_entry("5", "lab", "crp", amount=12, unit="mg/L", at_h=1),
        an_entry("6", "lab", "crp", amount=140, unit="mg/L", at_h=7),
        an_entry("7", "lab", "ldh", amount=300, unit="U/L", at_h=2),
        an_entry("8", "crs", "confirmed", at_h=3),
        an_entry("9", "flag", "culture", at_h=3),
        an_entry("10", "flag", "neutropenia", at_h=3, until_h=4),
    )
    known = context(*entries, at_h=9)
    assert known.consciousness == NamedObservation("C", ns(8))
    assert known.ice == Measured(7, "", ns(9))
    assert known.labs == {"crp": Measured(140, "mg/L", ns(7)), "ldh": Measured(300, "U/L", ns(2))}
    assert known.crs == NamedObservation("confirmed", ns(3))
    assert known.flags == {"culture"}
    before = context(*entries, at_h=0)
    assert before == UNKNOWN_PATIENT


def test_symptoms_count_for_a_day() -> None:
    entries = (
        an_entry("1", "symptom", "chills", at_h=0),
        an_entry("2", "symptom", "headache", at_h=2, until_h=4),
        an_entry("3", "symptom", "confusion", at_h=3),
        an_entry("4", "symptom", "chills", at_h=5),
    )
    assert context(*entries, at_h=3).symptoms == (
        NamedObservation("chills", ns(0)),
        NamedObservation("headache", ns(2)),
        NamedObservation("confusion", ns(3)),
    )
    assert context(*entries, at_h=6).symptoms == (
        NamedObservation("confusion", ns(3)),
        NamedObservation("chills", ns(5)),
    )
    assert context(*entries, at_h=27).symptoms == (NamedObservation("chills", ns(5)),)
    known = context(*entries, at_h=30)
    assert known.symptoms == ()
    assert known.was_entered(EntryKind.SYMPTOM)


def test_a_clock_counts_as_set_from_one_second_on() -> None:
    log = ContextLog([an_entry("a", "age", amount=50)])
    log.run_on(0)
    version = log.version
    log.run_on(10**9 - 1)
    assert log.version == version
    log.run_on(10**9)
    assert log.version == version + 1


def test_a_log_with_one_more_entry_holds_those_of_the_kinds_asked_for() -> None:
    log = ContextLog([an_entry("a", "age", amount=50), an_entry("b", "cooling")])
    more = log.with_one(an_entry("c", "cooling"), None, {EntryKind.COOLING})
    assert [entry.entry_id for entry in more.history()] == ["b", "c"]
    assert len(log) == 2
