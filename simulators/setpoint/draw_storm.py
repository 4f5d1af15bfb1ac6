"""Drawing of storms: CRS by product and grade, and infections."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.patients.plan import Cause
from simulators.patients.products import PRODUCTS
from simulators.patients.shapes import Float64
from simulators.setpoint.fitting import fitted
from simulators.setpoint.heat import usual_set_point
from simulators.setpoint.organism import Facts
from simulators.setpoint.storm import Storm, growth_s

FEVER: Final = 38.0  # ASTCT 2019 (Lee et al., Biol Blood Marrow Transplant 2019;25:625)
CORE_FOLLOWS_S: Final = 0.8 * HOUR_S
"""Time from the set point to the core at a usual rise, seconds: a property of the equations."""
_LEAST_THRESHOLD: Final = 0.45
_DURATION_SIGMA: Final = 0.6  # spread of ln(duration); design start value, unvalidated
# By grade 1 to 4; severe courses come sooner and hotter (Hay et al., Blood 2017;130:2295) and
# reach grade 4 a median 4.5 days after the onset (Schultz et al., J Immunother Cancer 2022);
# the figures themselves: design start values, unvalidated
_SOONER: Final = (1.05, 1.0, 0.80, 0.75)
_LONGER: Final = (0.92, 1.1, 1.25, 1.4)
_LEAST_DAYS: Final = (0.3, 1.2, 2.2, 6.5)
_PEAK_TEMPERATURE: Final = (39.2, 39.5, 39.8, 40.0)
_PEAK_DAYS: Final = ((0.5, 1.6), (0.3, 1.1), (0.6, 1.7), (4.2, 6.2))
"""From the fever to the most cells."""
_EXPANSION_H: Final = ((8.0, 18.0), (7.0, 16.0), (9.0, 18.0), (26.0, 42.0))
_RESISTS: Final = ((0.0, 0.15), (0.0, 0.3), (0.1, 0.5), (0.65, 0.9))
"""Share of the effect of drugs against cytokines that the storm withstands."""
# Limbs that carry the grade: (pressure alone, oxygen alone, both); axi-cel has hypotension in
# 41 % and hypoxia in 22 % of those with CRS (Yescarta prescribing information)
_LIMBS: Final = (0.45, 0.17, 0.38)
_SHARE_OF_LIMIT: Final = ((1.06, 1.25), (0.92, 0.985), (0.70, 0.82), (0.48, 0.58))
"""Lowest systolic pressure over the limit of hypotension, by grade."""
_LEAST_IN_GRADE_1: Final = 0.84
"""Least pressure of a course without hypotension, share of the own."""
_LOWEST_SPO2: Final = ((94.0, 96.0), (87.5, 91.0), (88.0, 92.0), (84.0, 90.5))
_AT_FRACTION: Final = (0.21, 0.21, 0.44, 0.80)
"""Inspired fraction at which that SpO2 is reached: the device that no longer suffices."""
_INFECTION_DAY: Final = 6.0  # median first infection (Hill et al., Blood 2018;131:121)
_SEPTIC: Final = 0.12


def draw_crs(facts: Facts, grade: int, t: Float64, draw: np.random.Generator) -> Storm:
    """Return a storm for the patient's product, fitted to reach an ASTCT grade untreated."""
    storm = draw_onset(facts, grade, draw)
    pressure, oxygen = _worst(grade, draw)
    usual = facts.person.baseline.systolic / facts.person.hypotension_limit
    pressure = max(pressure, _LEAST_IN_GRADE_1 * usual) if pressure >= 1.0 else pressure
    return fitted(facts, storm, t, pressure, oxygen)


def draw_onset(facts: Facts, grade: int, draw: np.random.Generator) -> Storm:
    """Return a storm for the patient's product that leaves vessels and lungs alone."""
    product = PRODUCTS[facts.person.product]
    low, high = (DAY_S * day for day in product.onset_range_days)
    sooner = _SOONER[grade - 1]
    fever_at_s = _between(
        HOUR_S * product.onset_h * sooner,
        product.onset_sigma,
        max(1.0 * HOUR_S, low - DAY_S),
        high,
        draw,
    )
    fever_at_s = max(fever_at_s - CORE_FOLLOWS_S, 0.5 * HOUR_S)
    ramp_s = _between(HOUR_S * product.ramp_h, 0.6, HOUR_S, 18 * HOUR_S, draw)
    ramp_s = min(ramp_s, 0.85 * fever_at_s)
    peak_s = fever_at_s + DAY_S * float(draw.uniform(*_PEAK_DAYS[grade - 1]))
    shortest, longest = (DAY_S * day for day in product.duration_range_days)
    lasts_s = _between(
        DAY_S * product.duration_days * _LONGER[grade - 1], _DURATION_SIGMA, shortest, longest, draw
    )
    peak = float(np.clip(draw.normal(_PEAK_TEMPERATURE[grade - 1], 0.45), 38.5, 40.6))
    lasts_s = max(lasts_s, DAY_S * _LEAST_DAYS[grade - 1])
    storm = _storm(facts, _Outline(fever_at_s, ramp_s, lasts_s, peak), draw)
    return replace(
        storm,
        peak_s=peak_s,
        expansion_s=HOUR_S * float(draw.uniform(*_EXPANSION_H[grade - 1])),
        contraction_s=DAY_S * float(draw.uniform(0.9, 2.2)),
        resists=float(draw.uniform(*_RESISTS[grade - 1])),
    )


