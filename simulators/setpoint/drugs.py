"""Drugs, fluids and oxygen: the share of a storm that they leave, and the support they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.patients.plan import Treatment, TreatmentKind
from simulators.patients.shapes import Float64
from simulators.setpoint.forces import STEP_S
from simulators.setpoint.lags import lagged

# Tocilizumab: fever ends in 4 to 12 h and pressors are weaned in 12 to 48 h in practice; the
# constants that give this, and those of steroids: design start values, unvalidated
_TOCI_WAITS_S: Final = 1.0 * HOUR_S
_TOCI_ON_FEVER_S: Final = 4.5 * HOUR_S
_TOCI_ON_ORGANS_S: Final = 15.0 * HOUR_S
_TOCI_FADES_S: Final = 12.0 * DAY_S
_STEROID_ON_FEVER_S: Final = 7.0 * HOUR_S
_STEROID_ON_ORGANS_S: Final = 12.0 * HOUR_S
_STEROID_FADES_S: Final = 2.0 * DAY_S
_STEROID_LEAVES: Final = 0.55
# Paracetamol: a drop by 30 min (Am J Emerg Med 2021, intravenous ibuprofen and paracetamol)
_ANTIPYRETIC_WAITS_S: Final = 10.0 * MINUTE_S
_ANTIPYRETIC_ON_S: Final = 45.0 * MINUTE_S
_ANTIPYRETIC_LASTS_S: Final = 4.6 * HOUR_S
# Fluids and pressors: design start values, unvalidated
FILLING_PER_L: Final = 0.15
_FLUID_IN_S: Final = 25.0 * MINUTE_S
_FLUID_LEAKS_S: Final = 6.0 * HOUR_S
_FLOODED_PER_L: Final = 0.015
"""Share of the lung that a litre floods in leaky vessels."""
REACH_OF_ONE: Final = 0.33
"""Rise of ln(mean pressure) that one pressor can give."""
_REACH_OF_MORE: Final = 0.62
_TITRATED_S: Final = 12.0 * MINUTE_S


@dataclass(frozen=True, slots=True)
class Device:
    """An oxygen device at a flow."""

    name: str
    flow: float
    """Flow, l/min; 0 for a device without one."""
    fraction: float
    """Inspired fraction of oxygen."""
    recruits: float = 0.0
    """Share of the poor lung that positive pressure opens."""


AIR: Final = Device("air", 0.0, 0.21)
# Fractions: about 4 % per litre by cannula; others as set in practice; design start values
LADDER: Final = (
    AIR,
    Device("nasal cannula", 2.0, 0.28),
    Device("nasal cannula", 4.0, 0.36),
    Device("nasal cannula", 6.0, 0.44),
    Device("high-flow cannula", 40.0, 0.60, 0.10),
    Device("non-rebreather", 15.0, 0.80),
    Device("cpap", 0.0, 0.60, 0.40),
    Device("ventilator", 0.0, 0.70, 0.55),
)
"""Devices in the order in which staff step up."""
_BY_NAME: Final[Mapping[str, tuple[Device, ...]]] = MappingProxyType(
    {name: tuple(d for d in LADDER if d.name == name) for name in {d.name for d in LADDER}}
)


@dataclass(frozen=True, slots=True, eq=False)
class Support:
    """Support by staff over time, each of shape (n,)."""

    filling: Float64
    """Change of ln(stroke volume) by fluids."""
    flooded: Float64
    """Share of the lung that the fluids flood."""
    reach: Float64
    """Largest rise of ln(mean pressure) that the running pressors can give."""
    fraction: Float64
    """Inspired fraction of oxygen."""
    recruits: Float64
    """Share of the poor lung that positive pressure opens."""


def device_of(given: Treatment) -> Device:
    """Return the device of a treatment with oxygen, at the nearest flow."""
    return min(_BY_NAME[given.name], key=lambda device: abs(device.flow - given.amount))


def fever_left(treatments: Sequence[Treatment], t: Float64) -> Float64:
    """Return the share of a storm's fever that tocilizumab and steroids leave, 0 to 1."""
    return _left(treatments, t, _TOCI_ON_FEVER_S, _STEROID_ON_FEVER_S)


