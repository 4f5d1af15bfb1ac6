"""Calls of earlier runs from the journal, dated on the clock of this run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge_agent.gateway.journal_memory import AXIS, axis_of, despite_damage, moved_to
from edge_agent.gateway.stored_records import moments_of, stored_call
from edge_agent.journal.rows import sound
from edge_agent.journal.writer import Journal
from edge_agent.model.calls import Call, CalledPerson
from edge_agent.model.clock import Clock, Instant


def known_calls(journal: Journal, clock: Clock) -> list[Call]:
    """Return the newest call of each bed; read it before this run's axis is stored.

    Raises
    ------
    JournalError
        If the journal cannot be read.
    """
    rows = despite_damage(journal.latest_calls)
    calls = list(sound(rows, stored_call, journal.note_damage))
    if journal.meta(AXIS) == axis_of(clock):
        return calls
    return [_moved(call, clock.now()) for call in calls]


def _moved(call: Call, now: Instant) -> Call:
    """Return a call on the axis of this run; a clock that was set back makes no step late."""
    reminder_at = call.reminder_at
    if reminder_at is not None:
        reminder_at = min(moved_to(now, reminder_at), now.plus(call.reminder_s))
    people = tuple(replace(p, **_moved_fields(p, now)) for p in call.called)
    moved = replace(call, **{**_moved_fields(call, now), "called": people})
    return replace(moved, began_at=min(moved.began_at, now), reminder_at=reminder_at)


def _moved_fields(record: Call | CalledPerson, now: Instant) -> dict[str, Any]:
    return {name: moved_to(now, at) for name, at in moments_of(record).items()}
