"""Queries to a monitor that only answers: one outstanding, repeated after a time-out.

Source: Efficia CM Series Data Export Guide, Serial Data Export, Query (QRY) Message Syntax.
"""

from __future__ import annotations

from edge_agent.drivers.hl7_oru.profile import Profile
from edge_agent.drivers.hl7_oru.reply import OutgoingHeader
from edge_agent.model.clock import Instant


class Polling:
    """Decides when the next query is due.

    Parameters
    ----------
    profile
        Gives the interval of queries, 0 for none, and the time-out of an answer.
    """

    def __init__(self, profile: Profile) -> None:
        self._every_s = profile.poll_every_s
        self._timeout_s = profile.poll_timeout_s
        self._sent_at: Instant | None = None  # None before the first query
        self._is_outstanding = False

    def is_due(self, at: Instant) -> bool:
        """Return whether to send a query now; it then counts as sent."""
        if not self._every_s:
            return False
        if self._sent_at is not None:
            patience_s = max(self._timeout_s if self._is_outstanding else 0.0, self._every_s)
            if at.seconds_since(self._sent_at) < patience_s:
                return False
        self._sent_at, self._is_outstanding = at, True
        return True

    def answered(self) -> None:
        """Note that the monitor answered, with results or with a refusal."""
        self._is_outstanding = False

    def stop(self) -> None:
        """Send no more queries."""
        self._every_s = 0.0


def query(outgoing: OutgoingHeader) -> bytes:
    """Return the query for all values in the monitor's numeric panes."""
    time, number = outgoing.time[:14], outgoing.control_id
    header = rf"MSH|^~\&|||||{time}||QRY^R02|{number}|P|2.4"
    definition = f"QRD|{time}|R|I|{number[-10:]}|||||STA"
    return f"{header}\r{definition}\r".encode("ascii")