def draw_infection(facts: Facts, length_s: float, t: Float64, draw: np.random.Generator) -> Storm:
    """Return an infection with fever, some with septic shock; antibiotics end it in days."""
    fever_at_s = DAY_S * _INFECTION_DAY * float(np.exp(draw.normal(0.0, 0.75)))
    fever_at_s = min(max(fever_at_s, 6 * HOUR_S), max(6 * HOUR_S, length_s - 12 * HOUR_S))
    ramp_s = _between(3 * HOUR_S, 0.6, 0.7 * HOUR_S, 12 * HOUR_S, draw)
    lasts_s = _between(2.0 * DAY_S, 0.5, 0.5 * DAY_S, 6 * DAY_S, draw)
    peak = float(np.clip(draw.normal(39.0, 0.5), 38.4, 40.4))
    storm = _storm(facts, _Outline(fever_at_s, ramp_s, lasts_s, peak), draw)
    is_septic = draw.uniform() < _SEPTIC
    pressure = float(draw.uniform(0.70, 0.95)) if is_septic else None
    return fitted(facts, replace(storm, cause=Cause.INFECTION), t, pressure, (100.0, 0.21))


class _Outline(NamedTuple):
    """Course of a fever in outline; seconds, and Celsius."""

    fever_at_s: float
    ramp_s: float
    lasts_s: float
    peak: float


def _storm(facts: Facts, outline: _Outline, draw: np.random.Generator) -> Storm:
    """Return a storm with bursts; its cells are most after a day."""
    fever_at_s, ramp_s, lasts_s, peak = outline
    usual = float(usual_set_point(facts.person, facts.nature, np.array([fever_at_s]))[0])
    threshold = max(FEVER - usual, _LEAST_THRESHOLD)
    height = max((peak - facts.person.baseline.temperature) / 0.93, 1.15 * threshold + 0.25)
    bursts = [fever_at_s + HOUR_S * float(draw.uniform(0.5, 6.0))]
    rhythm_h = float(draw.uniform(6.0, 11.5))
    while bursts[-1] < fever_at_s + lasts_s:
        bursts.append(bursts[-1] + HOUR_S * rhythm_h * float(np.exp(draw.normal(0.0, 0.3))))
    return Storm(
        cause=Cause.CRS,
        fever_at_s=fever_at_s,
        growth_s=growth_s(ramp_s, threshold, height),
        until_s=fever_at_s + lasts_s,
        decline_s=HOUR_S * float(draw.uniform(4.0, 12.0)),
        ceiling=float(draw.uniform(2.8, 7.0)),
        threshold=threshold,
        height=height,
        bursts_s=tuple(bursts),
        burst_size=float(draw.uniform(0.5, 1.7)),
        peak_s=fever_at_s + DAY_S,
        expansion_s=12 * HOUR_S,
        contraction_s=1.2 * DAY_S,
        vessel_lag_s=HOUR_S * 4.0 * float(np.exp(draw.normal(0.0, 0.35))),
        lung_lag_s=HOUR_S * 10.0 * float(np.exp(draw.normal(0.0, 0.35))),
    )


def _worst(grade: int, draw: np.random.Generator) -> tuple[float, tuple[float, float]]:
    """Return the lowest pressure and oxygen as `fitted` takes them."""
    limbs = str(draw.choice(("pressure", "oxygen", "both"), p=_LIMBS))
    by_pressure = grade if limbs != "oxygen" else 1
    by_oxygen = grade if limbs != "pressure" else 1
    if limbs == "both" and grade > 1:
        less = int(draw.integers(2, grade + 1))
        by_pressure, by_oxygen = (grade, less) if draw.uniform() < 0.6 else (less, grade)
    pressure = float(draw.uniform(*_SHARE_OF_LIMIT[by_pressure - 1]))
    lowest = float(draw.uniform(*_LOWEST_SPO2[by_oxygen - 1]))
    return pressure, (lowest, _AT_FRACTION[by_oxygen - 1])


def _between(
    median: float, sigma: float, low: float, high: float, draw: np.random.Generator
) -> float:
    """Return a lognormal number between two limits, drawn again while it lies outside."""
    for _ in range(20):
        value = median * float(np.exp(sigma * draw.standard_normal()))
        if low <= value <= high:
            return value
    return float(np.clip(median, low, high))
