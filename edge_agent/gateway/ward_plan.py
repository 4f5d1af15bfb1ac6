"""The ward file in force: read at the start and after each change."""

from __future__ import annotations

import logging
from datetime import tzinfo
from pathlib import Path
from typing import Final

from edge_agent.config.ward_file import WardScope, parse_ward_plan
from edge_agent.model.clock import Instant
from edge_agent.model.duty import WardPlan
from edge_agent.model.errors import ConfigError
from edge_agent.model.shifts import OnDuty, on_duty_at
from edge_agent.model.texts import read_text

_UNREAD: Final = (0, 0, 0)
_LOG = logging.getLogger(__name__)

_Stamp = tuple[int, int, int]


class CurrentPlan:
    """The plan in force, and the people on duty.

    A file with mistakes changes nothing: the plan before it stays in force, and `fault` says so.
    At the start that is one without people, until `fall_back` brings that of an earlier run.

    Parameters
    ----------
    path
        The ward file; None without one.
    scope
        Names that it may use.
    zone
        The ward's time zone.
    """

    def __init__(self, path: Path | None, scope: WardScope, zone: tzinfo) -> None:
        self._path = path
        self._scope = scope
        self._zone = zone
        self._stamp: _Stamp | None = None  # None before the first reading
        # Replaced as a whole, so that any thread may read them.
        self._plan = WardPlan()
        self._on_duty: tuple[OnDuty, int] | None = None
        """People on duty, and the moment from which they are known, ns since 1970 UTC."""
        self.fault = ""
        """Mistakes of the file; empty while it is in force, and without one."""
        self.text = ""
        """Text of the plan in force; empty for one without people."""
        self.refresh()

    @property
    def plan(self) -> WardPlan:
        """Plan in force."""
        return self._plan

    def refresh(self) -> bool:
        """Read the file if it has changed; return True where another plan is in force."""
        if self._path is None:
            return False
        stamp = _stamp_of(self._path)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            text = read_text(self._path)
            plan = parse_ward_plan(text, str(self._path), self._scope)
        except ConfigError as error:
            self.fault = str(error)
            _LOG.error("the ward file has mistakes and is not used:\n%s", error)
            return False
        self.fault, self.text = "", text
        self._plan, self._on_duty = plan, None
        _LOG.info("ward file: %d people, %d shifts", len(plan.people), len(plan.shifts))
        return True

    def fall_back(self, text: str) -> bool:
        """Use the text that was in force in an earlier run while the file has mistakes.

        Returns
        -------
        bool
            True if it is in force now; it may name beds or ways that are no longer there.
        """
        try:
            self._plan = parse_ward_plan(text, "the ward file before", self._scope)
        except ConfigError as error:
            _LOG.error("the ward file of the earlier run cannot be used either:\n%s", error)
            return False
        self.text, self._on_duty = text, None
        _LOG.warning("the ward file of the earlier run is in force")
        return True

    def on_duty(self, now: Instant) -> OnDuty:
        """Return the people on duty."""
        known = self._on_duty
        if known is not None and known[1] <= now.utc_ns < (known[0].ends_ns or 0):
            return known[0]
        found = on_duty_at(self._plan, self._zone, now.utc_ns)
        self._on_duty = found, now.utc_ns
        return found


def _stamp_of(path: Path) -> _Stamp:
    """Return what changes when a file is written or replaced; zeros for one that is not there."""
    try:
        found = path.stat()
    except OSError:
        return _UNREAD
    return found.st_mtime_ns, found.st_size, found.st_ino
