"""Peculiarities for life that a ward's people bring along."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulators.habits.ward_habits import WardHabits
from simulators.patients.person import Person

# design start values, unvalidated
_LOW_SYSTOLIC: Final = (94.0, 104.0)
"""Usual systolic pressure of adults whose pressure is low for life; sleep takes it below 90."""
_FAST_HEART: Final = (12.0, 22.0)
"""Added heart rate, 1/min."""
_ANAEMIC_HEART: Final = (5.0, 12.0)
_APNOEA_DIPS: Final = (40.0, 150.0)
"""Dips of SpO2 in a night."""
_PACED: Final = (60, 70, 80)


@dataclass(frozen=True, slots=True)
class Traits:
    """Peculiarities of one person; another physiology applies them in its own way."""

    systolic: float | None = None
    """Usual systolic pressure, mmHg; None for that of the age."""
    heart_rate_added: float = 0.0
    """Usual heart rate beyond that of the age, 1/min."""
    dips_a_night: float | None = None
    """Dips of SpO2 in a night; None for the usual few."""
    paced_per_min: float = 0.0
    """Rate of a pacemaker, 1/min; 0 for none."""
    names: tuple[str, ...] = ()
    """Names for the patient's marks."""

    def of(self, person: Person) -> Person:
        """Return a person with these peculiarities."""
        usual = person.baseline
        systolic = usual.systolic if self.systolic is None else self.systolic
        return replace(
            person,
            baseline=replace(
                usual,
                systolic=systolic,
                diastolic=usual.diastolic * systolic / usual.systolic,
                heart_rate=usual.heart_rate + self.heart_rate_added,
            ),
            dips_a_night=person.dips_a_night if self.dips_a_night is None else self.dips_a_night,
            paced_per_min=self.paced_per_min,
        )


def draw_traits(ward: WardHabits, draw: np.random.Generator, *, is_child: bool) -> Traits:
    """Return the peculiarities of one person; children have neither low pressure nor pacemaker."""
    chance = draw.uniform(size=5)
    amounts = draw.uniform(size=5)
    names = []
    systolic, added, dips, paced = None, 0.0, None, 0.0
    if chance[0] < ward.low_pressure_share and not is_child:
        names.append("low_pressure")
        systolic = _between(_LOW_SYSTOLIC, amounts[0])
    if chance[1] < ward.fast_heart_share:
        names.append("fast_heart")
        added += _between(_FAST_HEART, amounts[1])
    if chance[2] < ward.anaemia_share:
        names.append("anaemia")
        added += _between(_ANAEMIC_HEART, amounts[2])
    if chance[3] < ward.apnoea_share:
        names.append("apnoea")
        dips = _between(_APNOEA_DIPS, amounts[3])
    if chance[4] < ward.pacemaker_share and not is_child:
        names.append("pacemaker")
        paced = float(_PACED[int(amounts[4] * len(_PACED))])
    return Traits(systolic, added, dips, paced, tuple(names))


def _between(ends: tuple[float, float], share: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * float(share)
