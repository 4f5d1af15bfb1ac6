"""Methods in use today or published, run beside the rules on the same signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlerts
from edge_agent.evaluate.stays.spans import Bools, Float64, Spans, first_and_after, persistent, runs
from edge_agent.model.durations import HOUR_S, MINUTE_S

FEVER: Final = 38.0
_MISSED: Final = 0.05
"""Share of the checks that do not take place."""
_JITTER_S: Final = 1200.0
"""Greatest deviation of a check from its time, either way, seconds."""
PLAUSIBLE: Final = (33.0, 42.5)
"""Plausible temperatures of a patient, Celsius; values outside are not used."""
_HEART_RATE_ABOVE: Final = 110.0
SYSTOLIC_BELOW: Final = 90.0
_SPO2_BELOW: Final = 90.0
_PLAIN_HEART_RATE_ABOVE: Final = 120.0
_BREATHS_FROM: Final = 25.0
_HISTORY_MIN: Final = 48 * 60
_HISTORY_ENDS_MIN: Final = 6 * 60
_LEAST_HISTORY_MIN: Final = 12 * 60
HAND_VALID_S: Final = 9 * HOUR_S
"""Time for which a temperature by hand stands for the patient's, seconds: the longest interval of a
ward, and its delays."""
_PLAIN_CLEAR_S: Final = 1800.0
"""Time after which an alarm of the plain rules ends, seconds; design start value, unvalidated."""
_LEAST_SD: Final = 0.1
"""Smallest standard deviation used, kelvin: the resolution of a thermometer."""


@dataclass(frozen=True, slots=True, eq=False)
class Signals:
    """Values displayed on a patient's monitor, once a second from 0 on; NaN where there is none."""

    temperature: Float64
    """Temperature of the probe; in a patient without one the newest that was taken by hand and
    entered, for at most `HAND_VALID_S`."""
    heart_rate: Float64
    spo2: Float64
    respiratory_rate: Float64
    cuff_at_s: Float64
    systolic: Float64
    """Systolic pressure of each cuff reading."""
    by_hand: tuple[Float64, Float64] | None = None
    """Times and values of the temperatures taken by hand, of a patient without a probe; None with
    a probe."""


def spot_checks(
    signals: Signals, every_h: float, draw: np.random.Generator, limit: float = FEVER
) -> ReportedAlerts:
    """Return the findings of a temperature check every few hours, read off the same probe.

    A check reports fever when it reads the limit or more and the check before did not. Checks
    jitter by `_JITTER_S`, and a share of `_MISSED` does not take place. Without a probe a check is
    the next temperature that the ward takes by hand, and known at once.
    """
    length_s = signals.temperature.size
    times = np.arange(draw.uniform(0.0, every_h * HOUR_S), length_s, every_h * HOUR_S)
    times = times + draw.uniform(-_JITTER_S, _JITTER_S, times.size)
    done = draw.uniform(size=times.size) >= _MISSED
    times = times[done & (times >= 0) & (times < length_s)]
    if signals.by_hand is None:
        read = signals.temperature[times.astype(np.int64)]
    else:
        taken_s, values = signals.by_hand
        chosen = np.unique(np.searchsorted(taken_s, times))
        chosen = chosen[chosen < taken_s.size]
        times, read = taken_s[chosen], values[chosen]
    read = np.where(read > 90.0, (read - 32.0) / 1.8, read)  # a nurse knows Fahrenheit
    usable = (read >= PLAUSIBLE[0]) & (read <= PLAUSIBLE[1])
    times, is_fever = times[usable], read[usable] >= limit
    edges = first_and_after(is_fever)
    ends = np.append(times, float(length_s))
    return ReportedAlerts.during(About.FEVER, Spans(times[edges[:, 0]], ends[edges[:, 1]]))


def single_thresholds(signals: Signals) -> ReportedAlerts:
    """Return the alarms of a monitor with fixed limits, at once and at every crossing.

    Limits: temperature 38.0 or more, heart rate above 110, systolic pressure below 90, SpO2
    below 90.
    """
    low = _runs_of_readings(signals.systolic < SYSTOLIC_BELOW, signals.cuff_at_s)
    fast = runs(signals.heart_rate > _HEART_RATE_ABOVE, 1.0)
    return fixed_temperature(signals, FEVER).joined(
        ReportedAlerts.during(About.OTHER, fast),
        ReportedAlerts.during(About.OXYGEN, runs(signals.spo2 < _SPO2_BELOW, 1.0)),
        ReportedAlerts.during(About.PRESSURE, low),
    )


def fixed_temperature(signals: Signals, limit: float) -> ReportedAlerts:
    """Return the alarms of a fixed temperature limit, at once and at every crossing."""
    return ReportedAlerts.during(About.FEVER, runs(signals.temperature >= limit, 1.0))


def _runs_of_readings(is_so: Bools, at_s: Float64) -> Spans:
    """Return the stretches from the first reading that is true to the first that is not."""
    edges = first_and_after(is_so)
    ends = np.append(at_s, at_s[-1] + HOUR_S if at_s.size else 0.0)
    return Spans(ends[edges[:, 0]], ends[edges[:, 1]])


def early_warning(values: Float64, step_s: float, limit: float) -> ReportedAlerts:
    """Return the alarms of an early warning score that is calculated at every step.

    It rings after 2 minutes at the limit or above and ends after 10 minutes below it.
    """
    ringing = persistent(runs(values >= limit, step_s), 120.0, 600.0)
    return ReportedAlerts.during(About.SCORE, ringing)


