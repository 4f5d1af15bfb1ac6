"""The truth of simulated patients as the scoring needs it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.stays.truth import ground_of
from edge_agent.model.durations import HOUR_S
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.patient import Patient
from simulators.patients.plan import TreatmentKind
from simulators.patients.truth import truth_of

THERAPY = {TreatmentKind.ANTIPYRETIC, TreatmentKind.TOCILIZUMAB, TreatmentKind.STEROID}
SPEC = load_cohort("train")


@pytest.mark.parametrize("number", range(12))
def test_episodes_begin_with_their_drift_and_reach_the_grade_that_is_true(number: int) -> None:
    patient = SPEC.patient(number).patient
    ground, truth = ground_of(patient, patient.seed), truth_of(patient)
    assert len(ground.episodes) == len(truth.of("crs"))
    for episode, span in zip(ground.episodes, truth.of("crs"), strict=True):
        window = episode.window
        assert window.drift_s < window.onset_s == span.from_s
        assert window.end_s == span.from_s + 12 * HOUR_S
        assert 0.5 <= episode.ramp_h <= 25
        minute = int(window.onset_s // 60)
        assert ground.grade[minute] >= 1
        if episode.limb_s is not None:
            assert ground.grade[int(episode.limb_s // 60)] >= 2
            assert (ground.grade[minute : int(episode.limb_s // 60)] < 2).all()
    assert int(ground.grade.max()) == truth.worst_grade
    in_crs = ground.grade > 0
    assert (ground.grade_if_crs[in_crs] == ground.grade[in_crs]).all()
    minutes = np.arange(ground.grade.size, dtype=np.float64) * 60.0
    febrile = ground.fever.hold(minutes)
    assert (ground.grade_if_crs[febrile] >= 1).all()
    treated = [t.at_s for t in patient.plan.treatments if t.kind in THERAPY]
    before = minutes < min(treated, default=np.inf)
    assert (ground.grade_if_crs[before & ~febrile & ~in_crs] == 0).all()
    assert ground.grade.size == round(patient.plan.length_s / 60)


def test_the_rise_to_a_fever_is_no_fever() -> None:
    patients = [SPEC.patient(number).patient for number in range(12)]
    for patient in patients:
        ground = ground_of(patient, patient.seed)
        for begin, end in ground.rising.pairs():
            between = np.linspace(begin + 1.0, end - 1.0, 20)
            assert not ground.fever.hold(between).any()
            assert ground.fever.hold(np.array([end + 1.0])).all()


def test_windows_of_chance_lie_in_stays_without_crs_and_follow_the_seed() -> None:
    seen = 0
    for number in range(24):
        patient = SPEC.patient(number).patient
        ground = ground_of(patient, patient.seed)
        again = ground_of(patient, patient.seed)
        assert ground.chance_windows == again.chance_windows
        if ground.episodes:
            assert ground.chance_windows == ()
        for window in ground.chance_windows:
            seen += 1
            assert 0 <= window.drift_s < window.onset_s < window.end_s <= patient.plan.length_s
    assert seen > 10


def test_an_episode_whose_window_the_end_cuts_off_is_not_counted() -> None:
    patient = next(m.patient for m in map(SPEC.patient, range(12)) if m.grade)
    onset_s = truth_of(patient).of("crs")[0].from_s
    for length_s, count in ((onset_s + 11 * HOUR_S, 0), (onset_s + 12 * HOUR_S, 1)):
        plan = replace(patient.plan, length_s=length_s)
        ground = ground_of(Patient(patient.person, plan, patient.seed), patient.seed)
        assert len(ground.episodes) == count
        assert ground.crs.starts_s.size == 1
        assert ground.chance_windows == ()
