"""Where a message comes from, who made it, and what is remembered of each place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from edge_agent.model import origins

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.drivers.hl7_oru.er7 import Segment
    from edge_agent.model.session_events import AlarmLimits

_LOCATION: Final = 3
_PLACE_COMPONENTS: Final = 4
"""Of PV1-3, data type PL: point of care, room, bed, facility (HL7 version 2.6, chapter 2A)."""
_EQUIPMENT: Final = 18
_EUI: Final = "EUI-64"

MOST_PLACES: Final = 512
"""Behind one line; a central station serves 64 beds, a large gateway some hundred."""
MOST_LIMITS: Final = 256
"""Of one place; more codes than one monitor has parameters."""


class Identity(NamedTuple):
    """What a message says of the device that made it."""

    manufacturer: str
    model: str
    serial: str


def place(visit: Segment) -> str:
    """Return the place that PV1-3 names, such as `ICU^^5`; empty where it names none.

    Point of care, room and bed make the name. The facility behind them says which hospital it is,
    in some messages which monitor stands there, and is no place by itself. The separators are the
    usual ones, whatever the message uses; empty components stay between others and are dropped at
    the end, so one place has one name.
    """
    count = min(len(visit.components(_LOCATION)), _PLACE_COMPONENTS)
    parts = (visit.subcomponents(_LOCATION, n + 1) for n in range(count))
    named = origins.plain("^".join(_joined("&", part) for part in parts))
    return named if origins.name_of(named) else ""


def _joined(separator: str, parts: Iterable[str]) -> str:
    return separator.join(part.strip() for part in parts).rstrip(separator)


def sender(header: Segment) -> str:
    """Return the name that the sender gives itself; stands for the place where none is named.

    Devices of one kind have one name; the number beside it in MSH-3 tells one from the other.
    """
    name, number, *_ = [*header.components(3), ""]
    joined = origins.OF_DEVICE.join(filter(None, (name.strip(), number.strip())))
    return origins.plain(joined)


def identity(header: Segment, equipment: Segment | None, manufacturer: str) -> Identity:
    """Return who made a message.

    Parameters
    ----------
    header
        Its header.
    equipment
        The first row that names the device in OBX-18, None where none does.
    manufacturer
        Name of the maker where it is known beforehand; empty: MSH-4 names it.
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


class Place:
    """What is remembered of one place."""

    def __init__(self) -> None:
        self._identity: Identity | None = None  # None until a message named the device
        self._is_named_by_row = False
        self._limits: dict[int, AlarmLimits] = {}

    def identified(self, found: Identity, *, is_named_by_row: bool) -> bool:
        """Take in who made a message; return whether that is new.

        A header names the gateway, so it counts only until a row has named the device itself.
        """
        if found == self._identity or (self._is_named_by_row and not is_named_by_row):
            return False
        self._identity, self._is_named_by_row = found, is_named_by_row
        return True

    def limited(self, limits: Iterable[AlarmLimits]) -> tuple[AlarmLimits, ...] | None:
        """Take in the limits of a message; return all limits where they changed, else None."""
        known = self._limits | {limit.code: limit for limit in limits}
        if known == self._limits or len(known) > MOST_LIMITS:
            return None
        self._limits = known
        return tuple(known.values())


class Places:
    """The places behind one line, the longest silent forgotten first where they are too many."""

    def __init__(self) -> None:
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        return len(self._places)

    def at(self, origin: str) -> Place:
        """Return what is remembered of `origin`, a new place where nothing is."""
        found = self._places.pop(origin, None) or Place()
        self._places[origin] = found
        if len(self._places) > MOST_PLACES:
            del self._places[next(iter(self._places))]
        return found
