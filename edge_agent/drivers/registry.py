"""List of drivers: the built-in ones and those of other distributions.

A distribution whose driver cannot be loaded, or has a name in use, affects no other driver;
`faults` gives the reason for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from edge_agent.drivers import (
    ascii_line,
    ge_dri,
    hl7_oru,
    masimo_ascii,
    nellcor_ascii,
    nonin,
    philips_intellivue,
)
from edge_agent.drivers.base import DriverSpec
from edge_agent.model.errors import ConfigError, Mistake

ENTRY_POINT_GROUP: Final = "crswatch.drivers"
"""Entry-point group; each entry point in it names a `DriverSpec`."""

BUILT_IN: Final[tuple[DriverSpec, ...]] = (
    ascii_line.SPEC,
    ge_dri.SPEC,
    hl7_oru.SPEC,
    masimo_ascii.SPEC,
    nellcor_ascii.SPEC,
    nonin.SPEC,
    philips_intellivue.SPEC,
)
_BUILT_IN: Final = {spec.name: spec for spec in BUILT_IN}


@dataclass(frozen=True, slots=True)
class DriverFault:
    """A driver of another distribution that cannot be used."""

    name: str
    """The driver's own name, or that of its entry point where the driver cannot be loaded."""
    reason: str


@dataclass(frozen=True, slots=True)
class _FoundDrivers:
    usable: dict[str, DriverSpec]
    faults: tuple[DriverFault, ...]


def all_drivers() -> dict[str, DriverSpec]:
    """Return every usable driver by name."""
    return _found().usable


def faults() -> tuple[DriverFault, ...]:
    """Return every installed driver that cannot be used, with the reason."""
    return _found().faults


def driver(name: str) -> DriverSpec:
    """Return the driver called `name`; load no other distribution for a built-in one.

    Raises
    ------
    ConfigError
        If no such driver exists or can be used; the message lists the usable ones.
    """
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    found = _found()
    if name not in found.usable:
        message = why_unknown(name, found.usable, found.faults)
        raise ConfigError((Mistake("drivers", name, message),))
    return found.usable[name]


def why_unknown(name: str, usable: dict[str, DriverSpec], broken: tuple[DriverFault, ...]) -> str:
    """Return the reason why a name has no driver, and the names that have one."""
    known = ", ".join(sorted(usable))
    reasons = [fault.reason for fault in broken if fault.name == name]
    if reasons:
        return f"cannot be used: {'; '.join(reasons)}; there are: {known}"
    return f"no such driver; there are: {known}"


def _found() -> _FoundDrivers:
    """Load all installed drivers; a name that two distributions use belongs to neither."""
    by_name: dict[str, list[tuple[str, DriverSpec]]] = {}
    broken: list[DriverFault] = []
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=_maker):
        spec = _loaded(point)
        if isinstance(spec, DriverFault):
            broken.append(spec)
        else:
            by_name.setdefault(spec.name, []).append((_maker(point), spec))
    usable = dict(_BUILT_IN)
    for name, brought in sorted(by_name.items()):
        makers = " and ".join(maker for maker, _ in brought)
        if name in _BUILT_IN:
            broken.append(DriverFault(name, f"{makers}: the built-in driver of this name is used"))
        elif len(brought) > 1:
            broken.append(
                DriverFault(name, f"{makers} each provide it; keep only one of them installed")
            )
        else:
            usable[name] = brought[0][1]
    return _FoundDrivers(usable, tuple(broken))


def _loaded(point: EntryPoint) -> DriverSpec | DriverFault:
    try:
        spec = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - another's code may raise anything
        return DriverFault(
            point.name, f"{_maker(point)}: {point.value}: {type(error).__name__}: {error}"
        )
    if not isinstance(spec, DriverSpec):
        seen = type(spec).__name__
        return DriverFault(
            point.name, f"{_maker(point)}: {point.value} is a {seen}; want a DriverSpec"
        )
    return spec


def _maker(point: EntryPoint) -> str:
    """Return the human-readable name of the distribution of an entry point."""
    return "a distribution" if point.dist is None else f"{point.dist.name} {point.dist.version}"
