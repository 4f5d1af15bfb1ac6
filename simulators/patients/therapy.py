"""Effects of treatment on a patient, each with its published time course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.patients.plan import Treatment, TreatmentKind
from simulators.patients.shapes import Float64, settling, smooth_step

# Paracetamol 1 g i.v.: significant fall by 30 min (Am J Emerg Med 2021); 37.1 or less within 6 h
# in 80 %, median 3 h; time constant 45 min and return by 4 to 6 h: design start value, unvalidated
_ANTIPYRETIC_TAU_S: Final = 45 * MINUTE_S
_ANTIPYRETIC_HOLDS_S: Final = 4 * HOUR_S
_ANTIPYRETIC_GONE_S: Final = 6 * HOUR_S
_ANTIPYRETIC_AT_MOST: Final = 0.85
"""Largest share of the elevation removed: it lowers fever, not a normal temperature."""

# Tocilizumab: defervescence in 4 to 12 h, vasopressors weaned in 12 to 48 h (clinical practice
# summarised in Neelapu et al., Nat Rev Clin Oncol 2018); shape: design start value, unvalidated
_TOCILIZUMAB_FEVER_TAU_S: Final = 9 * HOUR_S
_TOCILIZUMAB_LIMB_TAU_S: Final = 14 * HOUR_S
_TOCILIZUMAB_SHARE: Final = 0.95
# Dexamethasone: similar, slower; design start value, unvalidated
_STEROID_FEVER_TAU_S: Final = 14 * HOUR_S
_STEROID_LIMB_TAU_S: Final = 20 * HOUR_S
_STEROID_SHARE: Final = 0.7
_STEROID_HOLDS_S: Final = 36 * HOUR_S

# design start values, unvalidated
_FLUIDS_SHARE_PER_L: Final = 0.45
_FLUIDS_TAU_S: Final = 20 * MINUTE_S
_FLUIDS_FADE_TAU_S: Final = 3 * HOUR_S
_VASOPRESSOR_SHARE: Final = 0.75
_VASOPRESSOR_TAU_S: Final = 8 * MINUTE_S
_OXYGEN_TAU_S: Final = 60.0
OXYGEN_SHARES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {  # device: share of a fall of SpO2 that it compensates, and added share for each l/min
        "nasal cannula": (0.15, 0.10),
        "blow-by": (0.25, 0.02),
        "face mask": (0.45, 0.03),
        "venturi mask": (0.45, 0.03),
        "non-rebreather mask": (0.7, 0.01),
        "high-flow nasal cannula": (0.6, 0.006),
        "cpap": (0.9, 0.0),
        "bipap": (0.92, 0.0),
        "ventilator": (0.95, 0.0),
    }
)
_OXYGEN_AT_MOST: Final = 0.95


def fever_left(treatments: Iterable[Treatment], t: Float64) -> Float64:
    """Return the share of the fever that anticytokine treatment leaves."""
    return _left(treatments, t, _TOCILIZUMAB_FEVER_TAU_S, _STEROID_FEVER_TAU_S)


def limb_left(treatments: Iterable[Treatment], t: Float64) -> Float64:
    """Return the share of falling pressure and oxygen that anticytokine treatment leaves."""
    return _left(treatments, t, _TOCILIZUMAB_LIMB_TAU_S, _STEROID_LIMB_TAU_S)


def antipyretic_relief(treatments: Iterable[Treatment], t: Float64, elevation: Float64) -> Float64:
    """Return the reduction of temperature by antipyretics, Celsius."""
    relief = np.zeros_like(t)
    for given in treatments:
        if given.kind is TreatmentKind.ANTIPYRETIC:
            fades_s = _ANTIPYRETIC_GONE_S - _ANTIPYRETIC_HOLDS_S
            acts = settling(t, given.at_s, _ANTIPYRETIC_TAU_S) * (
                1.0 - smooth_step(t, given.at_s + _ANTIPYRETIC_HOLDS_S, fades_s)
            )
            relief += given.amount * acts
    return np.minimum(relief, _ANTIPYRETIC_AT_MOST * np.maximum(elevation, 0.0))


def pressure_made_good(treatments: Iterable[Treatment], t: Float64) -> Float64:
    """Return the share of a fall of pressure that fluids and vasopressors compensate."""
    remaining = np.ones_like(t)
    for given in treatments:
        if given.kind is TreatmentKind.FLUIDS:
            passed = np.maximum(t - given.at_s, 0.0)
            acts = settling(t, given.at_s, _FLUIDS_TAU_S) * np.exp(-passed / _FLUIDS_FADE_TAU_S)
            remaining *= 1.0 - np.minimum(_FLUIDS_SHARE_PER_L * given.amount, 0.9) * acts
        elif given.kind is TreatmentKind.VASOPRESSOR:
            remaining *= 1.0 - _VASOPRESSOR_SHARE * given.amount * _running(
                given, t, _VASOPRESSOR_TAU_S
            )
    return 1.0 - remaining


def oxygen_made_good(treatments: Iterable[Treatment], t: Float64) -> Float64:
    """Return the share of a fall of SpO2 that oxygen compensates."""
    share = np.zeros_like(t)
    for given in treatments:
        if given.kind is TreatmentKind.OXYGEN:
            least, per_l = OXYGEN_SHARES[given.name]
            reach = min(_OXYGEN_AT_MOST, least + per_l * given.amount)
            share = np.maximum(share, reach * _running(given, t, _OXYGEN_TAU_S))
    return share


def _left(
    treatments: Iterable[Treatment], t: Float64, tocilizumab_tau_s: float, steroid_tau_s: float
) -> Float64:
    left = np.ones_like(t)
    for given in treatments:
        if given.kind is TreatmentKind.TOCILIZUMAB:
            acts = settling(t, given.at_s, tocilizumab_tau_s)
            left *= 1.0 - _TOCILIZUMAB_SHARE * given.amount * acts
        elif given.kind is TreatmentKind.STEROID:
            acts = settling(t, given.at_s, steroid_tau_s) * (
                1.0 - smooth_step(t, given.at_s + _STEROID_HOLDS_S, 12 * HOUR_S)
            )
            left *= 1.0 - _STEROID_SHARE * given.amount * acts
    return left


def _running(given: Treatment, t: Float64, tau_s: float) -> Float64:
    return settling(t, given.at_s, tau_s) - settling(t, given.until_s, tau_s)
