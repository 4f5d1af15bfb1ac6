"""What happened at a bed besides readings and alerts; kept and told, never judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from edge_agent.model.session_events import (
        AlarmLimitsChanged,
        DeviceAlarmsChanged,
        DeviceIdentified,
        LinkChanged,
    )


@dataclass(frozen=True, slots=True)
class CommandRejected:
    """Somebody's command was not carried out."""

    reason: str


@dataclass(frozen=True, slots=True)
class BedEvent:
    """Something a bed's device, line or people did."""

    bed_id: str
    event: (
        LinkChanged | DeviceIdentified | DeviceAlarmsChanged | AlarmLimitsChanged | CommandRejected
    )
    at: Instant
