"""The places behind one address, and the origin that each belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.model import origins
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Instant

_CLAIMED_S: Final = 60.0
"""Silence in seconds after which another device of the same name may take the place, as for
`_STILL_TALKS_S`. Design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class _PresentOrigin:
    """Origin that a name stands for at present."""

    origin: str
    at: Instant
    """Time of its newest message."""


class SharedPlaces:
    """The places of one address, and the present origin of each that has only a name.

    Parameters
    ----------
    named
        Places by their origin in its plain form.
    """

    def __init__(self, named: Mapping[str, DevicePlace]) -> None:
        self._places = dict(named)
        self._present: dict[DevicePlace, _PresentOrigin] = {}
        """Present origin at each place that several devices or facilities could mean."""

    def place_of(self, origin: str) -> DevicePlace | None:
        """Return the place of `origin`, None if it has none."""
        if not origins.is_readable(origin):
            return None
        return self._places.get(origin) or self._places.get(origins.name_of(origin))

    def rival(self, place: DevicePlace, origin: str, at: Instant) -> str:
        """Note a message from `origin`; return another active origin of that name, else empty.

        A device that is silent may have been replaced. A facility is never replaced: another
        facility's messages are about other patients, however long the first is silent.
        """
        if self._places.get(origin) == place:
            return ""
        present = self._present.setdefault(place, _PresentOrigin(origin, at))
        may_be_exchanged = origins.is_of_device(origin) and origins.is_of_device(present.origin)
        is_silent = at.seconds_since(present.at) > _CLAIMED_S
        if present.origin != origin and not (may_be_exchanged and is_silent):
            return present.origin
        self._present[place] = _PresentOrigin(origin, at)
        return ""

    def is_origin_of(self, place: DevicePlace, origin: str) -> bool:
        """Return True if a place belongs to `origin`, by configuration or at present."""
        present = self._present.get(place)
        return self._places.get(origin) == place or (
            present is not None and present.origin == origin
        )
