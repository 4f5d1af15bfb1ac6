"""A simulated patient as a person: age, baseline, and rhythm of the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

_WELL_ABOVE: Final = 1.17
"""Least ratio of a well patient's systolic pressure to the limit of hypotension, which keeps sleep
above the limit; design start value, unvalidated."""
_LOW_FOR_LIFE: Final = 0.86
"""Share of a low usual pressure below which it is too low for its owner; keeps sleep above it and
is above every other patient's limit; design start value, unvalidated."""
CHILD_UNTIL_YEARS: Final = 16.0
"""Age from which NEWS2 (Royal College of Physicians 2017) applies, years."""


@dataclass(frozen=True, slots=True)
class UsualSigns:
    """The patient's own usual signs, awake and well."""

    temperature: float
    heart_rate: float
    respiratory_rate: float
    spo2: float
    systolic: float
    diastolic: float
    perfusion_index: float


@dataclass(frozen=True, slots=True)
class Person:
    """A patient without a name: age, body, product and habits."""

    age_years: float
    weight_kg: float
    product: str
    """Key of `products.PRODUCTS`; empty for none."""
    infused_s: float
    """Patient time of the infusion, seconds; negative where monitoring began later."""
    clock_at_start_h: float
    """Time of day at which monitoring begins, hours, 0 to 24."""
    baseline: UsualSigns
    temperature_site: str
    site_bias: float
    """Difference of this patient's probe from the core temperature, Celsius."""
    daily_rhythm: float = 1.0
    """Share of circadian rhythm, sleep, walks and slow drifts; 0 in a compressed course."""
    circadian_temperature: float = 0.3
    """Amplitude of the circadian temperature, Celsius."""
    acrophase_h: float = 17.0
    """Time of day of the highest temperature, hours."""
    sleeps_from_h: float = 22.5
    sleeps_for_h: float = 8.0
    heart_rate_response: float = 1.0
    """Share of the usual rise with fever and illness; small for a patient on a beta blocker."""
    motion_per_h: float = 0.0
    """Movements of the finger per hour; each makes pulse and SpO2 wrong for a while."""
    dips_a_night: float = 5.0
    """Dips of SpO2 in sleep; many in apnoea."""
    paced_per_min: float = 0.0
    """Rate of a pacemaker, 1/min; 0 for none."""

    @property
    def is_child(self) -> bool:
        """True where rules for children apply."""
        return self.age_years < CHILD_UNTIL_YEARS

    @property
    def hypotension_limit(self) -> float:
        """Systolic pressure below which this person is hypotensive, mmHg.

        That of the age, or a share of a usual pressure that is low for life.
        """
        own = _LOW_FOR_LIFE * self.baseline.systolic
        return min(_limit_at(self.age_years), own)

    @property
    def heart_rate_per_celsius(self) -> float:
        """Rise of the heart rate per degree of fever, 1/min.

        Adults 7, rounded from 7.2 (Kirschen et al., Am J Emerg Med 2020; Jensen et al., Acute Med
        2019); children about 10; scaled by `heart_rate_response`.
        """
        return (10.0 if self.is_child else 7.0) * self.heart_rate_response


@dataclass(frozen=True, slots=True)
class _AgeBand:
    """Usual signs at an age: mean, and standard deviation between patients."""

    from_years: float
    heart_rate: tuple[float, float]
    respiratory_rate: tuple[float, float]
    systolic: tuple[float, float]
    pulse_pressure: float
    weight_kg: tuple[float, float]


# Children: medians of hospitalised children (Bonafide et al., Pediatrics 2013) and of healthy
# ones (Fleming et al., Lancet 2011), rounded; adults: design start value, unvalidated.
_AGE_BANDS: Final = (
    _AgeBand(0.0, (142, 9), (40, 5), (84, 6), 30, (6, 1.2)),
    _AgeBand(1.0, (124, 9), (29, 3), (93, 6), 33, (12, 2)),
    _AgeBand(4.0, (105, 8), (23, 2), (100, 7), 36, (22, 5)),
    _AgeBand(8.0, (94, 8), (20, 2), (107, 7), 39, (32, 7)),
    _AgeBand(12.0, (86, 8), (18, 1.5), (115, 8), 42, (52, 10)),
    _AgeBand(16.0, (80, 7), (16, 1.2), (122, 9), 46, (76, 14)),
    _AgeBand(60.0, (78, 7), (16.5, 1.3), (126, 10), 50, (76, 14)),
)


