"""Every simulated monitor, by the name of the driver that reads it and of its profile."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Final, Protocol

from simulators.monitors.ascii_line import (
    CuffSettings,
    CuffWriter,
    ThermometerSettings,
    ThermometerWriter,
)
from simulators.monitors.device import MonitorDevice, PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.monitors.hl7.dialects import DIALECTS
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.monitors.masimo_ascii import MasimoSettings, MasimoWriter
from simulators.monitors.nellcor_ascii import NellcorSettings, NellcorWriter
from simulators.monitors.nonin.monitor import NoninMonitor, NoninSettings
from simulators.monitors.nonin.wire import Format
from simulators.monitors.push_device import PacedMonitor

_POLLED: Final = frozenset({"efficia"})
"""HL7 dialects of a serial line."""


class Build(Protocol):
    """Makes a monitor."""

    def __call__(self, name: str, seed: int, on: PowerOn, /) -> MonitorDevice:
        """Return a monitor of the bed `name`."""


def _offset_s(seed: int) -> float:
    """Return the offset of a monitor's clock in seconds: no clock is set exactly."""
    return float(Random(seed).randint(-90, 90))


def _nonin(chosen: Format) -> Build:
    return lambda _name, seed, on: NoninMonitor(on, NoninSettings(format=chosen), seed)


def _hl7(dialect: str) -> Build:
    return lambda name, seed, on: Hl7Monitor(
        on, Hl7Settings(dialect=dialect, location=name, wall_offset_s=_offset_s(seed)), seed
    )


MONITORS: Final[Mapping[str, Build]] = MappingProxyType(
    {
        "philips_intellivue": lambda name, seed, on: IntellivueMonitor(
            on, IntellivueSettings(bed_label=name, wall_offset_s=_offset_s(seed)), seed
        ),
        "ge_dri": lambda _name, seed, on: GeDriMonitor(
            on, GeDriSettings(wall_offset_s=_offset_s(seed)), seed
        ),
        "masimo_ascii": lambda _name, seed, on: PacedMonitor(
            MasimoWriter(MasimoSettings(wall_offset_s=_offset_s(seed)), seed), on
        ),
        "nellcor_ascii": lambda _name, seed, on: PacedMonitor(
            NellcorWriter(NellcorSettings(wall_offset_s=_offset_s(seed)), seed), on
        ),
        "nonin:df2": _nonin("df2"),
        "nonin:df7": _nonin("df7"),
        "nonin:df8": _nonin("df8"),
        "nonin:ascii": _nonin("ascii"),
        "ascii_line:suretemp_like": lambda _name, seed, on: PacedMonitor(
            ThermometerWriter(ThermometerSettings(), seed), on
        ),
        "ascii_line:suntech_like": lambda _name, seed, on: PacedMonitor(
            CuffWriter(CuffSettings(), seed), on
        ),
        **{f"hl7_oru:{dialect}": _hl7(dialect) for dialect in DIALECTS},
    }
)
"""Builders by `driver` or `driver:profile`."""


def connects(monitor: str) -> bool:
    """Return whether a monitor of this name connects to its host over a network."""
    driver, _, profile = monitor.partition(":")
    return driver == "hl7_oru" and profile not in _POLLED
