"""Location and device that a message names, and the memory of each origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from edge_agent.drivers.hl7_oru.er7 import Segment
from edge_agent.model import origins
from edge_agent.model.session_events import AlarmLimits

_LOCATION: Final = 3
_LOCATION_COMPONENTS: Final = 4
"""Number of components of PV1-3, data type PL: point of care, room, bed, facility (HL7 version 2.6,
chapter 2A)."""
_EQUIPMENT: Final = 18
_EUI: Final = "EUI-64"

MOST_ORIGINS: Final = 512
"""Largest number of origins behind one line; a central station serves 64 beds, a large gateway some
hundred."""
MOST_LIMITS: Final = 256
"""Largest number of limits of one origin: more codes than one monitor has parameters."""


class Identity(NamedTuple):
    """Identity of the device that made a message."""

    manufacturer: str
    model: str
    serial: str


def location(visit: Segment) -> str:
    """Return the location that PV1-3 names, such as `ICU^^5`; empty where it names none.

    Point of care, room and bed make the name. The facility after them identifies the hospital, in
    some messages the monitor, and is no location on its own; one that cannot be read identifies
    nothing and is left out, so that its bed stays monitored. The separators are the usual ones,
    whatever the message uses; empty components stay between others and are dropped at the end, so
    that one location has one name.
    """
    count = min(len(visit.components(_LOCATION)), _LOCATION_COMPONENTS)
    parts = (visit.subcomponents(_LOCATION, n + 1) for n in range(count))
    named = origins.plain("^".join(_joined("&", part) for part in parts))
    name = origins.name_of(named)
    if origins.is_readable(name) and not origins.is_readable(named):
        return name
    return named if name else ""


def _joined(separator: str, parts: Iterable[str]) -> str:
    return separator.join(part.strip() for part in parts).rstrip(separator)


def sender(header: Segment) -> str:
    """Return the sender's own name; it replaces the location where a message names none.

    Devices of one kind share a name; the number beside it in MSH-3 tells them apart.
    """
    name, number, *_ = [*header.components(3), ""]
    joined = origins.OF_DEVICE.join(filter(None, (name.strip(), number.strip())))
    return origins.plain(joined)


def identity(header: Segment, equipment: Segment | None, manufacturer: str) -> Identity:
    """Return the identity of the device that made a message.

    Parameters
    ----------
    equipment
        First row that names the device in OBX-18; None where no row does.
    manufacturer
        Name of the manufacturer where it is known beforehand; empty where MSH-4 names it.
    """
    maker = manufacturer or header.component(4, 1)
    if equipment is not None:
        entity, model, number, *_ = [*equipment.components(_EQUIPMENT), "", "", ""]
        is_eui = equipment.component(_EQUIPMENT, 4) == _EUI
        return Identity(maker, model or header.component(3, 1), number if is_eui else entity)
    name, number, *_ = [*header.components(3), ""]
    return Identity(maker, name, number) if name else Identity(maker, number, "")


def names_equipment(row: Segment) -> bool:
    """Return whether a row names the device."""
    return bool(row.field(_EQUIPMENT))


class OriginMemory:
    """Memory of one origin."""

    def __init__(self) -> None:
        self._identity: Identity | None = None  # None until a message has named the device
        self._is_named_by_row = False
        self._limits: dict[int, AlarmLimits] = {}

    def identified(self, found: Identity, *, is_named_by_row: bool) -> bool:
        """Note the device that made a message; return whether it is new.

        A header names the gateway, so it counts only until a row has named the device itself.
        """
        if found == self._identity or (self._is_named_by_row and not is_named_by_row):
            return False
        self._identity, self._is_named_by_row = found, is_named_by_row
        return True

    def limited(self, limits: Iterable[AlarmLimits]) -> tuple[AlarmLimits, ...] | None:
        """Note the limits of a message; return all limits where they changed, otherwise None."""
        known = self._limits | {limit.code: limit for limit in limits}
        if known == self._limits or len(known) > MOST_LIMITS:
            return None
        self._limits = known
        return tuple(known.values())


class Origins:
    """The origins behind one line; above the bound, the one silent for longest is forgotten."""

    def __init__(self) -> None:
        self._memories: dict[str, OriginMemory] = {}

    def __len__(self) -> int:
        return len(self._memories)

    def at(self, origin: str) -> OriginMemory:
        """Return the memory of `origin`; a new one where there is none."""
        found = self._memories.pop(origin, None) or OriginMemory()
        self._memories[origin] = found
        if len(self._memories) > MOST_ORIGINS:
            del self._memories[next(iter(self._memories))]
        return found