def own_baseline(minutes: Float64, spreads: float) -> ReportedAlerts:
    """Return the alarms of a limit at the patient's own mean plus some standard deviations.

    Parameters
    ----------
    minutes
        Temperature once a minute, shape (n,), NaN = no value.
    spreads
        Standard deviations above the mean, of the 48 h that ended 6 h ago. The temperature must
        stay there for 30 min.
    """
    mean, spread = _history(minutes)
    high = minutes > mean + spreads * np.maximum(spread, _LEAST_SD)
    ringing = persistent(runs(high, MINUTE_S), 1800.0, 1800.0)
    return ReportedAlerts.during(About.FEVER, ringing)


def once_a_minute(temperature: Float64) -> Float64:
    """Return the median of the plausible temperatures in each minute, shape (n // 60,)."""
    pieces = temperature[: temperature.size // 60 * 60].reshape(-1, 60)[:, ::6]
    usable = np.where((pieces >= PLAUSIBLE[0]) & (pieces <= PLAUSIBLE[1]), pieces, np.nan)
    return _medians(usable)


def _medians(rows: Float64) -> Float64:
    """Return the median of the values in each row; NaN where there is none."""
    found = np.full(len(rows), np.nan)
    some = ~np.isnan(rows).all(axis=1)
    found[some] = np.nanmedian(rows[some], axis=1)
    return found


def plain_rules(signals: Signals) -> ReportedAlerts:
    """Return the alarms of five fixed limits that wait, over the median of each minute.

    Temperature 38.0 or more for 10 min, SpO2 below 90 for 3 min, heart rate above 120 for 10 min,
    systolic pressure below 90 twice in a row, respiratory rate 25 or more for 5 min. Zero is no
    value. Each ends after half an hour without the condition.
    """
    hot = once_a_minute(signals.temperature) >= FEVER
    low = signals.systolic < SYSTOLIC_BELOW
    low[1:] &= low[:-1].copy()
    low[:1] = False
    pressure = _runs_of_readings(low, signals.cuff_at_s)
    return _lasting(About.FEVER, hot, 10).joined(
        _lasting(About.OXYGEN, _minutes(signals.spo2) < _SPO2_BELOW, 3),
        _lasting(About.OTHER, _minutes(signals.heart_rate) > _PLAIN_HEART_RATE_ABOVE, 10),
        _lasting(About.OTHER, _minutes(signals.respiratory_rate) >= _BREATHS_FROM, 5),
        ReportedAlerts.during(About.PRESSURE, persistent(pressure, 0.0, _PLAIN_CLEAR_S)),
    )


def _lasting(about: About, is_so: Bools, minutes: int) -> ReportedAlerts:
    spans = persistent(runs(is_so, MINUTE_S), minutes * MINUTE_S, _PLAIN_CLEAR_S)
    return ReportedAlerts.during(about, spans)


def _minutes(seconds: Float64) -> Float64:
    """Return the median of the values above zero in each minute, shape (n // 60,)."""
    pieces = seconds[: seconds.size // 60 * 60].reshape(-1, 60)[:, ::6]
    return _medians(np.where(pieces > 0, pieces, np.nan))


def _history(minutes: Float64) -> tuple[Float64, Float64]:
    """Return mean and standard deviation of each minute's past; NaN where it is too short."""
    known = ~np.isnan(minutes)
    values = np.where(known, minutes - 37.0, 0.0)
    count, total, squares = (
        np.concatenate(([0.0], np.cumsum(part))) for part in (known, values, values**2)
    )
    last = np.maximum(np.arange(minutes.size) - _HISTORY_ENDS_MIN, 0)
    first = np.maximum(last - _HISTORY_MIN, 0)
    seen = count[last] - count[first]
    enough = seen >= _LEAST_HISTORY_MIN
    divisor = np.where(enough, seen, 1.0)
    mean = (total[last] - total[first]) / divisor
    variance = np.maximum((squares[last] - squares[first]) / divisor - mean**2, 0.0)
    nothing = np.full(minutes.size, np.nan)
    return np.where(enough, mean + 37.0, nothing), np.where(enough, np.sqrt(variance), nothing)


SPOT_HOURS: Final = (4, 6, 8)
_NEWS2_LIMITS: Final = (5, 7)
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "spot_4h": "checks every 4 h",
        "spot_6h": "checks every 6 h",
        "spot_8h": "checks every 8 h",
        "monitor": "monitor with fixed limits",
        "plain": "plain persistent rules",
        "news2_5": "NEWS2 of 5, continuous",
        "news2_7": "NEWS2 of 7, continuous",
        "baseline_2sd": "own baseline + 2 SD, 30 min",
    }
)
"""Names of the comparators on the page."""


def compared(
    signals: Signals, news2: Float64, step_s: float, draw: np.random.Generator
) -> dict[str, ReportedAlerts]:
    """Return the alarms of every comparator in `NAMES`.

    Parameters
    ----------
    news2
        The score at every step, shape (n,), NaN where it cannot be calculated; missing inputs
        count as normal.
    draw
        Source of chance for the times of the checks.
    """
    reported = {f"spot_{hours}h": spot_checks(signals, hours, draw) for hours in SPOT_HOURS}
    reported["monitor"] = single_thresholds(signals)
    reported["plain"] = plain_rules(signals)
    for limit in _NEWS2_LIMITS:
        reported[f"news2_{limit}"] = early_warning(news2, step_s, limit)
    reported["baseline_2sd"] = own_baseline(once_a_minute(signals.temperature), 2.0)
    return reported
