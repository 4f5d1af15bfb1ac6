"""Outcomes of an evaluation are on disk at once where losing them would hurt."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.gateway.journal_memory import Memory
from edge_agent.gateway.outcomes import SNAPSHOT_EVERY_S, Outcomes
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.clock import ScaledClock
from tests.support.fake_sinks import WAIT_S
from tests.support.gateways import opened
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, message, pipeline
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from pathlib import Path

ENTERED = BedEvent(BED, BED, ContextEntered(an_entry("1", "cooling")), START)


def lanes_on_disk(path: Path) -> list[str]:
    """Return the lane of each entry that another program sees."""
    with closing(sqlite3.connect(path)) as file:
        return [lane for (lane,) in file.execute("SELECT lane FROM entry ORDER BY seq")]


def test_an_alert_and_an_entry_of_a_patient_wait_for_no_others(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    alert = AlertChange(replace(an_alert(), bed_id=BED))
    with opened(path) as journal:
        clock = ScaledClock(lambda: START, START)
        outcomes = Outcomes(pipeline(), clock, journal, [], None)
        expected = []
        for outcome, lane in ((alert, "alerts"), (ENTERED, "events")):
            outcomes.store_outcome(outcome)
            journal.submit(lambda _: None).result(WAIT_S)
            expected.append(lane)
            assert lanes_on_disk(path) == expected


def test_a_snapshot_is_stored_anew_when_it_is_old_or_somebody_entered_something(
    tmp_path: Path,
) -> None:
    now = [START]
    line = pipeline()

    def snapshot_after(seconds: float) -> bytes:
        now[0] = now[0].plus(seconds)
        line.receive(PLACE, [message(seconds, hr=80)], now[0])
        outcomes.update()
        journal.flush()
        return journal.snapshots()[BED]

    with opened(tmp_path / "journal.db") as journal:
        clock = ScaledClock(lambda: now[0], START)
        outcomes = Outcomes(line, clock, journal, [], None)
        outcomes.memory = Memory(journal, clock, "maker")
        first = snapshot_after(1)
        assert snapshot_after(SNAPSHOT_EVERY_S - 1) == first
        second = snapshot_after(1)
        assert second != first
        outcomes.store_outcome(ENTERED)
        third = snapshot_after(1)
        assert third != second
        assert snapshot_after(1) == third
