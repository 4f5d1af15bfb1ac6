"""Beds with a simulated IntelliVue monitor on a pseudo-terminal."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from simulators.links.pty_link import PtyLink
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.wards.bedside import SimulatedBed

if TYPE_CHECKING:
    from edge_agent.model.clock import Clock
    from simulators.patients.patient import Patient
    from simulators.wards.bedside import Damage


def intellivue_bed(
    name: str, course: Patient, clock: Clock, seed: int, damage: Damage | None = None
) -> SimulatedBed[IntellivueMonitor]:
    """Return a bed with a Philips IntelliVue monitor on a pseudo-terminal; its course begins now.

    Parameters
    ----------
    name
        Shown by the monitor as its bed label.
    course
        The patient.
    clock
        The ward's time.
    seed
        Chooses how this monitor differs from the next one.
    damage
        What happens on the way to the host; None for a good cable.
    """
    offset_s = float(Random(seed).randint(-90, 90))  # nobody sets a monitor's clock exactly
    settings = IntellivueSettings(bed_label=name, wall_offset_s=offset_s)
    monitor = IntellivueMonitor(PowerOn(course.vitals_at, clock.now()), settings, seed)
    return SimulatedBed(name, monitor, PtyLink(), damage)
