"""Mistakes in the journal that only a loss of power shows, made in a running program."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from edge_agent.journal import damaged_files, recorder, schema
from edge_agent.journal.lane_delivery import LaneDelivery
from edge_agent.journal.marks import Mark, SinkMarks
from edge_agent.journal.store import Store
from tests.support.power_words import SINKS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge_agent.journal.entries import JournalEntry, Lane


def _replace(owner: object, name: str, mistaken: object) -> None:
    setattr(owner, name, mistaken)


def _commits_are_not_synced() -> None:
    _replace(schema, "_PRAGMAS", schema._PRAGMAS.replace("FULL", "NORMAL"))


def _a_cursor_moves_before_the_commit() -> None:
    commit = Store.commit

    def early(
        store: Store,
        entries: Sequence[JournalEntry],
        marks: Sequence[Mark],
        texts: Mapping[str, str],
    ) -> None:
        after_seq = store.newest_seq() + len(entries)
        commit(store, (), [Mark(SINKS[0], entry.lane, after_seq) for entry in entries], {})
        commit(store, entries, marks, texts)

    _replace(Store, "commit", early)


def _a_cursor_moves_before_the_sink_accepts() -> None:
    deliver = LaneDelivery._deliver

    def early(
        lanes: LaneDelivery, queue_name: str, lane: Lane, entries: Sequence[JournalEntry]
    ) -> None:
        lanes._journal.advance(lanes._sink, queue_name, entries[-1].seq)
        lanes._journal.flush()
        deliver(lanes, queue_name, lane, entries)

    _replace(LaneDelivery, "_deliver", early)


def _folders_are_not_synced() -> None:
    fsync = os.fsync

    def of_files(fd: int) -> None:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            fsync(fd)

    _replace(os, "fsync", of_files)


def _deletion_waits_for_one_sink_only() -> None:
    def newest(marks: SinkMarks, lane: Lane) -> int | None:
        return max((mark.seq for mark in marks._marks.values() if mark.queue == lane), default=None)

    _replace(SinkMarks, "accepted_by_all", newest)


def _a_log_in_doubt_is_used_as_it_is() -> None:
    _replace(recorder, "rewrite_log", lambda _: None)


def _an_unread_file_looks_read() -> None:
    _replace(damaged_files, "_UNREAD", ".damaged-0")


MISTAKES: Final[dict[str, Callable[[], None]]] = {
    "commits-not-synced": _commits_are_not_synced,
    "cursor-before-commit": _a_cursor_moves_before_the_commit,
    "cursor-before-accepted": _a_cursor_moves_before_the_sink_accepts,
    "folders-not-synced": _folders_are_not_synced,
    "deleted-before-accepted": _deletion_waits_for_one_sink_only,
    "damaged-file-forgotten": _an_unread_file_looks_read,
}


LOG_IN_DOUBT: Final = "log-in-doubt"
"""Mistake that few cuts show, and only after failed syncs."""


def make_mistake(name: str) -> None:
    """Make a mistake for the rest of the program."""
    (MISTAKES | {LOG_IN_DOUBT: _a_log_in_doubt_is_used_as_it_is})[name]()
