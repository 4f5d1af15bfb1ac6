"""Alarms of a device that talks over several connections, of which each knows a part."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Hashable

    from edge_agent.model.bed_events import DevicePlace
    from edge_agent.model.session_events import DeviceAlarm

    _Lists = dict[Hashable, tuple[DeviceAlarm, ...]]


class SharedAlarms:
    """Keeps the newest list of each connection, by device."""

    def __init__(self) -> None:
        self._lists: dict[DevicePlace, _Lists] = defaultdict(dict)

    def listed(
        self,
        place: DevicePlace,
        over: Hashable,
        alarms: tuple[DeviceAlarm, ...],
        talking: Container[Hashable],
    ) -> tuple[DeviceAlarm, ...]:
        """Return all alarms of a device, given the new list of one connection.

        A connection over which the device no longer talks tells no end of its alarms: its list
        counts until another one tells of alarms.
        """
        lists = self._lists[place]
        for other in list(lists):
            if other not in talking:
                del lists[other]
        lists[over] = alarms
        return tuple(dict.fromkeys(alarm for part in list(lists.values()) for alarm in part))
