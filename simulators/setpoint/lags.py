"""First-order lags over even steps, and random signals with a long memory that are made of them."""

from __future__ import annotations

from math import ceil, log
from typing import Final

import numpy as np

from simulators.patients.sensors import Float32
from simulators.patients.shapes import Float64

_NEGLIGIBLE: Final = 1e-15
"""Share of an input that no longer shows in double precision."""


def lagged(x: Float64, steps: float, start: float | None = None) -> Float64:
    """Return the response of a first-order lag to `x`, shape (n,).

    Each pass adds what the same number of earlier steps left, and doubles that number.

    Parameters
    ----------
    x
        Input at even steps, shape (n,).
    steps
        Time constant in steps; 0 or less returns the input.
    start
        Output before the first step; None: the first input.
    """
    if steps <= 0.0:
        return x.copy()
    keep = float(np.exp(-1.0 / steps))
    y = (1.0 - keep) * x
    reach = 1
    while reach < y.size and keep**reach > _NEGLIGIBLE:
        y[reach:] += keep**reach * y[:-reach]
        reach *= 2
    before = float(x[0]) if start is None else start
    shown = min(y.size, ceil(steps * -log(_NEGLIGIBLE)))
    y[:shown] += before * keep ** np.arange(1.0, shown + 1.0)
    return y


def wander(draw: np.random.Generator, size: int, steps: float, spread: float) -> Float64:
    """Return an Ornstein-Uhlenbeck process of `size` steps.

    Parameters
    ----------
    steps
        Time constant in steps.
    spread
        Standard deviation.
    """
    keep = float(np.exp(-1.0 / steps))
    scale = np.sqrt((1.0 + keep) / (1.0 - keep))
    first, white = draw.standard_normal(), draw.standard_normal(size)
    return spread * lagged(scale * white, steps, start=float(first))


def coloured(draw: np.random.Generator, size: int, slowest: int, slope: float) -> Float32:
    """Return two independent signals with a spectrum of 1/f to the power of `slope`.

    Their end joins their beginning, so that they can be repeated.

    Parameters
    ----------
    slowest
        Longest period in steps; slower components are left to `wander`.
    slope
        Exponent of the power spectrum: 0 white, 1 as the heart rate's.

    Returns
    -------
    Float32
        Signals of standard deviation 1, shape (2, size).
    """
    white = draw.standard_normal((2, size), dtype=np.float32)
    both = np.fft.ifft((white[0] + 1j * white[1]) * _colour(size, slowest, slope))
    return np.stack((both.real, both.imag)).astype(np.float32, copy=False)


def _colour(size: int, slowest: int, slope: float) -> Float32:
    """Return the amplitude of each frequency, scaled to signals of standard deviation 1."""
    frequency = np.abs(np.fft.fftfreq(size))
    shape = np.zeros(size)
    fast = frequency >= 1.0 / slowest
    shape[fast] = frequency[fast] ** (-0.5 * slope)
    shape *= size / np.sqrt(np.sum(shape**2))
    return shape.astype(np.float32)
