"""Time courses of effects on a patient, each from 0 to 1; times in seconds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]


def smooth_step(t: Float64, from_s: float, length_s: float) -> Float64:
    """Return 0 before `from_s`, 1 from `length_s` later on, and a smooth rise between."""
    share = np.clip((t - from_s) / max(length_s, 1e-9), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def share_to_reach(level: float) -> float:
    """Return the share of its length in which a smooth step reaches `level`, 0 to 1."""
    return float(0.5 - np.sin(np.arcsin(1.0 - 2.0 * level) / 3.0))


def plateau(t: Float64, span: tuple[float, float], rise_s: float, fall_s: float) -> Float64:
    """Return a rise from the start of `span`, then 1, and a fall that ends with it."""
    begin, end = span
    return smooth_step(t, begin, rise_s) * (1.0 - smooth_step(t, end - fall_s, fall_s))


def settling(t: Float64, from_s: float, tau_s: float) -> Float64:
    """Return the approach to 1 with a time constant; 0 before `from_s`."""
    passed = np.maximum(t - from_s, 0.0)
    return 1.0 - np.exp(-passed / tau_s)


def bump(t: Float64, centre_s: float, width_s: float) -> Float64:
    """Return a bell curve of about `width_s` from side to side."""
    return np.exp(-(((t - centre_s) / (width_s / 2.0)) ** 2))
