"""Judgement on the progress of the agent's threads: they restore, watch, or stand still.

The disk is not part of it: a disk that stalls, for however long, stops no alert, and a restart
would not mend it.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.gateway.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the threads."""

    is_ready: bool
    """True once the evaluation runs."""
    has_moved: bool
    """True if what has to move moved since the last look that found so."""
    standstill: str
    """Reason why it has not, in words; empty where it has."""


class Vigil:
    """Compares the progress of the threads from look to look."""

    def __init__(self) -> None:
        self._before: Pulse | None = None  # None before the first progress

    def look(self, now: Pulse) -> Look:
        """Return the finding of a look, and remember the progress if there was any."""
        is_ready = now.evaluation > 0
        standstill = self._standstill(now) if is_ready else self._standstill_of_start(now)
        if not standstill:
            self._before = now
        return Look(is_ready, not standstill, standstill)

    def _standstill_of_start(self, now: Pulse) -> str:
        before = self._before
        if before is not None and before.restored == now.restored:
            return "the memory of earlier runs is not restored"
        return ""

    def _standstill(self, now: Pulse) -> str:
        before = self._before
        if now.dead:
            return f"not running: {', '.join(now.dead)}"
        if before is None:
            return ""
        if before.evaluation == now.evaluation:
            return "the evaluation stands still"
        # A port can hold its own reader for ever; a restart for it would interrupt the other beds.
        # One that has never moved in this run would hold it again after a restart.
        moving = [
            now_n != before_n
            for now_n, before_n in zip(now.lines, before.lines, strict=True)
            if now_n
        ]
        return "no line is read" if moving and not any(moving) else ""
