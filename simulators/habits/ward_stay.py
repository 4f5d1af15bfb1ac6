"""One patient's stay on a ward: every fault and habit with its time, drawn before the stay.

Nothing here depends on how a body is simulated. The faults are `PlannedFault`s, which
`sensors.spoil`, `cuff.is_cuff_off` and `cuff_faults.spoil_cuff` apply to readings; the entries are
`TimedEntry`s. Each fault's span is its truth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from simulators.habits.chance import Stream, chance
from simulators.habits.cuff_days import draw_cuff_days
from simulators.habits.people import Traits, draw_traits
from simulators.habits.probe_faults import draw_probe_faults
from simulators.habits.staff import (
    draw_hand_times,
    draw_notes,
    draw_pains,
    entered,
    hand_temperatures,
)
from simulators.habits.ward_habits import WardHabits
from simulators.patients.context import TimedEntry
from simulators.patients.plan import CuffPlan, Episode, Plan, PlannedFault
from simulators.patients.shapes import Float64


@dataclass(frozen=True, slots=True)
class WardStay:
    """A stay on a ward."""

    ward: WardHabits
    seed: int
    cuff: tuple[CuffPlan, ...]
    """Intervals of the cuff as nurses set them, in order of time."""
    cuff_requests_s: tuple[float, ...]
    """Repeats after failed and odd readings."""
    faults: tuple[PlannedFault, ...]
    """Faults with their spans, in the order in which they act on a reading."""
    pains: tuple[Episode, ...]
    """Attacks of pain and procedures, which the body answers."""
    entries: tuple[TimedEntry, ...]
    """Entries that come from the ward: absences, procedures, usual values, flags."""
    hand_times_s: tuple[float, ...]
    """Times of temperatures taken by hand."""

    def added_to(self, plan: Plan) -> Plan:
        """Return a plan with the faults, cuffs and pains of this stay."""
        return replace(
            plan,
            cuff=self.cuff,
            cuff_requests_s=tuple(sorted((*plan.cuff_requests_s, *self.cuff_requests_s))),
            episodes=(*plan.episodes, *self.pains),
            faults=(*plan.faults, *self.faults),
            cuff_scatter_mmhg=self.ward.cuff_scatter_mmhg,
        )

    def charted(
        self, events: Sequence[TimedEntry], core_at: Callable[[Float64], Float64]
    ) -> tuple[TimedEntry, ...]:
        """Return what staff enter, in order of the times it concerns.

        Parameters
        ----------
        events
            Events of the patient as they happened.
        core_at
            Gives the patient's core temperature at times in seconds, shape (n,), Celsius.
        """
        source = chance(self.ward.seed, self.seed, Stream.ENTRIES)
        made = entered(self.ward, (*events, *self.entries), source)
        by_hand = hand_temperatures(
            self.ward,
            self.hand_times_s,
            core_at,
            chance(self.ward.seed, self.seed, Stream.HAND_VALUES),
        )
        return tuple(sorted((*made, *by_hand), key=lambda e: (e.at_s, e.kind, e.value)))


def traits_on(ward: WardHabits, seed: int, *, is_child: bool) -> Traits:
    """Return the peculiarities of the person whose stay has a seed."""
    return draw_traits(ward, chance(ward.seed, seed, Stream.PEOPLE), is_child=is_child)


def pains_on(ward: WardHabits, seed: int, length_s: float) -> tuple[Episode, ...]:
    """Return the pains and procedures of the stay with a seed, known before all else about it."""
    return draw_pains(ward, length_s, chance(ward.seed, seed, Stream.PAIN))[0]


def stay_on(
    ward: WardHabits, seed: int, traits: Traits, length_s: float, needed: Sequence[CuffPlan]
) -> WardStay:
    """Return the stay of one patient on a ward.

    Parameters
    ----------
    seed
        Seed of the stay; the same on another ward gives the same person other faults.
    traits
        Peculiarities of the person.
    length_s
        Length of the stay, seconds.
    needed
        Intervals of the cuff that the patient's care calls for, the routine first.
    """
    cuffs = draw_cuff_days(ward, needed, length_s, chance(ward.seed, seed, Stream.CUFF))
    has_probe = chance(ward.seed, seed, Stream.WITHOUT_PROBE).uniform() >= ward.hand_share
    source = chance(ward.seed, seed, Stream.PROBES)
    probes = draw_probe_faults(ward, length_s, source, has_probe=has_probe)
    pains, noted = draw_pains(ward, length_s, chance(ward.seed, seed, Stream.PAIN))
    faults = (*cuffs.faults, *probes)
    notes = draw_notes(ward, traits, faults, chance(ward.seed, seed, Stream.NOTES))
    hand_times_s = draw_hand_times(ward, length_s, chance(ward.seed, seed, Stream.HAND_TIMES))
    return WardStay(
        ward=ward,
        seed=seed,
        cuff=cuffs.parts,
        cuff_requests_s=cuffs.repeats_s,
        faults=faults,
        pains=pains,
        entries=(*noted, *notes),
        hand_times_s=hand_times_s,
    )
