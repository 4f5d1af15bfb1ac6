"""Entries that hold what they may pass; of every other the value and what is allowed are said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from edge_agent.model.clock import LATEST_UTC_NS
from edge_agent.model.entry_bounds import RANGES_OF_ADULT
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.entry_check import BY_HAND, RANGES, SPOT_SITES, check_entry, remarks
from edge_agent.patient.onset import ONSETS
from edge_agent.recorded.moments import CODE_OF
from edge_agent.vitals.canonical import KINDS
from tests.support.patient_entries import an_entry

GOOD = [
    ("admitted", "", {"bed_id": "bed-01"}),
    ("transferred", "", {"bed_id": "bed-02"}),
    ("discharged", "", {}),
    ("infusion", "axi-cel", {}),
    ("infusion", "unknown", {}),
    ("age", "", {"amount": 64.5}),
    ("weight", "", {"amount": 70, "unit": "kg"}),
    ("baseline", "nibp_systolic", {"amount": 128, "unit": "mm[Hg]"}),
    ("baseline", "art_mean", {"amount": 80}),
    ("oxygen", "nasal cannula", {"amount": 2, "until_h": 1}),
    ("oxygen", "cpap", {}),
    ("oxygen", "air", {}),
    ("vasopressor", "noradrenaline", {"amount": 0.1, "unit": "ug/kg/min", "until_h": 2}),
    ("vasopressor", "none", {}),
    ("antipyretic", "paracetamol", {"amount": 1, "unit": "g"}),
    ("tocilizumab", "", {"amount": 8, "unit": "mg/kg"}),
    ("steroid", "none", {}),
    ("fluids", "", {"amount": 0.5}),
    ("transfusion", "platelets", {"until_h": 1}),
    ("procedure", "pain", {}),
    ("cooling", "", {"until_h": 1}),
    ("spot", "temperature", {"amount": 38.2, "site": "axillary", "unit": "Cel"}),
    ("spot", "spo2", {"amount": 96}),
    ("consciousness", "C", {}),
    ("ice", "", {"amount": 0}),
    ("ice", "", {"amount": 10.0}),
    ("symptom", "chills", {}),
    ("flag", "hypercapnic", {}),
    ("lab", "crp", {"amount": 88, "unit": "mg/L"}),
    ("crs", "ruled_out", {}),
    ("away", "ct", {"until_h": 4}),
    ("away", "other", {"until_h": 0}),
    ("ice", "", {"corrects": "e-0", "is_void": True}),
]
WRONG = [
    ("away", "ct", {}, "until_utc_ns is missing; want an end within 4 h"),
    (
        "away",
        "ct",
        {"until_h": 4.5},
        "until_utc_ns is 4.5 h after the start; want 4 h at most",
    ),
    (
        "away",
        "lunch",
        {"until_h": 1},
        "name 'lunch'; want 'ct', 'other', 'shower', 'therapy', 'transport'",
    ),
    ("admitted", "", {}, "bed_id is missing; want the bed"),
    (
        "discharged",
        "",
        {"bed_id": "bed-01"},
        "bed_id 'bed-01'; want none, only admission and transfer name a bed",
    ),
    ("discharged", "home", {}, "name 'home'; want "),
    (
        "infusion",
        "",
        {},
        "name ''; want its name, up to 40 plain characters, or 'unknown'",
    ),
    (
        "vasopressor",
        "",
        {},
        "name ''; want its name, up to 40 plain characters, or 'none'",
    ),
    ("transfusion", "x" * 41, {}, f"name {'x' * 41!r}; want its name, up to 40 plain"),
    ("age", "", {}, "amount is missing; want 0 to 120"),
    ("age", "", {"amount": 200}, "amount 200; want 0 to 120"),
    ("weight", "", {"amount": 70, "unit": "g"}, "unit 'g'; want none, 'kg'"),
    ("baseline", "nibp_systolic", {"amount": 20}, "amount 20; want 30 to 250"),
    ("baseline", "spo2", {"amount": 97, "unit": "kPa"}, "unit 'kPa'; want none, '%'"),
    ("oxygen", "nasal", {}, "name 'nasal'; want 'air', 'bipap', 'blow-by', 'cpap', 'face mask'"),
    ("oxygen", "air", {"amount": 2}, "amount 2; want none"),
    ("oxygen", "nasal cannula", {"amount": 200}, "amount 200; want 0 to 100"),
    ("vasopressor", "adrenaline", {"unit": "\u00b5g/min"}, "want up to 16 plain characters"),
    ("vasopressor", "none", {"until_h": 1}, "want none, it has no end"),
    ("spot", "temperature", {"amount": 38.2, "site": "toe"}, "site 'toe'; want none, 'axillary'"),
    ("spot", "spo2", {"amount": 96, "site": "oral"}, "site 'oral'; want none"),
    ("oxygen", "cpap", {"site": "oral"}, "site 'oral'; want none"),
    ("consciousness", "X", {}, "name 'X'; want 'A', 'C', 'P', 'U', 'V'"),
    ("ice", "", {"amount": 11}, "amount 11; want 0 to 10"),
    ("ice", "", {"amount": 7.5}, "amount 7.5; want whole points, 0 to 10"),
    ("ice", "good", {"amount": 7}, "name 'good'; want "),
    ("symptom", "Mrs Miller is cold", {}, "name 'Mrs Miller is cold'; want 'aphasia', 'chills'"),
    ("symptom", "chills", {"amount": 3}, "amount 3; want none"),
    ("lab", "crp", {"amount": 5}, "unit ''; want 'mg/L', 'mg/dL'"),
    ("antipyretic", "paracetamol", {"until_h": 1}, "want none, it has no end"),
    ("crs", "maybe", {}, "name 'maybe'; want 'confirmed', 'ruled_out'"),
    ("discharged", "", {"is_void": True}, "is_void without corrects"),
    ("discharged", "", {"corrects": "e-1"}, "corrects 'e-1'; an entry cannot correct itself"),
    ("discharged", "", {"at_h": -1e6}, "want nanoseconds since 1970, UTC"),
    ("vasopressor", "5", {}, "name '5'; want its name, up to 40 plain characters, or 'none'"),
    ("age", "", {"amount": 5, "entered_utc_ns": -1}, "entered_utc_ns -1; want nanoseconds"),
    ("age", "", {"amount": 5, "corrects": "e\x00"}, "corrects 'e\\x00'; want 1 to 160 printable"),
    ("age", "", {"amount": 5, "by": "a" * 81}, "want who enters it, 1 to 80 characters"),
    ("age", "", {"amount": 5, "by": "\u200b"}, "by '\\u200b'; want who enters it"),
    ("ice", "", {"corrects": "e-0", "is_void": True, "unit": "x" * 161}, "want at most 160"),
    ("ice", "", {"corrects": "e-0", "is_void": True, "site": "\x1b[2J"}, "site '\\x1b[2J'; want"),
]


@pytest.mark.parametrize("field", ["at_utc_ns", "until_utc_ns", "entered_utc_ns"])
def test_a_time_is_one_that_can_be_counted_on_from(field: str) -> None:
    def dated(utc_ns: int) -> PatientEntry:
        times: dict[str, Any] = {"until_utc_ns": utc_ns, field: utc_ns}
        return replace(an_entry("e-1", "procedure", "pain"), **times)

    assert check_entry(dated(LATEST_UTC_NS)) == []
    late_ns = LATEST_UTC_NS + 1
    wrong = "; ".join(check_entry(dated(late_ns)))
    assert f"{field} {late_ns}; want nanoseconds since 1970" in wrong


@pytest.mark.parametrize(("kind", "name", "more"), GOOD)
def test_a_right_entry_passes(kind: str, name: str, more: dict[str, Any]) -> None:
    assert check_entry(an_entry("e-1", kind, name, **more)) == []


@pytest.mark.parametrize(("kind", "name", "more", "message"), WRONG)
def test_a_wrong_entry_is_told_what_is_wrong(
    kind: str, name: str, more: dict[str, Any], message: str
) -> None:
    (wrong,) = check_entry(an_entry("e-1", kind, name, **more))
    assert message in wrong


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = check_entry(an_entry("e-1", "baseline", "pulse", unit="bpm", site="arm"))
    assert [w.partition(" ")[0] for w in wrong] == ["name", "amount", "unit", "site"]
    assert wrong[1] == "amount is missing; want a number"
    (name,) = check_entry(an_entry("e-1", "spot", "art_mean", amount=80))
    assert name.startswith("name 'art_mean'; want 'etco2'")
    (name,) = check_entry(an_entry("e-1", "baseline", "pulse", amount=80))
    assert name.startswith("name 'pulse'; want 'art_diastolic'")
    (name,) = check_entry(an_entry("e-1", "lab", "sodium", amount=140, unit="mmol/L"))
    assert name.startswith("name 'sodium'; want 'creatinine'")


@pytest.mark.parametrize("patient_id", ["", "Maria Miller", "P" * 33, "p.1", "p/1", "P1\n"])
def test_a_patient_is_a_pseudonym_and_never_a_name(patient_id: str) -> None:
    (wrong,) = check_entry(an_entry("e-1", "discharged", patient_id=patient_id))
    assert wrong.startswith(f"patient_id of {len(patient_id)} characters; want a pseudonym")


@pytest.mark.parametrize("entry_id", ["", "e\n1", "e" * 161])
def test_an_entry_has_an_id(entry_id: str) -> None:
    (wrong,) = check_entry(an_entry(entry_id, "discharged", corrects="e-0"))
    assert wrong.startswith(f"entry_id {entry_id!r}; want")


def test_a_product_that_is_not_known_is_allowed_and_said() -> None:
    assert remarks(an_entry("e-1", "infusion", "axi-cel")) == []
    assert remarks(an_entry("e-1", "discharged")) == []
    assert remarks(an_entry("e-1", "infusion", corrects="e-0", is_void=True)) == []
    (remark,) = remarks(an_entry("e-1", "infusion", "new-cel"))
    assert remark == (
        "product 'new-cel': its usual time of onset is not known; known: " + ", ".join(ONSETS)
    )


@pytest.mark.parametrize("product", ONSETS)
def test_a_product_whose_onset_is_used_is_called_known(product: str) -> None:
    assert remarks(an_entry("e-1", "infusion", product)) == []


def test_a_weight_is_accepted_with_a_remark() -> None:
    assert check_entry(an_entry("e-1", "weight", amount=71.5)) == []
    assert remarks(an_entry("e-1", "weight", amount=71.5)) == [
        "weight: it is stored; nothing is computed from it"
    ]
    assert remarks(an_entry("e-1", "weight", corrects="e-0", is_void=True)) == []


def test_what_is_believed_of_a_person_is_what_is_believed_of_a_monitor() -> None:
    for kind, row in KINDS.items():
        assert RANGES[kind] == (row.lowest_at(0.0), row.highest_at(0.0))
        assert RANGES_OF_ADULT.get(kind, RANGES[kind]) == (row.lowest, row.highest)


def test_every_vital_taken_by_hand_has_a_code_at_each_site() -> None:
    for kind in BY_HAND:
        for site in SPOT_SITES.get(kind, ("",)):
            assert (kind, site) in CODE_OF


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_has_a_right_and_a_wrong_entry_here(kind: EntryKind) -> None:
    assert kind.value in {row[0] for row in GOOD}
    assert check_entry(an_entry("e-1", kind.value, "\u00fc"))


def test_every_vital_has_a_range() -> None:
    assert set(RANGES) == set(VitalKind)