@dataclass(frozen=True, slots=True)
class Site:
    """A site of temperature measurement."""

    bias: float
    """Mean difference from the core temperature, Celsius."""
    bias_spread: float
    """Standard deviation of the difference between patients, Celsius."""
    lag_s: int
    """Delay of a change at the site, seconds."""


SITES: Final[Mapping[str, Site]] = MappingProxyType(
    {
        "core": Site(0.0, 0.0, 0),
        "bladder": Site(0.0, 0.05, 120),
        "oesophageal": Site(0.0, 0.05, 60),
        "tympanic": Site(0.0, 0.15, 60),
        # adhesive patch against tympanic: bias 0.45, limits of agreement -0.57 to 1.46
        # (Child Health Nursing Research 2022;28:62)
        "axillary": Site(0.45, 0.52, 600),
        "skin": Site(-2.0, 0.8, 600),
    }
)
"""Sites by name; lags and other biases: design start value, unvalidated."""
SURFACE_SITES: Final = frozenset({"axillary", "skin"})
"""Sites that a blanket, a bath or a rigor affects before the core changes."""


def _limit_at(age_years: float) -> float:
    """Return the systolic pressure below which a patient is hypotensive, mmHg.

    Children: 5th centile, 70 + 2 x age from 1 to 10 years, 70 in the first year (PALS); adults: 90,
    the common number, as ASTCT 2019 gives none.
    """
    return 70.0 if age_years < 1.0 else min(90.0, 70.0 + 2.0 * age_years)


def _age_band(age_years: float) -> _AgeBand:
    """Return the band of an age."""
    return next(band for band in reversed(_AGE_BANDS) if band.from_years <= age_years)


def _draw_baseline(age_years: float, draw: np.random.Generator) -> UsualSigns:
    """Return the usual signs of one patient of a given age; spread is cut at 2 SD."""

    def about(mean: float, spread: float) -> float:
        return mean + spread * min(2.0, max(-2.0, float(draw.standard_normal())))

    band = _age_band(age_years)
    systolic = max(about(*band.systolic), _WELL_ABOVE * _limit_at(age_years))
    return UsualSigns(
        temperature=about(36.8, 0.2),  # mean 36.8 (Mackowiak et al., JAMA 1992)
        heart_rate=about(*band.heart_rate),
        respiratory_rate=about(*band.respiratory_rate),
        spo2=about(97.2, 0.8),
        systolic=systolic,
        diastolic=systolic - band.pulse_pressure - about(0.0, 4.0),
        perfusion_index=about(3.0, 0.9),
    )


def draw_person(  # noqa: PLR0913  # each is a fact that the caller decides
    *,
    age_years: float,
    product: str,
    infused_s: float,
    clock_at_start_h: float,
    temperature_site: str,
    draw: np.random.Generator,
) -> Person:
    """Return a patient whose individuality `draw` decides; design start values, unvalidated."""
    site = SITES[temperature_site]
    return Person(
        age_years=age_years,
        weight_kg=max(3.0, float(draw.normal(*_age_band(age_years).weight_kg))),
        product=product,
        infused_s=infused_s,
        clock_at_start_h=clock_at_start_h,
        baseline=_draw_baseline(age_years, draw),
        temperature_site=temperature_site,
        site_bias=site.bias + site.bias_spread * float(min(2.0, max(-2.0, draw.standard_normal()))),
        circadian_temperature=float(draw.uniform(0.15, 0.4)),  # amplitude of healthy adults
        acrophase_h=float(draw.normal(17.0, 1.0)),
        sleeps_from_h=float(draw.normal(22.5, 0.7)),
        sleeps_for_h=float(draw.uniform(6.5, 9.0)),
        heart_rate_response=float(draw.uniform(0.85, 1.15)),
        motion_per_h=float(min(12.0, draw.lognormal(0.5, 1.3))),
    )
