"""Places of log-ins, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.access.sessions import Visitor


class Refusal(StrEnum):
    """Reasons why nobody is logged in."""

    WRONG = "wrong"
    """Name and secret do not belong together; it does not say which is wrong."""
    WAIT = "wait"
    """Too many failures: `Refused.wait_s` has to pass first."""
    LOCKED = "locked"
    """Far too many failures: a charge nurse and the person's badge open the account, or an
    engineer."""
    PIN_BLOCKED = "pin_blocked"
    """Too many wrong PINs: the password or the badge opens it."""
    NO_STATION = "no_station"
    """PINs and badges count at a shared screen only, and this is none."""
    NOT_ALLOWED = "not_allowed"
    """The person's role does not allow it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Refusal of a log-in, for the person to see."""

    why: Refusal
    wait_s: float = 0.0
    """Seconds until the next attempt is looked at; 0 where it is at once."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A new session; the token goes into a cookie that scripts cannot read."""

    token: str
    csrf: str
    visitor: Visitor


@dataclass(frozen=True, slots=True)
class Place:
    """Place of a browser."""

    address: str
    """Network address, as the board found it behind the proxies that it trusts."""
    station_token: str = ""
    """Token of the shared screen; empty for a person's own."""

    @property
    def via(self) -> str:
        """Way of an act from here, for the audit trail."""
        return f"board {self.address}"
