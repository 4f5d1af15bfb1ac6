"""A person's nature: usual signs, reflexes and chronic traits, drawn once for each patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulators.habits.people import Traits
from simulators.patients.person import CHILD_UNTIL_YEARS, SITES, Person, UsualSigns

# Medians of healthy children (Fleming et al., Lancet 2011), rounded
_CHILD_YEARS: Final = (1.2, 1.8, 2.5, 3.5, 5.0, 7.0, 10.0, 13.5, 16.5)
_CHILD_HEART_RATE: Final = (123, 116, 110, 104, 98, 91, 84, 78, 74)
_CHILD_BREATHS: Final = (35, 31, 28, 25, 23, 21, 19, 18, 16)
_CHILD_WEIGHT_KG: Final = (10, 11.5, 13, 15, 18, 23, 32, 48, 60)

# Share of patients with each chronic trait; design start values, unvalidated
_LOW_PRESSURE: Final = 0.05
_FAST_HEART: Final = 0.05
_APNOEA: Final = 0.08
_PACED: Final = 0.03
_RIGOR_PRONE: Final = 0.60
"""Chills were reported in 20 % with CRS (Yescarta prescribing information); not every one of those
who can have them does."""
_BETA_BLOCKED: Final = 0.35
"""Share of the heart's answer that a beta blocker leaves; design start value, unvalidated."""

_ANAEMIC: Final = 7.0
"""Haemoglobin of people with anaemia, g/dl: the one below which they are transfused (AABB, Carson
et al., JAMA 2023;330:1892)."""


@dataclass(frozen=True, slots=True)
class Nature:
    """Constants of one body, beyond what `Person` holds."""

    heart_reflex: float
    """Gain of the baroreflex on the heart: change of ln(rate) per change of ln(mean pressure)."""
    vessel_reflex: float
    """Gain of the baroreflex on the vessels, likewise."""
    heart_per_celsius: float
    breaths_per_celsius: float
    haemoglobin: float
    """Haemoglobin, g/dl."""
    night_dip: float
    """Fall of ln(mean pressure) in deep sleep."""
    evening_share: float
    """Second harmonic of the circadian set point, share of the first."""
    restlessness: float
    """Factor on every fluctuation; 1 for the median patient."""
    is_rigor_prone: bool
    paced_at: float | None
    """Rate of a pacemaker that never varies, 1/min; None without one."""
    apnoeas_per_h: float
    """Breathing pauses per hour of sleep; 0 for most."""
    walks_per_day: float


def draw_person(  # noqa: PLR0913  # each is a fact that the cohort decides
    *,
    age_years: float,
    product: str,
    clock_at_start_h: float,
    temperature_site: str,
    beta_blocked: float,
    draw: np.random.Generator,
) -> tuple[Person, Nature]:
    """Return a patient and their nature; `beta_blocked` is the share with a beta blocker."""
    is_child = age_years < CHILD_UNTIL_YEARS
    usual = _usual_of_child(age_years, draw) if is_child else _usual_of_adult(age_years, draw)
    nature = _draw_nature(draw, is_child=is_child)
    response = float(np.exp(draw.normal(0.0, 0.10)))
    if not is_child and draw.uniform() < _LOW_PRESSURE:
        systolic = float(draw.uniform(102.0, 108.0))
        diastolic = systolic - float(draw.uniform(34.0, 42.0))
        usual = replace(usual, systolic=systolic, diastolic=diastolic)
        nature = replace(nature, night_dip=0.02)
    if not is_child and draw.uniform() < _FAST_HEART:
        usual = replace(usual, heart_rate=float(draw.uniform(94.0, 108.0)))
    if draw.uniform() < beta_blocked:
        response = _BETA_BLOCKED
        usual = replace(usual, heart_rate=max(52.0, usual.heart_rate - 12.0))
    if not is_child and draw.uniform() < _PACED:
        nature = replace(nature, paced_at=float(draw.choice((60.0, 70.0, 75.0, 80.0))))
        response = 0.0
        usual = replace(usual, heart_rate=nature.paced_at or 70.0)
    site = SITES[temperature_site]
    person = Person(
        age_years=age_years,
        weight_kg=_draw_weight_kg(age_years, draw, is_child=is_child),
        product=product,
        infused_s=0.0,
        clock_at_start_h=clock_at_start_h,
        baseline=usual,
        temperature_site=temperature_site,
        site_bias=site.bias + site.bias_spread * _within(draw, 2.0),
        circadian_temperature=float(0.15 + 0.25 * draw.beta(2.0, 2.0)),
        acrophase_h=float(draw.normal(17.5, 1.3)),
        sleeps_from_h=float(22.0 + 2.5 * draw.beta(2.0, 2.5)),
        sleeps_for_h=float(draw.normal(7.3, 0.7)),
        heart_rate_response=response,
        motion_per_h=float(min(15.0, draw.gamma(0.8, 1.6))),
    )
    return person, nature


