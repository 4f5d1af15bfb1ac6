"""Alarms of a device that names itself in several ways, of which each has a list."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.model.bed_events import DevicePlace
    from edge_agent.model.session_events import DeviceAlarm


class SharedAlarms:
    """Keeps the newest list of each origin, by the device that it stands for."""

    def __init__(self) -> None:
        self._lists: dict[DevicePlace, dict[str, tuple[DeviceAlarm, ...]]] = defaultdict(dict)

    def listed(
        self,
        place: DevicePlace,
        origin: str,
        alarms: tuple[DeviceAlarm, ...],
        stands_there: Callable[[str], bool],
    ) -> tuple[DeviceAlarm, ...]:
        """Return all alarms of a device, given the new list of one of its origins.

        What an origin told that no longer stands at the place is forgotten.
        """
        lists = self._lists[place]
        for other in list(lists):
            if not stands_there(other):
                lists.pop(other, None)
        lists[origin] = alarms
        return tuple(dict.fromkeys(alarm for part in list(lists.values()) for alarm in part))
