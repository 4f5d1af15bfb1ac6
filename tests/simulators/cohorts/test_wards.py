"""The same patients on other wards, in both physiologies; older cohorts are what they were."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.evaluate.stays.truth import ground_of
from edge_agent.model.errors import ConfigError
from edge_agent.patient.entry_check import check_entry
from simulators.cohorts.cohort import CohortSpec, PhysiologyName
from simulators.cohorts.cohort_file import format_cohort, load_cohort, parse_cohort
from simulators.cohorts.cohort_store import write_cohort
from simulators.habits.drawn_wards import draw_ward, shipped_wards
from simulators.habits.people import Traits
from simulators.patients.context import patient_entries
from simulators.patients.cuff import is_cuff_off
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.picture import draw_png
from simulators.patients.plan import FaultKind, PlannedFault, Sensor
from simulators.patients.sensors import spoil
from simulators.patients.truth import truth_of

PLAIN = replace(load_cohort("test"), name="small", patients=12, days=2.0)
BLOCKS = 8
HOUR_S = 3600.0
ODD = {
    FaultKind.CUFF_DEEP,
    FaultKind.CUFF_HIGH,
    FaultKind.CUFF_NARROW,
    FaultKind.CUFF_SWAPPED,
}
CURVES, SETPOINT = PhysiologyName.CURVES, PhysiologyName.SETPOINT
UNCHANGED = {
    (CURVES, None): "6582b138e1755e45f324dc23c5538b5a0f81f3d22201610f1d4d44e98753b225",
    (CURVES, 3): "dbd5b739e2e843c2a17d01a798ca26ce5723fab54b36b68446ac2c830fc5932b",
    (SETPOINT, None): "b3c465052e7f42b1a3e647e55b51157173c0f9df7f42d60db0cd7c65bd329973",
}
"""Digests of `PLAIN` without wards, and on one before the second physiology lay there."""
WARD = draw_ward(3)
both = pytest.mark.parametrize("physiology", PhysiologyName)


def on(seed: int, physiology: PhysiologyName = CURVES) -> CohortSpec:
    return replace(PLAIN, ward=draw_ward(seed), physiology=physiology)


def signs_of(patient: Patient, number: int) -> bytes:
    samples = patient.block(number)
    tenths = [
        np.nan_to_num(np.round(samples.channels[name].astype(float) * 10), nan=-1)
        for name in sorted(samples.channels)
    ]
    return b"".join(values.astype(np.int32).tobytes() for values in tenths)


def cuffs_of(patient: Patient, number: int) -> list[tuple[int, int, int, int]]:
    found = patient.block(number).cuffs
    return [(c.systolic, c.mean, c.diastolic, round(c.measured_at_s)) for c in found]


def digest(spec: CohortSpec) -> str:
    found = hashlib.sha256(format_cohort(spec).encode())
    for number in range(spec.patients):
        patient = spec.patient(number).patient
        for block in range(0, BLOCKS, 3 if number else 1):
            found.update(signs_of(patient, block))
            found.update(repr(cuffs_of(patient, block)).encode())
        # what was drawn decides it; the grade under a condition follows from the rest
        spans = [span for span in truth_of(patient).spans if span.what != "grade_if_crs"]
        rounded = [(t.what, round(t.from_s), round(t.to_s), round(t.value, 2)) for t in spans]
        found.update(repr(rounded).encode())
        entries = [
            (e.kind.value, e.at_utc_ns // 10**9, e.name, e.amount, e.entered_utc_ns // 10**9)
            for e in patient_entries(patient, 0, spec.patient(number).events())
        ]
        found.update(repr(entries).encode())
    return found.hexdigest()


@pytest.mark.parametrize(("physiology", "ward"), UNCHANGED)
def test_older_cohorts_are_what_they_were(physiology: PhysiologyName, ward: int | None) -> None:
    spec = replace(PLAIN, physiology=physiology)
    spec = spec if ward is None else replace(spec, ward=draw_ward(ward))
    assert digest(spec) == UNCHANGED[physiology, ward]


@both
def test_a_cohort_is_its_seed_and_its_ward(physiology: PhysiologyName) -> None:
    assert digest(on(3, physiology)) == digest(on(3, physiology))
    assert digest(on(3, physiology)) != digest(on(4, physiology))


@both
def test_another_ward_has_the_same_people_with_other_faults(physiology: PhysiologyName) -> None:
    for number in range(PLAIN.patients):
        here, there = on(3, physiology).patient(number), on(4, physiology).patient(number)
        plain = replace(PLAIN, physiology=physiology).patient(number)
        assert here.grade == there.grade == plain.grade
        assert here.patient.seed == there.patient.seed == plain.patient.seed
        assert here.patient.plan.faults != there.patient.plan.faults
        assert {*plain.marks} <= {*here.marks}
        onsets = [
            [(illness.cause, illness.onset_s) for illness in one.patient.plan.illnesses]
            for one in (here, there, plain)
        ]
        assert onsets[0] == onsets[1] == onsets[2]


@both
@pytest.mark.parametrize(("seed", "number"), [(5, 1), (21, 3), (22, 8)])
def test_readings_differ_from_a_clean_stay_in_the_spans_of_faults_alone(
    seed: int, number: int, physiology: PhysiologyName
) -> None:
    """Take the faults away: every value outside their spans stays."""
    member = on(seed, physiology).patient(number)
    dirty_plan = member.patient.plan
    clean = Patient(
        member.patient.person,
        replace(dirty_plan, faults=()),
        member.patient.seed,
        member.patient.physiology,
    )
    odd = [fault for fault in dirty_plan.faults if fault.kind in ODD]
    hit = 0
    for block in range(BLOCKS):
        dirty, bare = member.patient.block(block), clean.block(block)
        touched = {name: values.copy() for name, values in bare.channels.items()}
        spoil(touched, block * BLOCK_S, dirty_plan.faults)
        for name, values in touched.items():
            assert np.array_equal(values, dirty.channels[name], equal_nan=True)
            hit += not np.array_equal(values, bare.channels[name], equal_nan=True)
        whole = {cuff.measured_at_s: cuff for cuff in bare.cuffs}
        for cuff in dirty.cuffs:
            is_odd = any(_holds(fault, cuff.measured_at_s) for fault in odd)
            assert is_odd == (cuff != whole[cuff.measured_at_s])
        shown = {cuff.measured_at_s for cuff in dirty.cuffs}
        assert all(is_cuff_off(dirty_plan.faults, at_s) for at_s in whole.keys() - shown)
    assert hit


def _holds(fault: PlannedFault, at_s: float) -> bool:
    return fault.from_s <= at_s < fault.to_s


@both
def test_every_fault_is_a_span_of_the_truth(physiology: PhysiologyName) -> None:
    member = on(6, physiology).patient(2)
    told = [span for span in truth_of(member.patient).spans if span.what.startswith("fault:")]
    planned = {(f"fault:{f.kind}:{f.sensor}", f.from_s, f.to_s) for f in member.patient.plan.faults}
    assert {(span.what, span.from_s, span.to_s) for span in told} == planned
    assert member.stay is not None
    assert {*member.stay.faults} <= {*member.patient.plan.faults}


def test_probes_are_at_the_sites_of_the_ward() -> None:
    ear = replace(draw_ward(3), probe_bladder=0.0, probe_oesophageal=0.0)
    spec = replace(PLAIN, ward=ear)
    sites = {spec.patient(number).patient.person.temperature_site for number in range(12)}
    assert sites == {"tympanic"}
    other = replace(PLAIN, ward=replace(ear, probe_tympanic=0.1, probe_bladder=0.6))
    found = [other.patient(number).patient.person.temperature_site for number in range(12)]
    assert found.count("bladder") > 6


@both
@pytest.mark.untraced
def test_every_entry_on_a_ward_is_right(physiology: PhysiologyName) -> None:
    for ward in shipped_wards("tune"):
        spec = replace(PLAIN, ward=ward, physiology=physiology)
        for number in range(4):
            member = spec.patient(number)
            entries = patient_entries(member.patient, 10**18, member.events())
            assert not [wrong for entry in entries for wrong in check_entry(entry)]
            assert len({entry.entry_id for entry in entries}) == len(entries)


@both
def test_a_patient_without_a_probe_shows_no_temperature(physiology: PhysiologyName) -> None:
    by_hand = replace(on(3, physiology), ward=replace(draw_ward(3), hand_share=1.0))
    member = by_hand.patient(0)
    assert np.isnan(member.patient.block(1).channels["temperature"]).all()
    assert [event for event in member.events() if event.kind == "spot"]
    assert draw_png(member.patient, "by hand").startswith(b"\x89PNG")


@both
def test_a_pressure_that_is_low_for_life_is_not_hypotension(physiology: PhysiologyName) -> None:
    ward = replace(draw_ward(3), low_pressure_share=1.0)
    low = replace(on(3, physiology), ward=ward, confounders={})
    seen = 0
    for number in range(PLAIN.patients):
        member = low.patient(number)
        if member.grade or member.patient.person.is_child:
            continue
        seen += 1
        assert member.patient.person.baseline.systolic <= 104
        assert truth_of(member.patient).of("hypotension") == ()
        assert member.patient.course(np.array([HOUR_S])).systolic[0] < 112
    assert seen


def test_a_low_pressure_for_life_moves_no_other_limit() -> None:
    for name in ("test", "train", "tune"):
        spec = load_cohort(name)
        for number in range(60):
            person = spec.patient(number).patient.person
            by_age = 90.0 if person.age_years > 10 else 70.0 + 2.0 * person.age_years
            assert person.hypotension_limit == pytest.approx(by_age)
    adult = load_cohort("test").patient(0).patient.person
    assert Traits(systolic=96.0).of(adult).hypotension_limit == pytest.approx(82.56)


@both
@pytest.mark.untraced
def test_crs_on_a_ward_reaches_the_grade_it_was_drawn_for(physiology: PhysiologyName) -> None:
    low = replace(draw_ward(3), low_pressure_share=1.0, fast_heart_share=1.0)
    spec = replace(load_cohort("tune"), confounders={}, faults=0.0, physiology=physiology)
    spec = replace(spec, ward=low)
    for number in range(40):
        member = spec.patient(number)
        onset_s = truth_of(member.patient).first("crs")
        if member.grade and onset_s is not None and onset_s < 9 * 86_400:
            assert truth_of(member.patient).worst_grade == member.grade


@both
def test_a_cohort_file_names_its_ward_and_its_physiology(physiology: PhysiologyName) -> None:
    for ward in (shipped_wards("test")[0], draw_ward(99)):
        spec = replace(PLAIN, ward=ward, physiology=physiology)
        assert parse_cohort(format_cohort(spec), "x") == spec
    with pytest.raises(ConfigError, match="want one of tune-01"):
        parse_cohort(format_cohort(on(3)).replace("seed-3", "nowhere"), "x")


def test_the_file_of_a_cohort_on_a_ward_says_when_entries_were_made(tmp_path: Path) -> None:
    spec = replace(on(3), patients=2, days=1.0)
    list(write_cohort(spec, tmp_path, 1))
    entered = pq.read_table(tmp_path / "context.parquet").to_pylist()
    expected = [event.entered_s for n in range(2) for event in spec.patient(n).events()]
    assert [row["entered"] for row in entered] == expected
    kinds = {row["what"] for row in pq.read_table(tmp_path / "truth.parquet").to_pylist()}
    assert f"fault:{FaultKind.MOTION}:{Sensor.SPO2}" in kinds


def test_a_body_on_a_ward_feels_each_pain_once_and_has_the_wards_traits() -> None:
    ward = replace(draw_ward(3), fast_heart_share=1.0, pain_per_day=3.0)
    for number in range(4):
        spec = replace(PLAIN, physiology=SETPOINT, confounders={})
        plain, there = spec.patient(number), replace(spec, ward=ward).patient(number)
        assert there.stay is not None
        pains = truth_of(there.patient).of("confounder:pain")
        planned = sorted((pain.from_s, pain.to_s) for pain in there.stay.pains)
        assert [(pain.from_s, pain.to_s) for pain in pains] == planned
        assert planned
        assert "fast_heart" in there.marks
        t = np.array([0.5 * (begin + end) for begin, end in planned])
        more = there.patient.course(t).heart_rate - plain.patient.course(t).heart_rate
        assert plain.patient.person.heart_rate_response == 0.0 or (more > 12.0).all()
        assert (there.patient.course(t).systolic > plain.patient.course(t).systolic).all()


@both
def test_chance_has_the_same_windows_on_a_ward(physiology: PhysiologyName) -> None:
    spec = replace(PLAIN, physiology=physiology, no_crs=1.0, days=14.0)
    spec = replace(spec, crs_grade_1=0.0, crs_grade_2=0.0, crs_grade_3_4=0.0, confounders={})
    for number in range(3):
        plain, there = (one.patient(number).patient for one in (spec, replace(spec, ward=WARD)))
        windows = ground_of(plain, plain.seed).chance_windows
        assert windows
        assert ground_of(there, there.seed).chance_windows == windows
