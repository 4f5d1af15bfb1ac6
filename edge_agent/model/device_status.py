"""How the devices of the beds fare, for the ward engineer."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.model.bed_events import ClockCompared, MonitorIdentity
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkState


@dataclass(frozen=True, slots=True)
class Rejections:
    """What was given up on for one reason."""

    reason: str
    times: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A monitor's wall clock was set."""

    by_s: float
    """Negative where it was set back."""
    at: Instant


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """One device of one bed, or one address that many connect to."""

    bed_id: str
    """Empty for an address: what arrives there and cannot be read belongs to no bed."""
    device_id: str
    link: LinkState
    link_reason: str
    link_since: Instant | None
    """None before the first change."""
    identity: MonitorIdentity | None
    """None while it has not said who it is."""
    is_confirmed: bool
    """False where it is another monitor than the known one and nobody has confirmed it."""
    messages: int
    numerics: int
    heard_at: Instant | None
    """Newest message with numerics, None before the first."""
    clock: ClockCompared | None
    """None where it sends no wall clock."""
    rejections: tuple[Rejections, ...]
    clock_step: ClockStep | None = None
    """When its clock was set last; None where it was not."""
    unused: tuple[str, ...] = ()
    """What else it measures, in its own words: kept, but none of the vitals that are judged."""