def organs_left(treatments: Sequence[Treatment], t: Float64) -> Float64:
    """Return the share of a storm's effect on vessels and lungs that they leave, 0 to 1."""
    return _left(treatments, t, _TOCI_ON_ORGANS_S, _STEROID_ON_ORGANS_S)


def relief(treatments: Iterable[Treatment], t: Float64) -> Float64:
    """Return the fall of the set point by antipyretics, Celsius; never more than one full dose."""
    fall = np.zeros(t.size)
    for dose in _of(treatments, TreatmentKind.ANTIPYRETIC):
        since = np.maximum(t - dose.at_s - _ANTIPYRETIC_WAITS_S, 0.0)
        rises = 1.0 - np.exp(-since / _ANTIPYRETIC_ON_S)
        fall = np.maximum(
            fall, dose.amount * rises * np.exp(-((since / _ANTIPYRETIC_LASTS_S) ** 3))
        )
    return fall


def support(treatments: Sequence[Treatment], t: Float64) -> Support:
    """Return the support over time."""
    litres = np.zeros(t.size)
    for bolus in _of(treatments, TreatmentKind.FLUIDS):
        since = np.maximum(t - bolus.at_s, 0.0)
        litres += (
            bolus.amount * (1.0 - np.exp(-since / _FLUID_IN_S)) * np.exp(-since / _FLUID_LEAKS_S)
        )
    running = np.zeros(t.size)
    for given in _of(treatments, TreatmentKind.VASOPRESSOR):
        running += (t >= given.at_s) & (t < given.until_s)
    fraction, recruits = np.full(t.size, AIR.fraction), np.zeros(t.size)
    for given in _of(treatments, TreatmentKind.OXYGEN):
        device, on = device_of(given), (t >= given.at_s) & (t < given.until_s)
        fraction[on], recruits[on] = device.fraction, device.recruits
    return Support(
        filling=FILLING_PER_L * litres,
        flooded=lagged(_FLOODED_PER_L * litres, _FLUID_LEAKS_S / STEP_S, start=0.0),
        reach=np.choose(
            np.minimum(running, 2.0).astype(np.int64), (0.0, REACH_OF_ONE, _REACH_OF_MORE)
        ),
        fraction=lagged(fraction, 1.5),
        recruits=lagged(recruits, 20.0),
    )


def titrated(missing: Float64, reach: Float64) -> Float64:
    """Return the rise of ln(mean pressure) by pressors that staff titrate to what is missing."""
    wanted = np.clip(missing, 0.0, reach)
    return np.where(reach > 0.0, 1.0, 0.0) * lagged(wanted, _TITRATED_S / STEP_S, start=0.0)


def _of(treatments: Iterable[Treatment], kind: TreatmentKind) -> Iterable[Treatment]:
    return (given for given in treatments if given.kind is kind)


def _left(
    treatments: Sequence[Treatment], t: Float64, toci_on_s: float, steroid_on_s: float
) -> Float64:
    left = np.ones(t.size)
    for dose in _of(treatments, TreatmentKind.TOCILIZUMAB):
        since = np.maximum(t - dose.at_s - _TOCI_WAITS_S, 0.0)
        acts = (1.0 - np.exp(-since / toci_on_s)) * np.exp(-since / _TOCI_FADES_S)
        left *= 1.0 - dose.amount * acts
    calmed = np.zeros(t.size)
    for dose in _of(treatments, TreatmentKind.STEROID):
        since = np.maximum(t - dose.at_s, 0.0)
        acts = (1.0 - np.exp(-since / steroid_on_s)) * np.exp(-since / _STEROID_FADES_S)
        calmed = np.maximum(calmed, (1.0 - _STEROID_LEAVES) * dose.amount * acts)
    return left * (1.0 - calmed)
