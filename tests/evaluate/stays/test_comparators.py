"""The methods in use today, on series whose answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.stays.comparators import (
    NAMES,
    Signals,
    compared,
    early_warning,
    fixed_temperature,
    once_a_minute,
    own_baseline,
    plain_rules,
    single_thresholds,
    spot_checks,
)
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlerts
from edge_agent.evaluate.stays.spans import Float64

HOUR = 3600


def signals(temperature: Float64, **others: Float64) -> Signals:
    calm = np.full(temperature.size, 80.0)
    return Signals(
        temperature,
        others.get("heart_rate", calm),
        others.get("spo2", calm + 17.0),
        others.get("respiratory_rate", calm - 65.0),
        others.get("cuff_at_s", np.array([])),
        others.get("systolic", np.array([])),
    )


def fever_from(hour: int, total_h: int = 48, until: int = 48) -> Float64:
    temperature = np.full(total_h * HOUR, 36.9)
    temperature[hour * HOUR : until * HOUR] = 38.6
    return temperature


def draw(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))


@pytest.mark.parametrize("every_h", [4, 6, 8])
def test_checks_find_a_fever_half_an_interval_late_on_average(every_h: int) -> None:
    temperature = fever_from(20)
    delays = []
    for seed in range(400):
        reported = spot_checks(signals(temperature), every_h, draw(seed))
        assert reported.at_s.size == 1
        delays.append(reported.at_s[0] / HOUR - 20)
    assert min(delays) >= 0
    assert np.median(delays) == pytest.approx(every_h / 2, rel=0.2)
    late = np.mean(np.array(delays) > every_h + 2 / 3)
    assert 0.02 < late < 0.08  # the check that was due did not take place


def test_a_check_tells_of_each_fever_once_and_reads_no_probe_that_is_off() -> None:
    temperature = fever_from(10, until=22)
    temperature[30 * HOUR :] = 38.4
    reported = spot_checks(signals(temperature), 2, draw(1))
    assert reported.at_s.size == 2
    assert 22 <= reported.until_s[0] / HOUR <= 27
    off = np.where(temperature > 38.0, 0.0, temperature)
    assert spot_checks(signals(off), 2, draw(1)).at_s.size == 0
    assert spot_checks(signals(temperature * 0.0 + 98.2), 2, draw(1)).at_s.size == 0
    assert spot_checks(signals(temperature * 0.0 + 101.3), 2, draw(1)).at_s.size == 1


def test_fixed_limits_ring_at_once_and_each_time() -> None:
    temperature = np.array([37.9, 38.0, 37.9, 38.1, 38.2, np.nan])
    reported = single_thresholds(
        signals(
            temperature,
            heart_rate=np.array([110.0, 111, 112, 90, 90, 90]),
            spo2=np.array([90.0, 89, 90, 0, 0, np.nan]),
            cuff_at_s=np.array([1.0, 3.0, 5.0]),
            systolic=np.array([89.0, 90.0, 70.0]),
        )
    )

    def at(about: About) -> list[tuple[float, float]]:
        chosen = reported.is_about(about)
        return list(
            zip(reported.at_s[chosen].tolist(), reported.until_s[chosen].tolist(), strict=True)
        )

    assert at(About.FEVER) == [(1.0, 2.0), (3.0, 5.0)]
    assert at(About.OTHER) == [(1.0, 3.0)]
    assert at(About.OXYGEN) == [(1.0, 2.0), (3.0, 5.0)]
    assert at(About.PRESSURE) == [(1.0, 3.0), (5.0, 3605.0)]
    assert reported.at_s.tolist() == sorted(reported.at_s.tolist())


def test_a_score_must_hold_two_minutes() -> None:
    scores = np.zeros(300)
    scores[10:15] = 5.0
    scores[100:140] = 6.0
    reported = early_warning(scores, 10.0, 5.0)
    assert reported.at_s.tolist() == [1120.0]
    assert reported.until_s.tolist() == [2000.0]
    assert early_warning(np.full(300, np.nan), 10.0, 5.0).at_s.size == 0


def test_the_own_baseline_needs_half_a_day_and_half_an_hour() -> None:
    minutes = np.full(30 * 60, 36.8)
    minutes[::2] = 37.0  # mean 36.9, SD 0.1: 2 SD end at 37.1
    minutes[17 * 60 : 17 * 60 + 60] = 37.4
    assert own_baseline(minutes, 2.0).at_s.size == 0  # 11 h of past that ended 6 h ago
    minutes[20 * 60 : 21 * 60] = 37.4
    reported = own_baseline(minutes, 2.0)
    assert reported.at_s.tolist() == [20 * 3600 + 1800.0]
    assert reported.until_s.tolist() == [21 * 3600 + 1800.0]
    assert own_baseline(minutes, 6.0).at_s.size == 0


def test_minutes_are_medians_of_plausible_readings() -> None:
    seconds = np.full(180, 37.0)
    seconds[60:120] = 0.0
    seconds[120:150] = 98.6
    assert np.array_equal(once_a_minute(seconds), [37.0, np.nan, 37.0], equal_nan=True)


def test_every_comparator_has_a_name_on_the_page() -> None:
    reported = compared(signals(fever_from(20)), np.zeros(48 * 360), 10.0, draw(1))
    assert list(reported) == list(NAMES)
    assert all(isinstance(one, ReportedAlerts) for one in reported.values())
    assert reported["monitor"].at_s.tolist() == [20 * 3600.0]
    assert reported["plain"].at_s.tolist() == [20 * 3600.0 + 600]
    assert fixed_temperature(signals(fever_from(20)), 39.0).at_s.size == 0


def test_plain_rules_wait_and_read_no_zero() -> None:
    calm = np.full(2 * HOUR, 80.0)
    hot, oxygen, heart, breaths = calm - 43.2, calm + 17.0, calm.copy(), calm - 65.0
    hot[600:1140] = 38.0  # nine minutes
    oxygen[600:780] = 89.0  # three
    oxygen[3600:4200] = 0.0
    heart[600:1200] = 121.0
    breaths[600:900] = 25.0
    reported = plain_rules(
        signals(
            hot,
            spo2=oxygen,
            heart_rate=heart,
            respiratory_rate=breaths,
            cuff_at_s=np.array([900.0, 1800.0, 2700.0, 3600.0, 4500.0]),
            systolic=np.array([89.0, 95.0, 89.0, 88.0, np.nan]),
        )
    )
    found = list(zip(reported.at_s.tolist(), reported.about.tolist(), strict=True))
    assert found == [
        (780.0, About.OXYGEN),
        (900.0, About.OTHER),
        (1200.0, About.OTHER),
        (3600.0, About.PRESSURE),
    ]
    hot[600:1200] = 38.0
    assert plain_rules(signals(hot)).at_s.tolist() == [1200.0]


def test_without_a_probe_a_check_is_the_next_temperature_by_hand() -> None:
    taken_s = np.array([1.0, 7.0, 13.0, 19.0, 25.0]) * HOUR
    values = np.array([37.0, 38.4, 38.5, 37.0, 38.6])
    by_hand = replace(signals(fever_from(2, 30)), by_hand=(taken_s, values))
    reported = spot_checks(by_hand, 4, draw(1))
    assert reported.at_s.tolist() == [7.0 * HOUR, 25.0 * HOUR]
    assert set(reported.until_s.tolist()) <= {19.0 * HOUR, 30.0 * HOUR}
