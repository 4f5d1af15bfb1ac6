"""Alarms of a device with several origins, each with a list of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.session_events import DeviceAlarm


class SharedAlarms:
    """Stores the newest list of each origin, by device."""

    def __init__(self) -> None:
        self._lists: dict[DevicePlace, dict[str, tuple[DeviceAlarm, ...]]] = defaultdict(dict)

    def listed(
        self,
        place: DevicePlace,
        origin: str,
        alarms: tuple[DeviceAlarm, ...],
        is_present: Callable[[str], bool],
    ) -> tuple[DeviceAlarm, ...]:
        """Return all alarms of a device, given the new list of one of its origins.

        Lists of origins that no longer belong to the place are discarded.
        """
        lists = self._lists[place]
        for other in list(lists):
            if not is_present(other):
                lists.pop(other, None)
        lists[origin] = alarms
        return tuple(dict.fromkeys(alarm for part in lists.values() for alarm in part))
