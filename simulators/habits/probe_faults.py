"""Faults of probes, leads and the whole monitor over a stay, as a ward has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.habits.ward_habits import WardHabits
from simulators.patients.plan import FaultKind, PlannedFault, Sensor

# design start values, unvalidated, unless said
_RESTLESS: Final = 0.8
"""Spread of the logarithm of a person's own share of faults (the top tenth of patients make 57 % of
SpO2 alarms: Lansdowne et al., J Clin Monit Comput 2016)."""
_RESTLESS_AT_MOST: Final = 4.0
_LENGTH_SPREAD: Final = 1.0
"""Spread of the logarithm of a fault's length; s00001: quartiles 3 and 24 min about 10."""
_LONGEST_S: Final = 6 * HOUR_S
_SHORTEST_S: Final = 20.0
_FLAT_MIN: Final = 30.0
_TEMPERATURE_OFF_MIN: Final = 30.0
_SLIPPED_MIN: Final = 70.0
_SLIP: Final = (0.8, 9.0)
"""Fall of a slipped probe, Celsius: partly off, or in the bed."""
_WARMED: Final = (20.0, 120.0, 0.3, 0.9)
"""Minutes and degrees of a warming."""
_COOLED: Final = (15.0, 120.0, 1.0, 5.0)
_TRANSPORT_MIN: Final = (15.0, 120.0)
_MOTION_S: Final = 4.0
"""Median length of a movement, seconds (BIDMC: median 3, nine tenths below 10)."""
_MOTION_SPO2: Final = (70.0, 89.0)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Spans of faults of one kind."""

    length_s: float
    draw: np.random.Generator

    def spans(
        self, per_day: float, median_min: float, shortest_s: float = _SHORTEST_S
    ) -> list[tuple[float, float]]:
        """Return spans with lengths spread about a median."""
        times = int(self.draw.poisson(per_day * self.length_s / DAY_S))
        begins = np.sort(self.draw.uniform(0.0, self.length_s, times))
        lengths = median_min * MINUTE_S * np.exp(_LENGTH_SPREAD * self.draw.standard_normal(times))
        ends = begins + np.clip(lengths, shortest_s, _LONGEST_S)
        return list(zip(begins.tolist(), ends.tolist(), strict=True))

    def bounded(self, per_day: float, minutes: tuple[float, float]) -> list[tuple[float, float]]:
        """Return spans with lengths between two bounds."""
        times = int(self.draw.poisson(per_day * self.length_s / DAY_S))
        begins = np.sort(self.draw.uniform(0.0, self.length_s, times))
        ends = begins + self.draw.uniform(*minutes, times) * MINUTE_S
        return list(zip(begins.tolist(), ends.tolist(), strict=True))

    def size(self, low: float, high: float) -> float:
        """Return a size, its logarithm drawn evenly."""
        return float(low * (high / low) ** self.draw.uniform())


def draw_probe_faults(
    ward: WardHabits, length_s: float, draw: np.random.Generator, *, has_probe: bool
) -> tuple[PlannedFault, ...]:
    """Return the faults of a stay in the order in which they act: a later one hides an earlier.

    Parameters
    ----------
    has_probe
        True for a patient with a temperature probe.
    """
    restless = min(_RESTLESS_AT_MOST, float(np.exp(_RESTLESS * draw.standard_normal())))
    drawn = _Drawn(length_s, draw)
    return (
        *(_temperature(ward, drawn) if has_probe else _no_probe(length_s)),
        *_oximeter(ward, drawn, restless),
        *_leads(ward, drawn, restless),
        *_monitor(ward, drawn),
    )


def _no_probe(length_s: float) -> list[PlannedFault]:
    return [PlannedFault(FaultKind.NO_PROBE, Sensor.TEMPERATURE, 0.0, length_s)]


def _temperature(ward: WardHabits, drawn: _Drawn) -> list[PlannedFault]:
    sensor = Sensor.TEMPERATURE
    faults = []
    for span in drawn.bounded(ward.temperature_warmed_per_day, _WARMED[:2]):
        size = drawn.size(*_WARMED[2:])
        faults.append(PlannedFault(FaultKind.PROBE_WARMED, sensor, *span, size))
    for span in drawn.bounded(ward.temperature_cooled_per_day, _COOLED[:2]):
        size = drawn.size(*_COOLED[2:])
        faults.append(PlannedFault(FaultKind.PROBE_COOLED, sensor, *span, size))
    for span in drawn.spans(ward.temperature_slipped_per_day, _SLIPPED_MIN, 600.0):
        size = drawn.size(*_SLIP)
        faults.append(PlannedFault(FaultKind.PROBE_SLIPPED, sensor, *span, size))
    off = drawn.spans(ward.temperature_off_per_day, _TEMPERATURE_OFF_MIN)
    return faults + [PlannedFault(FaultKind.PROBE_OFF, sensor, *span) for span in off]


def _oximeter(ward: WardHabits, drawn: _Drawn, restless: float) -> list[PlannedFault]:
    sensor = Sensor.SPO2
    sends_zero = drawn.draw.uniform() < ward.spo2_zero_share
    off = FaultKind.PROBE_ZERO if sends_zero else FaultKind.PROBE_OFF
    faults = []
    moved = drawn.spans(24.0 * ward.motion_per_h * restless, _MOTION_S / MINUTE_S, 1.0)
    hides = drawn.draw.uniform(size=len(moved)) < ward.motion_hides_share
    shown = np.where(hides, drawn.draw.uniform(*_MOTION_SPO2, len(moved)), 0.0).tolist()
    faults += [
        PlannedFault(FaultKind.MOTION, sensor, *span, size)
        for span, size in zip(moved, shown, strict=True)
    ]
    flats = drawn.spans(ward.spo2_flat_per_day, _FLAT_MIN)
    faults += [PlannedFault(FaultKind.PROBE_FLAT, sensor, *span) for span in flats]
    offs = drawn.spans(ward.spo2_off_per_day * restless, ward.spo2_off_median_min)
    return faults + [PlannedFault(off, sensor, *span) for span in offs]


def _leads(ward: WardHabits, drawn: _Drawn, restless: float) -> list[PlannedFault]:
    return [
        PlannedFault(FaultKind.PROBE_OFF, Sensor.ECG, *span)
        for span in drawn.spans(ward.leads_off_per_day * restless, ward.leads_off_median_min)
    ]


def _monitor(ward: WardHabits, drawn: _Drawn) -> list[PlannedFault]:
    losses = drawn.spans(ward.disconnected_per_day, ward.disconnected_median_min)
    journeys = drawn.bounded(ward.transport_per_day, _TRANSPORT_MIN)
    return [
        *(PlannedFault(FaultKind.LOSS, Sensor.ALL, *span) for span in losses),
        *(PlannedFault(FaultKind.TRANSPORT, Sensor.ALL, *span) for span in journeys),
    ]
