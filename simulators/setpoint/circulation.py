"""Circulation: resistance, stroke volume, heart rate, and the baroreflex that ties them."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from simulators.patients.person import Person
from simulators.patients.shapes import Float64
from simulators.setpoint.drugs import Support, titrated
from simulators.setpoint.forces import STEP_S
from simulators.setpoint.lags import lagged
from simulators.setpoint.nature import Nature

# Everything is in logarithms: ln(mean pressure) = ln(rate) + ln(stroke volume) + ln(resistance).
# Design start values, unvalidated
_FILLING_LOST: Final = 0.6
"""Share of a rise of ln(rate) that the shorter filling takes from ln(stroke volume)."""
_REFLEX_S: Final = 120.0
"""Time constant of the reflex before its own gain speeds it up, seconds."""
_PULSE_BY_MEAN: Final = 0.5
"""Share of a change of ln(mean pressure) that the pulse pressure follows; below 1, so that the
diastolic pressure falls more than the systolic and the pulse pressure widens beside the mean."""
_PULSE_BY_FILLING: Final = 0.45
_ADULT_LIMIT: Final = 90.0
_TARGET_MMHG: Final = 68.0
"""Mean pressure of an adult to which staff titrate pressors."""


class Flow(NamedTuple):
    """State of the circulation, each of shape (n,)."""

    heart_rate: Float64
    systolic: Float64
    diastolic: Float64
    systolic_untreated: Float64
    mean_untreated: Float64
    """ln(mean pressure over the usual one) without fluids and pressors."""
    mean: Float64
    """The same with them."""


class Pressures(NamedTuple):
    """Pressures, mmHg, each of shape (n,)."""

    systolic: Float64
    diastolic: Float64


def reflex_gain(person: Person, nature: Nature) -> float:
    """Return the gain of the whole reflex: heart, less the filling it costs, and vessels."""
    heart_gain = nature.heart_reflex * person.heart_rate_response
    return (1.0 - _FILLING_LOST) * heart_gain + nature.vessel_reflex


def pressor_target(person: Person) -> float:
    """Return ln(mean pressure over the usual one) to which staff titrate pressors."""
    target = _TARGET_MMHG * person.hypotension_limit / _ADULT_LIMIT
    return float(np.log(target / _middle(person)))


def pressures(person: Person, mean: Float64, filling: Float64) -> Pressures:
    """Return the pressures at a mean and a filling, both as changes of logarithms."""
    usual = person.baseline
    usual_pulse = usual.systolic - usual.diastolic
    middle = _middle(person) * np.exp(mean)
    pulse = usual_pulse * np.exp(_PULSE_BY_MEAN * mean + _PULSE_BY_FILLING * filling)
    return Pressures(middle + pulse * (2.0 / 3.0), middle - pulse / 3.0)


class Vessels(NamedTuple):
    """State of the vessels before the baroreflex, each of shape (n,)."""

    resistance: Float64
    """Change of ln(vascular resistance)."""
    filling: Float64
    """Change of ln(stroke volume)."""


def circulate(
    person: Person,
    nature: Nature,
    rate: Float64,
    vessels: Vessels,
    given: Support,
) -> Flow:
    """Return pressures and heart rate.

    Parameters
    ----------
    rate
        Heart rate before the baroreflex, 1/min.
    given
        Support by staff.
    """
    resistance, filling = vessels
    usual = person.baseline
    heart_gain = nature.heart_reflex * person.heart_rate_response
    gain = reflex_gain(person, nature)
    load = resistance + filling + (1.0 - _FILLING_LOST) * np.log(rate / usual.heart_rate)
    untreated, _ = _reflex(load, gain)
    filled, error = _reflex(load + given.filling, gain)
    pressed = titrated(pressor_target(person) - filled, given.reach)
    mean = filled + pressed
    systolic, diastolic = pressures(person, mean, filling + given.filling)
    return Flow(
        heart_rate=rate * np.exp(-heart_gain * (error + pressed)),
        systolic=systolic,
        diastolic=diastolic,
        systolic_untreated=pressures(person, untreated, filling).systolic,
        mean_untreated=untreated,
        mean=mean,
    )


def _reflex(load: Float64, gain: float) -> tuple[Float64, Float64]:
    """Return ln(mean pressure) under the reflex, and the delayed error that the reflex answers."""
    speed = 1.0 + gain
    error = lagged(load / speed, _REFLEX_S / STEP_S / speed)
    return load - gain * error, error


def _middle(person: Person) -> float:
    usual = person.baseline
    return usual.diastolic + (usual.systolic - usual.diastolic) / 3.0
