"""Each fault of a ward does what its span says to readings, and nothing outside it."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.patients.cuff import is_cuff_off
from simulators.patients.cuff_faults import scattered, spoil_cuff
from simulators.patients.placed_chance import PlacedChance
from simulators.patients.plan import FaultKind, PlannedFault, Sensor
from simulators.patients.sensors import CHANNELS, Float32, pace, spoil
from simulators.patients.vitals import Cuff

USUAL = {
    "heart_rate": 80.0,
    "pulse_rate": 80.0,
    "spo2": 97.0,
    "perfusion_index": 3.0,
    "respiratory_rate": 16.0,
    "temperature": 37.0,
}
FROM_S, SECONDS = 21_600, 7200
OXIMETER = {"spo2", "pulse_rate", "perfusion_index"}
CUFF = Cuff(120, 90, 75, 5000.0)


def channels() -> dict[str, Float32]:
    return {name: np.full(SECONDS, USUAL[name], np.float32) for name in CHANNELS}


def spoiled(kind: FaultKind, sensor: Sensor, size: float = 0.0) -> dict[str, Float32]:
    """Return the signs with one fault from second 1000 to 5000."""
    values = channels()
    spoil(values, FROM_S, [PlannedFault(kind, sensor, FROM_S + 1000.0, FROM_S + 5000.0, size)])
    return values


@pytest.mark.parametrize(
    ("kind", "sensor", "size", "hit"),
    [
        (FaultKind.PROBE_OFF, Sensor.SPO2, 0.0, OXIMETER),
        (FaultKind.PROBE_ZERO, Sensor.SPO2, 0.0, OXIMETER),
        (FaultKind.PROBE_FLAT, Sensor.SPO2, 0.0, OXIMETER),
        (FaultKind.MOTION, Sensor.SPO2, 0.0, {"pulse_rate", "perfusion_index"}),
        (FaultKind.MOTION, Sensor.SPO2, 80.0, OXIMETER),
        (FaultKind.PROBE_OFF, Sensor.ECG, 0.0, {"heart_rate", "respiratory_rate"}),
        (FaultKind.PROBE_OFF, Sensor.TEMPERATURE, 0.0, {"temperature"}),
        (FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, 3.0, {"temperature"}),
        (FaultKind.PROBE_WARMED, Sensor.TEMPERATURE, 0.8, {"temperature"}),
        (FaultKind.PROBE_COOLED, Sensor.TEMPERATURE, 3.0, {"temperature"}),
        (FaultKind.NO_PROBE, Sensor.TEMPERATURE, 0.0, {"temperature"}),
        (FaultKind.LOSS, Sensor.ALL, 0.0, {*CHANNELS}),
        (FaultKind.TRANSPORT, Sensor.ALL, 0.0, {*CHANNELS}),
    ],
)
def test_a_fault_touches_its_signals_in_its_span_alone(
    kind: FaultKind, sensor: Sensor, size: float, hit: set[str]
) -> None:
    values = spoiled(kind, sensor, size)
    for name, before in channels().items():
        changed = np.flatnonzero(values[name] != before)
        if name not in hit:
            assert changed.size == 0, name
        else:
            assert 1000 <= changed.min() < 1100
            assert 4900 < changed.max() < 5000


def test_a_slipped_probe_settles_and_is_put_back() -> None:
    warm = spoiled(FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, 3.0)["temperature"]
    assert warm[1480] == pytest.approx(37 - 3 * 0.632, abs=0.06)
    assert warm[4999] == pytest.approx(34.0, abs=0.06)
    assert warm[5000] == 37.0
    assert np.all(np.diff(warm[1000:5000]) <= 0)


@pytest.mark.parametrize(
    ("kind", "size", "middle"),
    [(FaultKind.PROBE_WARMED, 0.8, 37.8), (FaultKind.PROBE_COOLED, 3.0, 34.0)],
)
def test_a_warmed_or_cooled_probe_follows_within_ten_minutes(
    kind: FaultKind, size: float, middle: float
) -> None:
    warm = spoiled(kind, Sensor.TEMPERATURE, size)["temperature"]
    assert warm[1600:4400] == pytest.approx(middle, abs=0.06)
    assert abs(warm[1300] - 37.0) == pytest.approx(size / 2, abs=0.06)


def test_a_fault_that_spans_two_blocks_is_one_fault() -> None:
    fault = PlannedFault(FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, 1000.0, 5000.0, 3.0)
    whole, first, second = channels(), channels(), channels()
    spoil(whole, 0, [fault])
    spoil(first, -3000, [fault])
    spoil(second, 4200, [fault])
    joined = np.concatenate((first["temperature"][3000:], second["temperature"]))
    assert np.array_equal(joined[:SECONDS], whole["temperature"])


def cuff_with(kind: FaultKind, size: float = 0.0, at_s: float = CUFF.measured_at_s) -> Cuff:
    return spoil_cuff(CUFF, [PlannedFault(kind, Sensor.CUFF, at_s, at_s + 1.0, size)])


@pytest.mark.parametrize(
    ("kind", "size", "systolic", "diastolic"),
    [
        (FaultKind.CUFF_DEEP, -50.0, 70, 45),
        (FaultKind.CUFF_DEEP, -110.0, 30, 9),
        (FaultKind.CUFF_HIGH, 50.0, 170, 105),
        (FaultKind.CUFF_NARROW, 8.0, 120, 112),
        (FaultKind.CUFF_SWAPPED, 0.0, 75, 120),
    ],
)
def test_a_fault_of_the_cuff_changes_its_reading_and_no_other(
    kind: FaultKind, size: float, systolic: int, diastolic: int
) -> None:
    odd = cuff_with(kind, size)
    assert (odd.systolic, odd.diastolic, odd.measured_at_s) == (systolic, diastolic, 5000.0)
    assert min(systolic, diastolic) <= odd.mean <= max(systolic, diastolic)
    assert cuff_with(kind, size, at_s=5001.0) == CUFF
    assert cuff_with(kind, size, at_s=4999.0) == CUFF


@pytest.mark.parametrize("kind", [FaultKind.CUFF_FAILED, FaultKind.CUFF_MISSED])
def test_a_failed_or_missed_reading_is_not_there(kind: FaultKind) -> None:
    faults = [PlannedFault(kind, Sensor.CUFF, 5000.0, 5001.0)]
    assert [is_cuff_off(faults, at_s) for at_s in (4999.9, 5000.0, 5001.0)] == [False, True, False]
    away = [PlannedFault(FaultKind.TRANSPORT, Sensor.ALL, 5000.0, 9000.0)]
    assert is_cuff_off(away, 6000.0)


def test_scatter_is_the_same_at_the_same_place_and_bounded() -> None:
    chance = PlacedChance(3, 1)
    seen = [scattered(CUFF, 5.0, chance.at(place)).systolic for place in range(2000)]
    assert seen[::-1] == [
        scattered(CUFF, 5.0, chance.at(place)).systolic for place in reversed(range(2000))
    ]
    assert np.std(seen) == pytest.approx(5.0, rel=0.1)
    assert max(abs(systolic - 120) for systolic in seen) <= 13


@pytest.mark.parametrize(("seed", "stream", "place"), [(5, 13, 77), (2**62 - 1, 1, 0), (0, 2, -3)])
def test_a_placed_source_is_the_one_made_anew(seed: int, stream: int, place: int) -> None:
    anew = np.random.Philox(key=seed | stream << 64, counter=(place & 0xFFFFFFFF) << 64)
    placed = PlacedChance(seed, stream)
    placed.at(12).standard_normal(3)
    expected = np.random.Generator(anew).standard_normal(4)
    assert np.array_equal(placed.at(place).standard_normal(4), expected)


def test_a_pacemaker_keeps_the_heart_from_being_slower() -> None:
    values = channels()
    values["heart_rate"][:10] = 40.0
    values["pulse_rate"][10:20] = np.nan
    pace(values, 60.0)
    assert set(values["heart_rate"].tolist()) == {60.0, 80.0}
    assert np.isnan(values["pulse_rate"][10:20]).all()
    pace(values, 0.0)
    assert values["heart_rate"].min() == 60.0
