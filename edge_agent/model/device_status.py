"""Status of the beds' devices, for the ward engineer."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.model.bed_events import ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkState


@dataclass(frozen=True, slots=True)
class Rejections:
    """Number and size of the data discarded for one reason."""

    reason: str
    times: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A setting of a monitor's wall clock."""

    by_s: float
    """Seconds; negative where it was set back."""
    at: Instant


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device of one bed, or one address to which many connect."""

    bed_id: str
    """Empty for an address: unreadable data that arrives there belongs to no bed."""
    device_id: str
    link: LinkState
    link_reason: str
    link_since: Instant | None
    """Time of the last change; None before the first."""
    identity: MonitorIdentity | None
    """None until the device has identified itself."""
    is_confirmed: bool
    """False for a monitor other than the known one until somebody confirms it."""
    messages: int
    numerics: int
    heard_at: Instant | None
    """Time of the newest message with numerics, None before the first."""
    clock: ClockCompared | None
    """None if the device sends no wall clock."""
    rejections: tuple[Rejections, ...]
    clock_step: ClockStep | None = None
    """Last setting of its clock; None if there was none."""
    unused: tuple[str, ...] = ()
    """Names, as the device gives them, of measurements that are stored but not evaluated."""
