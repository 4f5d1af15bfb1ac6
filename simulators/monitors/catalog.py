"""Every simulated monitor, by the name of the driver that reads it and of its profile."""

from __future__ import annotations

from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from simulators.monitors.ascii_line import (
    CuffMonitor,
    CuffSettings,
    ThermometerMonitor,
    ThermometerSettings,
)
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings
from simulators.monitors.hl7.dialects import DIALECTS
from simulators.monitors.hl7.monitor import Hl7Monitor
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.monitors.intellivue.monitor import IntellivueMonitor, MonitorSettings
from simulators.monitors.masimo_ascii import MasimoMonitor, MasimoSettings
from simulators.monitors.nellcor_ascii import NellcorMonitor, NellcorSettings
from simulators.monitors.nonin.monitor import NoninMonitor, NoninSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.clock import Instant
    from simulators.monitors.device import MonitorDevice, View
    from simulators.monitors.nonin.wire import Format

_POLLED: Final = frozenset({"efficia"})
"""HL7 dialects of a serial line."""


class Build(Protocol):
    """Makes a monitor."""

    def __call__(self, name: str, view: View, seed: int, powered_at: Instant, /) -> MonitorDevice:
        """Return a monitor of the bed `name` with the patient of `view`, on since `powered_at`."""


def _intellivue(name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    settings = MonitorSettings(bed_label=name, wall_offset_s=_offset_s(seed))
    return IntellivueMonitor(view, settings, seed, powered_at)


def _ge_dri(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    return GeDriMonitor(view, GeDriSettings(wall_offset_s=_offset_s(seed)), seed, powered_at)


def _masimo(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    return MasimoMonitor(view, MasimoSettings(wall_offset_s=_offset_s(seed)), seed, powered_at)


def _nellcor(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    return NellcorMonitor(view, NellcorSettings(wall_offset_s=_offset_s(seed)), seed, powered_at)


def _thermometer(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    return ThermometerMonitor(view, ThermometerSettings(), seed, powered_at)


def _cuff(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
    return CuffMonitor(view, CuffSettings(), seed, powered_at)


def _nonin(chosen: Format) -> Build:
    def build(_name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
        return NoninMonitor(view, NoninSettings(format=chosen), seed, powered_at)

    return build


def _hl7(dialect: str) -> Build:
    def build(name: str, view: View, seed: int, powered_at: Instant) -> MonitorDevice:
        settings = Hl7Settings(dialect=dialect, place=name, wall_offset_s=_offset_s(seed))
        return Hl7Monitor(view, settings, seed, powered_at)

    return build


def _offset_s(seed: int) -> float:
    """Return the offset of a monitor's clock in seconds: no clock is set exactly."""
    return float(Random(seed).randint(-90, 90))


MONITORS: Final[Mapping[str, Build]] = MappingProxyType(
    {
        "philips_intellivue": _intellivue,
        "ge_dri": _ge_dri,
        "masimo_ascii": _masimo,
        "nellcor_ascii": _nellcor,
        "nonin:df2": _nonin("df2"),
        "nonin:df7": _nonin("df7"),
        "nonin:df8": _nonin("df8"),
        "nonin:ascii": _nonin("ascii"),
        "ascii_line:suretemp_like": _thermometer,
        "ascii_line:suntech_like": _cuff,
        **{f"hl7_oru:{dialect}": _hl7(dialect) for dialect in DIALECTS},
    }
)
"""Builders by `driver` or `driver:profile`."""


def connects(monitor: str) -> bool:
    """Return whether a monitor of this name connects to its host over a network."""
    driver, _, profile = monitor.partition(":")
    return driver == "hl7_oru" and profile not in _POLLED
