"""Refused entries in memory: bounded, and counted where they are lost."""

from __future__ import annotations

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.sender import Refused
from edge_agent.journal.unstored import UNSTORED_AT_MOST, Unstored


def refused(seq: int) -> Refused:
    return Refused(JournalEntry(seq, Lane.READINGS, "bed", 0, b""), "no", is_final=False)


def test_the_oldest_is_lost_and_counted_where_too_many_wait() -> None:
    unstored = Unstored()
    for seq in range(UNSTORED_AT_MOST):
        unstored.note(refused(seq))
    assert unstored.words("no") == "no"
    for seq in (UNSTORED_AT_MOST, UNSTORED_AT_MOST + 1):
        unstored.note(refused(seq))
    assert len(unstored) == UNSTORED_AT_MOST
    assert unstored.words("no") == "no; 2 refused entries are lost, as the disk takes nothing"
    stored: list[int] = []

    def store(one: Refused) -> str:
        if one.entry.seq > 3:
            return "full"
        stored.append(one.entry.seq)
        return ""

    unstored.store_with(store)
    assert stored == [2, 3]
    assert len(unstored) == UNSTORED_AT_MOST - 2
    unstored.store_with(lambda _: "")
    assert len(unstored) == 0
