"""A patient's oxygen therapy over time, as people entered it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf
from typing import Final

from edge_agent.model.patient import OxygenDevice, PatientEntry

RAISED_FOR_NS: Final = 6 * 3600 * 10**9
"""Time after an increase for which oxygen counts as raised; design start value, unvalidated."""
_STRENGTH: Final = {device: rank for rank, device in enumerate(OxygenDevice)}
"""Rank of each device, from air to ventilator."""


@dataclass(frozen=True, slots=True)
class OxygenPhase:
    """Oxygen therapy from one moment until the next phase."""

    since_utc_ns: int
    device: OxygenDevice
    flow_l_min: float | None
    """l/min; None where it was not entered, and for air."""
    raised_until_utc_ns: int
    """Time until which the therapy counts as raised: `RAISED_FOR_NS` after a weaker one ended; at
    most `since_utc_ns` if it is not raised."""


def oxygen_phases(entries: Sequence[PatientEntry]) -> list[OxygenPhase]:
    """Return the phases of oxygen: the running device that began last, else air.

    Air is assumed before the first entry. A flow that was not entered is compared as the newest
    one of the same device, and as the highest where there is none: it is no increase by itself.

    Parameters
    ----------
    entries
        Oxygen entries, in order of the times they are about.
    """
    begins = [entry.at_utc_ns for entry in entries]
    ends = [entry.until_utc_ns for entry in entries if entry.until_utc_ns is not None]
    running: list[tuple[int, PatientEntry]] = []
    phases: list[OxygenPhase] = []
    levels: list[tuple[tuple[int, float], int]] = []
    flows = {OxygenDevice.AIR: 0.0}
    begun, before = 0, None
    for at_ns in sorted({*begins, *ends}):
        while begun < len(entries) and begins[begun] <= at_ns:
            heappush(running, (-begun, entries[begun]))
            begun += 1
        while running and _is_over(running[0][1], at_ns):
            heappop(running)
        given = running[0][1] if running else None
        if phases and given is before:
            continue
        before, device, flow = given, OxygenDevice.AIR, None
        if given is not None:
            device, flow = OxygenDevice(given.name), given.amount
        if flow is not None:
            flows[device] = flow
        raised_ns = _raised_until(levels, (_STRENGTH[device], flows.get(device, inf)), at_ns)
        phases.append(OxygenPhase(at_ns, device, flow, raised_ns))
    return phases


def _is_over(entry: PatientEntry, utc_ns: int) -> bool:
    return entry.until_utc_ns is not None and entry.until_utc_ns <= utc_ns


def _raised_until(
    levels: list[tuple[tuple[int, float], int]], level: tuple[int, float], at_ns: int
) -> int:
    """Return the time until which a new level counts as raised; add it to `levels`.

    Parameters
    ----------
    levels
        Earlier levels and when each ended, lowest first. A level that a lower one followed is
        removed, because the lower one is the better comparison.
    """
    before = levels[-1][0] if levels else (_STRENGTH[OxygenDevice.AIR], 0.0)
    levels[-1:] = [(before, at_ns)]
    while levels and levels[-1][0] >= level:
        levels.pop()
    raised_ns = levels[-1][1] + RAISED_FOR_NS if levels else at_ns
    levels.append((level, at_ns))
    return raised_ns
