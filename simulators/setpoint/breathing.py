"""Breathing: gas exchange of a lung in three parts, and the drive to breathe."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from simulators.patients.shapes import Float64
from simulators.setpoint.nature import Nature

_DRY_MMHG: Final = 713.0
"""Pressure of the air less that of its water vapour at sea level, mmHg."""
_EXCHANGE: Final = 0.8
"""Respiratory quotient (alveolar gas equation)."""
_CO2_MMHG: Final = 40.0
_GOOD_ON_AIR_MMHG: Final = 0.21 * _DRY_MMHG - _CO2_MMHG / _EXCHANGE
# design start values, unvalidated
_POOR_ON_AIR_MMHG: Final = 41.0
"""Oxygen pressure in the poor lung on air, mmHg."""
_POOR_SHARE: Final = 0.30
"""Share of a rise of the alveolar pressure that reaches the poor lung."""
_EXTRACTED_ML_DL: Final = 4.3
"""Oxygen that the body takes from each decilitre of blood at rest, ml."""
_PER_HAEMOGLOBIN: Final = 1.34  # ml of oxygen that 1 g of haemoglobin carries (Huefner)
_DISSOLVED: Final = 0.0031
"""Oxygen dissolved in a decilitre of blood, ml per mmHg."""
_MOST_SHUNT: Final = 0.55
_FULL_HAEMOGLOBIN: Final = 14.0


def saturation(pressure: Float64) -> Float64:
    """Return the saturation, 0 to 1, at an oxygen pressure in mmHg.

    Severinghaus, J Appl Physiol 1979;46:599.
    """
    x = np.maximum(pressure, 1.0)
    return 1.0 / (23_400.0 / (x**3 + 150.0 * x) + 1.0)


_BEST_ON_AIR: Final = float(saturation(np.array([_GOOD_ON_AIR_MMHG]))[0])


class Lung(NamedTuple):
    """State of a lung, each of shape (n,): shares of the blood that it leaves short of oxygen."""

    shunt: Float64
    """Share that meets no air; oxygen does not help it."""
    poor: Float64
    """Share that meets too little air; oxygen helps it."""


def own_shunt(nature: Nature, usual_spo2: float) -> float:
    """Return the shunt with which the well body has its usual saturation, in percent, on air."""
    missing = max(0.002, _BEST_ON_AIR - usual_spo2 / 100.0)
    odds = missing / _extraction(nature)
    return odds / (1.0 + odds)


def spo2(nature: Nature, lung: Lung, fraction: Float64 | float, heat: Float64) -> Float64:
    """Return the arterial saturation in percent, at most 100.

    Parameters
    ----------
    fraction
        Inspired fraction of oxygen.
    heat
        Core temperature above the usual, Celsius.
    """
    shunt = np.clip(lung.shunt, 0.0, _MOST_SHUNT)
    poor = np.clip(lung.poor, 0.0, 0.95 - shunt)
    good = np.asarray(fraction * _DRY_MMHG - _CO2_MMHG / _EXCHANGE)
    more = good - _GOOD_ON_AIR_MMHG
    weak = np.maximum(_POOR_ON_AIR_MMHG + _POOR_SHARE * more, 25.0)
    dissolved = _DISSOLVED * more / (_PER_HAEMOGLOBIN * nature.haemoglobin)
    mixed = (1.0 - shunt - poor) * (saturation(good) + dissolved) + poor * saturation(weak)
    # consumption rises by about 10 % per degree (DuBois, JAMA 1921); flow makes half of it good
    taken = _extraction(nature) * (1.0 + 0.05 * heat)
    arterial = (mixed - shunt * taken) / (1.0 - shunt)
    return 100.0 * np.clip(arterial, 0.3, 1.0)


def _extraction(nature: Nature) -> float:
    """Return the share of the saturation that the tissues take; anaemia raises it.

    The heart pumps more for it, which makes half of it good.
    """
    full = _EXTRACTED_ML_DL / (_PER_HAEMOGLOBIN * nature.haemoglobin)
    return 0.5 * full + 0.5 * _EXTRACTED_ML_DL / (_PER_HAEMOGLOBIN * _FULL_HAEMOGLOBIN)
