"""Noise that is correlated in time, bounded, and the same from any starting point.

Each signal's noise is a sum of layers. A layer has knots at a fixed spacing with independent normal
values; between them it is linear, scaled so that the spread is the same everywhere. Knots are drawn
hour by hour from a generator keyed by seed and hour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

HOUR_S: Final = 3600
_LIMIT_SD: Final = 2.5
"""Largest deviation of a layer in standard deviations, so that a scenario's promises hold for every
seed."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of one signal."""

    signal: str
    spread: float
    """Standard deviation in the signal's unit."""
    spacing_s: int
    """Seconds between knots; divides an hour, or is a whole number of hours."""


class Noise:
    """The noise of all signals of one patient.

    Parameters
    ----------
    layers
        Layers in an order that never changes, as it assigns the random numbers.
    seed
        Seed of the patient.
    stream
        Separates the noises of one patient.
    """

    def __init__(self, layers: Sequence[Layer], seed: int, stream: int) -> None:
        self._layers = tuple(layers)
        self._key = (seed, stream)
        self._counts = [max(1, HOUR_S // layer.spacing_s) for layer in self._layers]
        self._ends = np.cumsum(self._counts)
        self._knots = lru_cache(maxsize=64)(self._drawn)

    def over(self, from_s: int, count: int, step_s: int) -> Mapping[str, Float32]:
        """Return each signal's noise at `from_s`, `from_s + step_s`, ..., shape (count,).

        `from_s` and every layer's spacing are whole numbers of steps.
        """
        sums: dict[str, Float32] = {}
        for index, layer in enumerate(self._layers):
            part = self._layer(index, layer, from_s, (count, step_s))
            if layer.signal in sums:
                sums[layer.signal] += part
            else:
                sums[layer.signal] = part
        return sums

    def _layer(self, index: int, layer: Layer, from_s: int, grid: tuple[int, int]) -> Float32:
        count, step_s = grid
        spacing = layer.spacing_s
        first = from_s // spacing
        last = (from_s + (count - 1) * step_s) // spacing + 1
        knots = self._between(index, spacing, first, last + 1)
        per_knot = spacing // step_s
        right = np.arange(per_knot, dtype=np.float32) / np.float32(per_knot)
        left = 1 - right
        norm = np.float32(layer.spread) / np.hypot(left, right)
        lines: Float32 = knots[:-1, None] * (left * norm) + knots[1:, None] * (right * norm)
        skip = (from_s - first * spacing) // step_s
        return lines.ravel()[skip : skip + count]

    def _between(self, index: int, spacing_s: int, first: int, last: int) -> Float32:
        """Return the knots `first` to `last` - 1 of a layer."""
        if spacing_s >= HOUR_S:
            hours = range(first * (spacing_s // HOUR_S), last * (spacing_s // HOUR_S))
            return np.concatenate(
                [self._of_hour(index, hour) for hour in hours[:: spacing_s // HOUR_S]]
            )
        per_hour = HOUR_S // spacing_s
        hours = range(first // per_hour, (last - 1) // per_hour + 1)
        parts = np.concatenate([self._of_hour(index, hour) for hour in hours])
        skip = first - hours[0] * per_hour
        return parts[skip : skip + last - first]

    def _of_hour(self, index: int, hour: int) -> Float32:
        end = int(self._ends[index])
        return self._knots(hour)[end - self._counts[index] : end]

    def _drawn(self, hour: int) -> Float32:
        seed, stream = self._key
        key = (seed & 0xFFFFFFFFFFFFFFFF) | (stream << 64)
        # Each hour owns 2**64 steps of the counter; hours before 0 are at its upper end.
        bits = np.random.Philox(key=key, counter=(hour & 0xFFFFFFFF) << 64)
        knots = np.random.Generator(bits).standard_normal(int(self._ends[-1]), dtype=np.float32)
        # A value halfway between two knots is scaled up by sqrt 2, and stays bounded.
        return np.clip(knots, -_LIMIT_SD / 2**0.5, _LIMIT_SD / 2**0.5, out=knots)
