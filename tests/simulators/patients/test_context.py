"""Staff entries of simulated patients: valid, and true to the treatment."""

from __future__ import annotations

import math

import pytest

from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.context import ContextLog
from edge_agent.patient.entry_check import check_entry
from edge_agent.patient.onset import ONSETS
from edge_agent.patient.state import PatientContext
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.context import DEVICES, patient_entries
from simulators.patients.patient import Patient
from simulators.patients.plan import Plan, PlannedEntry
from simulators.patients.products import PRODUCTS as SIMULATED
from simulators.patients.products import Product
from simulators.patients.therapy import OXYGEN_SHARES
from simulators.scenarios.scenario_file import load_scenario, parse_scenario, scenario_names

START_NS = 1_800_000_000_000_000_000
HEAD = """
title = "t"
expects = "nothing"
never = []
raises = ["crs.fever"]
lasts = "8 h"
[patient]
age = 7
product = "tisa-cel"
infused = "2 d"
[[cuff]]
from = "1 min"
every = "5 min"
"""


def log_of(text: str) -> ContextLog:
    return ContextLog(patient_entries(parse_scenario(HEAD + text, "t", 5).patient, START_NS))


def at(log: ContextLog, at_h: float) -> PatientContext:
    return log.at(START_NS + round(at_h * 3_600_000_000_000))


@pytest.mark.parametrize("name", scenario_names())
def test_every_entry_of_a_scenario_is_right(name: str) -> None:
    scenario = load_scenario(name, 3)
    entries = patient_entries(scenario.patient, START_NS)
    assert not [wrong for entry in entries for wrong in check_entry(entry)]
    assert len({entry.entry_id for entry in entries}) == len(entries)
    assert [e.at_utc_ns for e in entries] == sorted(e.at_utc_ns for e in entries)


def test_every_entry_of_a_cohort_is_right() -> None:
    spec = load_cohort("train")
    for number in range(40):
        entries = patient_entries(spec.patient(number).patient, START_NS)
        assert not [wrong for entry in entries for wrong in check_entry(entry)]


def test_every_oxygen_device_and_every_product_has_its_name() -> None:
    assert DEVICES.keys() >= OXYGEN_SHARES.keys()
    assert set(DEVICES.values()) == set(OxygenDevice)


@pytest.mark.parametrize(("name", "product"), SIMULATED.items())
def test_a_simulated_product_begins_when_the_agent_expects_it(name: str, product: Product) -> None:
    band = ONSETS[name]
    assert math.sqrt(band.from_h * band.to_h) == pytest.approx(product.onset_h)


def test_at_the_start_it_is_said_that_nothing_runs() -> None:
    known = at(log_of(""), 0)
    assert (known.product, known.infused_utc_ns) == ("tisa-cel", START_NS - 172_800_000_000_000)
    assert known.age_years == 7
    assert known.was_entered(EntryKind.WEIGHT)
    assert (known.oxygen_device, known.vasopressors) == (OxygenDevice.AIR, ())
    assert known.ice is None


def test_treatments_run_from_their_begin_to_their_end() -> None:
    log = log_of("""
[[treatment]]
kind = "oxygen"
at = "1 h"
until = "2 h"
name = "high-flow nasal cannula"
amount = 40.0
[[treatment]]
kind = "oxygen"
at = "3 h"
until = "4 h"
name = "bipap"
amount = 0.0
[[treatment]]
kind = "vasopressor"
at = "1 h"
until = "2 h"
name = "noradrenaline"
amount = 0.8
[[treatment]]
kind = "fluids"
at = "1 h"
name = "crystalloid"
amount = 0.5
[[treatment]]
kind = "antipyretic"
at = "1 h"
name = "paracetamol"
amount = 1.4
""")
    known = at(log, 1.5)
    assert (known.oxygen_device, known.oxygen_flow_l_min) == (OxygenDevice.HIGH_FLOW_CANNULA, 40)
    assert known.vasopressors == ("noradrenaline",)
    assert known.antipyretic_utc_ns == START_NS + 3_600_000_000_000
    (fluids,) = log.current(EntryKind.FLUIDS)
    assert fluids.amount == 0.5
    (pressor,) = [e for e in log.current(EntryKind.VASOPRESSOR) if e.name != "none"]
    assert pressor.amount is None
    assert (at(log, 2.5).oxygen_device, at(log, 2.5).vasopressors) == (OxygenDevice.AIR, ())
    assert (at(log, 3.5).oxygen_device, at(log, 3.5).oxygen_flow_l_min) == (
        OxygenDevice.BIPAP,
        None,
    )


def test_what_nurses_note_becomes_entries() -> None:
    person = load_scenario("baseline", 1).patient.person
    noted = (
        PlannedEntry(60, "ice", "7"),
        PlannedEntry(60, "symptom", "chills"),
        PlannedEntry(60, "culture", "taken"),
        PlannedEntry(60, "flag", "infusion_reaction"),
        PlannedEntry(60, "flag", "procedure"),
        PlannedEntry(60, "dose", "teclistamab"),
        PlannedEntry(60, "transfusion", "start"),
        PlannedEntry(120, "transfusion", "stop"),
        PlannedEntry(180, "transfusion", "start"),
        PlannedEntry(60, "weather", "rain"),
    )
    log = ContextLog(patient_entries(Patient(person, Plan(600, (), entries=noted), 4), START_NS))
    known = log.at(START_NS + 150_000_000_000)
    assert known.ice is not None
    assert (known.ice.value, known.product) == (7, "teclistamab")
    assert known.flags == {"culture", "infusion_reaction"}
    assert [seen.name for seen in known.symptoms] == ["chills"]
    assert known.procedure_until_utc_ns == START_NS + 3660 * 10**9
    assert known.transfused_until_utc_ns == START_NS + 120 * 10**9
    last = log.at(START_NS + 200 * 10**9)
    assert last.transfused_until_utc_ns == START_NS + (180 + 12 * 3600) * 10**9
