"""Who stands at the places behind one address, by the origins of what comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.model import origins

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.bed_events import DevicePlace
    from edge_agent.model.clock import Instant

_CLAIMED_S: Final = 60.0
"""After so long a silence another device of the same name may be the one that stands here now, as
for `_STILL_TALKS_S`. Design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """The device that a name stands for."""

    origin: str
    at: Instant
    """When it was heard last."""


class SharedPlaces:
    """The places of one address, and who stands at each that is given by a name alone.

    Parameters
    ----------
    named
        The places by their origin in its plain form.
    """

    def __init__(self, named: Mapping[str, DevicePlace]) -> None:
        self._places = dict(named)
        self._claims: dict[DevicePlace, _Claim] = {}
        """Which of several devices or facilities of one name it is."""

    def place_of(self, origin: str) -> DevicePlace | None:
        """Return whose place `origin` is, None where it is nobody's."""
        if not origins.is_readable(origin):
            return None
        return self._places.get(origin) or self._places.get(origins.name_of(origin))

    def rival(self, place: DevicePlace, origin: str, at: Instant) -> str:
        """Note that `origin` talks; return who else of that name does, empty where nobody does.

        A device that fell silent may have been exchanged. A facility is not: what another one sends
        is another patient's, however long the first is silent.
        """
        if self._places.get(origin) == place:
            return ""
        claim = self._claims.setdefault(place, _Claim(origin, at))
        may_be_exchanged = origins.is_of_device(origin) and origins.is_of_device(claim.origin)
        is_silent = at.seconds_since(claim.at) > _CLAIMED_S
        if claim.origin != origin and not (may_be_exchanged and is_silent):
            return claim.origin
        self._claims[place] = _Claim(origin, at)
        return ""

    def stands_at(self, place: DevicePlace, origin: str) -> bool:
        """Return whether it is `origin` that a place belongs to, or one of its names."""
        claim = self._claims.get(place)
        return self._places.get(origin) == place or (claim is not None and claim.origin == origin)
