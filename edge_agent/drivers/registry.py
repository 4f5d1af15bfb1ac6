"""Which drivers there are: the built-in ones and those other distributions bring."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from edge_agent.drivers import (
    ascii_line,
    ge_dri,
    hl7_oru,
    masimo_ascii,
    nellcor_ascii,
    nonin,
    philips_intellivue,
)
from edge_agent.model.errors import ConfigError, Mistake

if TYPE_CHECKING:
    from edge_agent.drivers.base import DriverSpec

ENTRY_POINT_GROUP: Final = "crswatch.drivers"
"""An entry point of this group names a `DriverSpec`."""

BUILT_IN: Final[tuple[DriverSpec, ...]] = (
    ascii_line.SPEC,
    ge_dri.SPEC,
    hl7_oru.SPEC,
    masimo_ascii.SPEC,
    nellcor_ascii.SPEC,
    nonin.SPEC,
    philips_intellivue.SPEC,
)


def all_drivers() -> dict[str, DriverSpec]:
    """Return every driver by name; a built-in driver wins over an installed one of its name."""
    installed: list[DriverSpec] = [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    return {spec.name: spec for spec in (*installed, *BUILT_IN)}


def driver(name: str) -> DriverSpec:
    """Return the driver called `name`.

    Raises
    ------
    ConfigError
        If there is none; the message lists those that exist.
    """
    drivers = all_drivers()
    if name not in drivers:
        known = ", ".join(sorted(drivers))
        raise ConfigError((Mistake("drivers", name, f"no such driver; there are: {known}"),))
    return drivers[name]
