"""A stay on a ward: cuffs, probes, people and staff as the ward's rates say, the same by seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import pytest

from edge_agent.model.durations import DAY_S
from simulators.habits.drawn_wards import draw_ward, shipped_wards
from simulators.habits.people import Traits
from simulators.habits.ward_habits import WardHabits
from simulators.habits.ward_stay import WardStay, stay_on, traits_on
from simulators.patients.cuff import cuff_times, is_cuff_off
from simulators.patients.cuff_faults import spoil_cuff
from simulators.patients.plan import CuffPlan, FaultKind, Plan, PlannedFault, Sensor
from simulators.patients.sensors import CHANNELS, spoil
from simulators.patients.vitals import Cuff

LENGTH_S = 14 * DAY_S
ROUTINE = (CuffPlan(0.0, 3600.0),)
CLOSE = (*ROUTINE, CuffPlan(5 * DAY_S, 900.0), CuffPlan(6 * DAY_S, 3600.0))
WARD = draw_ward(11)
SEEN_BY = {
    Sensor.ECG: {"heart_rate", "respiratory_rate"},
    Sensor.SPO2: {"spo2", "pulse_rate", "perfusion_index"},
    Sensor.TEMPERATURE: {"temperature"},
    Sensor.CUFF: set[str](),
    Sensor.ALL: {*CHANNELS},
}
CUFF_KINDS = {
    FaultKind.CUFF_DEEP: "cuff_deep_share",
    FaultKind.CUFF_HIGH: "cuff_high_share",
    FaultKind.CUFF_NARROW: "cuff_narrow_share",
    FaultKind.CUFF_SWAPPED: "cuff_swapped_share",
    FaultKind.CUFF_FAILED: "cuff_failed_share",
    FaultKind.CUFF_MISSED: "cuff_missed_share",
}


def with_rates(rates: Mapping[str, Any]) -> WardHabits:
    return replace(WARD, **rates)


def stay(
    ward: WardHabits = WARD,
    seed: int = 1,
    traits: Traits | None = None,
    needed: tuple[CuffPlan, ...] = ROUTINE,
) -> WardStay:
    return stay_on(ward, seed, traits or Traits(), LENGTH_S, needed)


def due_s(lived: WardStay) -> list[float]:
    return [*cuff_times(lived.added_to(Plan(LENGTH_S, ROUTINE)), 0.0, LENGTH_S)]


def faults_of(ward: WardHabits, stays: int) -> list[PlannedFault]:
    return [fault for seed in range(stays) for fault in stay(ward, seed).faults]


def per_day(faults: Iterable[PlannedFault], stays: int, kind: FaultKind, sensor: Sensor) -> float:
    found = [fault for fault in faults if (fault.kind, fault.sensor) == (kind, sensor)]
    return len(found) / stays / 14.0


def test_a_stay_is_its_ward_and_its_seed() -> None:
    assert stay() == stay()
    assert stay().faults != stay(seed=2).faults
    assert stay().faults != stay(draw_ward(12)).faults


def test_another_rate_of_the_cuff_leaves_the_probes_alone() -> None:
    other = stay(replace(WARD, cuff_deep_share=0.5))
    probes = [[f for f in s.faults if f.sensor is not Sensor.CUFF] for s in (stay(), other)]
    assert probes[0] == probes[1]
    assert stay().pains == other.pains


@pytest.mark.parametrize(("kind", "rate"), CUFF_KINDS.items())
def test_wrong_readings_are_as_often_as_the_ward_says(kind: FaultKind, rate: str) -> None:
    shares = dict.fromkeys(CUFF_KINDS.values(), 0.0) | {rate: 0.04}
    ward = with_rates({**shares, "cuff_retry_share": 0.0, "cuff_check_share": 0.0})
    lived = [stay(ward, seed) for seed in range(20)]
    odd = [fault for one in lived for fault in one.faults if fault.kind in CUFF_KINDS]
    assert {fault.kind for fault in odd} == {kind}
    due = sum(len(due_s(one)) for one in lived)
    assert len(odd) / due == pytest.approx(0.04, rel=0.15)


def test_every_wrong_reading_stands_at_a_reading() -> None:
    lived = stay()
    times = set(due_s(lived))
    odd = [fault for fault in lived.faults if fault.kind in CUFF_KINDS]
    assert odd
    assert {fault.from_s for fault in odd} <= times
    assert all(fault.to_s == fault.from_s + 1.0 for fault in odd)


def test_odd_readings_have_the_size_of_their_kind() -> None:
    sizes: dict[FaultKind, list[float]] = {kind: [] for kind in CUFF_KINDS}
    for fault in faults_of(replace(WARD, cuff_swapped_share=0.01), 10):
        if fault.kind in sizes:
            sizes[fault.kind].append(fault.size)
    assert all(-60 <= size <= -40 for size in sizes[FaultKind.CUFF_DEEP])
    assert all(40 <= size <= 60 for size in sizes[FaultKind.CUFF_HIGH])
    assert all(5 <= size < 15 for size in sizes[FaultKind.CUFF_NARROW])
    assert set(sizes[FaultKind.CUFF_SWAPPED]) == {0.0}


def test_a_failed_reading_is_repeated_in_three_minutes_and_an_odd_one_in_ten() -> None:
    ward = replace(WARD, cuff_retry_share=1.0, cuff_check_share=1.0, cuff_changes_per_day=0.0)
    for seed in range(5):
        lived = stay(ward, seed)
        times, requests = due_s(lived), set(lived.cuff_requests_s)
        for fault in lived.faults:
            again = [t for t in requests if fault.from_s < t <= fault.from_s + 600.0]
            if fault.kind is FaultKind.CUFF_FAILED and fault.from_s not in requests:
                assert min(again) - fault.from_s <= 180.0
            elif fault.kind is FaultKind.CUFF_DEEP and fault.from_s not in requests:
                assert again or times[-1] - fault.from_s < 600.0
        assert all(later - earlier >= 30.0 for earlier, later in pairwise(times))


def test_nobody_repeats_on_a_ward_that_never_does() -> None:
    assert stay(replace(WARD, cuff_retry_share=0.0, cuff_check_share=0.0)).cuff_requests_s == ()


def test_a_ward_measures_at_its_interval_and_changes_it() -> None:
    steady = replace(WARD, cuff_every_min=30.0, cuff_changes_per_day=0.0)
    parts = stay(steady).cuff
    assert [part.every_s for part in parts] == [1800.0]
    assert parts[0].from_s < 1800.0
    busy = [stay(replace(steady, cuff_changes_per_day=4.0), seed).cuff for seed in range(20)]
    changes = sum(len(parts) - 1 for parts in busy) / 20 / 14
    assert 2.0 < changes <= 4.2  # a change to what is set already is none


def test_care_that_calls_for_close_readings_gets_them() -> None:
    steady = replace(WARD, cuff_every_min=60.0, cuff_changes_per_day=0.0)
    assert [part.every_s for part in stay(steady, needed=CLOSE).cuff] == [3600.0, 900.0, 3600.0]
    quiet = replace(steady, cuff_changes_per_day=5.0, cuff_missed_share=0.0)
    for seed in range(20):
        times = np.array(due_s(stay(quiet, seed, needed=CLOSE)))
        inside = times[(times >= 5 * DAY_S) & (times < 6 * DAY_S)]
        assert np.diff(inside).max() <= 900.0


@pytest.mark.parametrize(
    ("kind", "sensor", "rate"),
    [
        (FaultKind.PROBE_OFF, Sensor.TEMPERATURE, "temperature_off_per_day"),
        (FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, "temperature_slipped_per_day"),
        (FaultKind.PROBE_WARMED, Sensor.TEMPERATURE, "temperature_warmed_per_day"),
        (FaultKind.PROBE_COOLED, Sensor.TEMPERATURE, "temperature_cooled_per_day"),
        (FaultKind.PROBE_FLAT, Sensor.SPO2, "spo2_flat_per_day"),
        (FaultKind.PROBE_OFF, Sensor.CUFF, "cuff_off_per_day"),
        (FaultKind.LOSS, Sensor.ALL, "disconnected_per_day"),
        (FaultKind.TRANSPORT, Sensor.ALL, "transport_per_day"),
    ],
)
def test_faults_are_as_often_as_the_ward_says(kind: FaultKind, sensor: Sensor, rate: str) -> None:
    ward = with_rates({"hand_share": 0.0, rate: 0.5})
    assert per_day(faults_of(ward, 40), 40, kind, sensor) == pytest.approx(0.5, rel=0.2)


def test_probes_come_off_at_the_wards_rate_in_the_median_patient() -> None:
    ward = replace(WARD, spo2_off_per_day=4.0, spo2_zero_share=0.0, leads_off_per_day=2.0)
    off = [
        Counter(f.sensor for f in stay(ward, seed).faults if f.kind is FaultKind.PROBE_OFF)
        for seed in range(60)
    ]
    assert median(count[Sensor.SPO2] for count in off) / 14 == pytest.approx(4.0, rel=0.35)
    assert median(count[Sensor.ECG] for count in off) / 14 == pytest.approx(2.0, rel=0.35)
    counts = [count[Sensor.SPO2] for count in off]
    assert max(counts) > 4 * min(counts)


def test_a_monitor_that_sends_zero_does_so_for_the_whole_stay() -> None:
    ward = replace(WARD, spo2_zero_share=0.5)
    kinds = [
        {f.kind for f in stay(ward, seed).faults if f.sensor is Sensor.SPO2}
        & {FaultKind.PROBE_OFF, FaultKind.PROBE_ZERO}
        for seed in range(40)
    ]
    assert all(len(kind) == 1 for kind in kinds)
    assert 10 < sum(FaultKind.PROBE_ZERO in kind for kind in kinds) < 30


def test_a_patient_without_a_probe_has_no_faults_of_one() -> None:
    ward = replace(WARD, hand_share=1.0)
    found = [f for f in stay(ward).faults if f.sensor is Sensor.TEMPERATURE]
    assert found == [PlannedFault(FaultKind.NO_PROBE, Sensor.TEMPERATURE, 0.0, LENGTH_S)]
    kinds = {f.kind for f in stay(replace(WARD, hand_share=0.0)).faults}
    assert FaultKind.NO_PROBE not in kinds


def test_faults_of_the_whole_monitor_hide_all_others() -> None:
    sensors = [fault.sensor for fault in stay(replace(WARD, transport_per_day=1.0)).faults]
    assert Sensor.ALL not in sensors[: sensors.index(Sensor.ALL)]
    assert {*sensors[sensors.index(Sensor.ALL) :]} == {Sensor.ALL}


def test_people_are_as_peculiar_as_the_ward_says() -> None:
    names = ("low_pressure", "fast_heart", "anaemia", "apnoea", "pacemaker")
    ward = with_rates({f"{name}_share": 0.3 for name in names})
    found = [traits_on(ward, seed, is_child=False) for seed in range(600)]
    counts = Counter(name for traits in found for name in traits.names)
    assert all(counts[name] / 600 == pytest.approx(0.3, abs=0.06) for name in names)
    for traits in found:
        assert ("low_pressure" in traits.names) == (traits.systolic is not None)
        assert ("apnoea" in traits.names) == (traits.dips_a_night is not None)
        assert ("pacemaker" in traits.names) == bool(traits.paced_per_min)
        assert traits.heart_rate_added > 0 or not {"fast_heart", "anaemia"} & {*traits.names}
    children = [traits_on(ward, seed, is_child=True) for seed in range(100)]
    assert not any({"low_pressure", "pacemaker"} & {*traits.names} for traits in children)


def test_the_shipped_wards_have_faults_every_day() -> None:
    for ward in shipped_wards("tune"):
        long = [f for f in faults_of(ward, 4) if f.kind not in {FaultKind.MOTION, *CUFF_KINDS}]
        assert len(long) / 4 / 14 > 0.8, ward.name


def test_a_body_of_another_make_can_lie_on_a_ward() -> None:
    """Faults need readings alone: here those of a body that never changes."""
    lived = stay(replace(WARD, hand_share=0.0, cuff_deep_share=0.02))
    day_s = int(DAY_S)
    shown = {name: np.full(day_s, 50.0, np.float32) for name in CHANNELS}
    spoil(shown, 0, lived.faults)
    for name, values in shown.items():
        spans = [
            (fault.from_s, fault.to_s) for fault in lived.faults if name in SEEN_BY[fault.sensor]
        ]
        seconds = np.arange(day_s)
        inside = np.zeros(day_s, np.bool_)
        for begin, end in spans:
            inside |= (seconds >= begin) & (seconds < end)
        assert (values != 50.0).any()
        assert not (values != 50.0)[~inside].any()
    steady = [Cuff(120, 90, 75, at_s) for at_s in due_s(lived)]
    taken = [c for c in steady if not is_cuff_off(lived.faults, c.measured_at_s)]
    odd = [c for c in taken if spoil_cuff(c, lived.faults) != c]
    assert 0 < len(odd) < len(taken) < len(steady)