def peculiar(person: Person, nature: Nature, traits: Traits) -> tuple[Person, Nature]:
    """Return the person and their nature with the peculiarities of a ward's people."""
    if nature.paced_at is not None:
        traits = replace(traits, heart_rate_added=0.0)
    haemoglobin, pauses_per_h = nature.haemoglobin, nature.apnoeas_per_h
    if "anaemia" in traits.names:
        haemoglobin = min(haemoglobin, _ANAEMIC)
    if traits.dips_a_night is not None:
        pauses_per_h = max(pauses_per_h, traits.dips_a_night / person.sleeps_for_h)
    return traits.of(person), replace(nature, haemoglobin=haemoglobin, apnoeas_per_h=pauses_per_h)


def _within(draw: np.random.Generator, limit: float) -> float:
    """Return a standard normal number between `-limit` and `limit`."""
    return float(np.clip(draw.standard_normal(), -limit, limit))


def _draw_weight_kg(age_years: float, draw: np.random.Generator, *, is_child: bool) -> float:
    middle = float(np.interp(age_years, _CHILD_YEARS, _CHILD_WEIGHT_KG)) if is_child else 76.0
    return max(5.0, middle * float(np.exp(draw.normal(0.0, 0.18))))


def _usual_of_adult(age_years: float, draw: np.random.Generator) -> UsualSigns:
    """Return an adult's usual signs; design start values, unvalidated, unless said."""
    systolic = max(108.0, 112.0 + 0.22 * age_years + 11.0 * _within(draw, 2.0))
    pulse_pressure = 34.0 + 0.22 * age_years + 5.0 * _within(draw, 2.0)
    return UsualSigns(
        temperature=36.75 + 0.22 * _within(draw, 2.0),  # mean 36.8 (Mackowiak et al., JAMA 1992)
        heart_rate=max(54.0, 77.0 + 8.0 * _within(draw, 2.2)),
        respiratory_rate=16.0 + 1.5 * _within(draw, 2.0),
        spo2=98.3 - float(draw.gamma(2.5, 0.5)) if age_years < 65.0 else 96.9 + _within(draw, 1.5),
        systolic=systolic,
        diastolic=systolic - pulse_pressure,
        perfusion_index=float(np.exp(draw.normal(1.0, 0.4))),
    )


def _usual_of_child(age_years: float, draw: np.random.Generator) -> UsualSigns:
    """Return a child's usual signs: rates as above; pressure by the median of PALS."""
    median = 90.0 + 2.0 * min(10.0, age_years)  # PALS: median systolic 90 + 2 x age
    systolic = max(1.2 * min(90.0, 70.0 + 2.0 * age_years), median + 6.0 * _within(draw, 2.0))
    return UsualSigns(
        temperature=36.85 + 0.2 * _within(draw, 2.0),
        heart_rate=float(np.interp(age_years, _CHILD_YEARS, _CHILD_HEART_RATE))
        * float(np.exp(0.09 * _within(draw, 2.0))),
        respiratory_rate=float(np.interp(age_years, _CHILD_YEARS, _CHILD_BREATHS))
        * float(np.exp(0.1 * _within(draw, 2.0))),
        spo2=98.0 + 0.5 * _within(draw, 2.0),
        systolic=systolic,
        diastolic=0.62 * systolic + 3.0 * _within(draw, 1.5),
        perfusion_index=float(np.exp(draw.normal(1.1, 0.4))),
    )


def _draw_nature(draw: np.random.Generator, *, is_child: bool) -> Nature:
    """Return a nature; gains, dips and rates: design start values, unvalidated, unless said."""
    has_apnoea = not is_child and draw.uniform() < _APNOEA
    return Nature(
        heart_reflex=float(np.clip(draw.normal(0.70, 0.15), 0.3, 1.1)),
        vessel_reflex=float(np.clip(draw.normal(0.80, 0.15), 0.4, 1.2)),
        # adults 7.2 (Kirschen et al., Am J Emerg Med 2020), children about 10, less the share that
        # cytokines and the reflex add
        heart_per_celsius=max(3.0, float(draw.normal(8.0 if is_child else 5.2, 0.9))),
        # 1.4 to 2.3 (Jensen et al., Acute Med 2019)
        breaths_per_celsius=float(draw.uniform(1.4, 2.3)),
        haemoglobin=float(np.clip(draw.normal(9.6, 1.3), 6.8, 13.5)),
        night_dip=float(np.clip(draw.normal(0.075, 0.03), 0.0, 0.13)),
        evening_share=float(draw.uniform(0.0, 0.35)),
        restlessness=float(np.exp(draw.normal(0.0, 0.22))),
        is_rigor_prone=bool(draw.uniform() < _RIGOR_PRONE),
        paced_at=None,
        apnoeas_per_h=float(draw.uniform(12.0, 40.0)) if has_apnoea else 0.0,
        walks_per_day=float(draw.gamma(4.0, 2.0)),
    )
