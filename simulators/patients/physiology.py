"""The seam of a physiology: a body that makes the signs of one stay in its own way."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from simulators.patients.plan import PlannedFault
from simulators.patients.sensors import Float32
from simulators.patients.shapes import Float64
from simulators.patients.signs import Body


class Sensed(NamedTuple):
    """Signs of one span at the sensors, before a monitor rounds them."""

    channels: dict[str, Float32]
    """Values per second by kind (keys of `sensors.CHANNELS`), each of shape (n,)."""
    body: Body
    """The body at even steps of the same span, end included, for the cuff."""
    motion: tuple[PlannedFault, ...]
    """Movements that disturb the oximeter."""


class PossibleCrs(NamedTuple):
    """An onset of CRS that a patient could have, patient times in seconds."""

    drift_s: float
    """Begin of the temperature's drift."""
    fever_s: float
    """Time at which the temperature reaches 38.0."""


class Physiology(Protocol):
    """A body over one stay; the same body gives the same signs in any order of queries."""

    def course(self, t: Float64) -> Body:
        """Return the signs at patient times `t`, shape (n,), without noise and daily life."""
        ...

    def course_of_crs(self, t: Float64) -> Body:
        """Return the course with CRS alone, without other illnesses and episodes."""
        ...

    def possible_crs(self, draw: np.random.Generator) -> PossibleCrs:
        """Return the onset that a mild CRS after this patient's product could have."""
        ...

    def sensed(self, from_s: int, to_s: int) -> Sensed:
        """Return the signs in the seconds from `from_s` up to `to_s`, with noise."""
        ...

    def around(self, from_s: int, to_s: int) -> Body:
        """Return the body with noise at a few even steps of a span, both ends included."""
        ...
