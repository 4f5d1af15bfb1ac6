"""What an earlier run left is read back, over a reboot dated by UTC."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.event_payloads import encode_event
from edge_agent.journal.entries import Lane
from edge_agent.memory import Memory
from edge_agent.model.bed_events import BedEvent, ContextEntered
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.payloads import encode_alert, encode_readings
from tests.gateways import opened
from tests.patient_entries import an_entry
from tests.test_pipeline import BED, START, alerts_of, message, pipeline, play

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.journal.writer import Journal

LATER = START.plus(300)


def fill(journal: Journal) -> None:
    """Journal four minutes of low oxygen and the alert that it raised."""
    outcomes = play(pipeline(), range(240), 86.0)
    for outcome in outcomes:
        if isinstance(outcome, Readings):
            at_ns = outcome.received_at.utc_ns
            journal.append(Lane.READINGS, BED, at_ns, encode_readings(outcome))
    (alert,) = alerts_of(outcomes)
    journal.append(Lane.ALERTS, BED, alert.changed_at.utc_ns, encode_alert(alert), urgent=True)
    journal.flush()


def clock_at(now: Instant, factor: float = 1.0) -> ScaledClock:
    return ScaledClock(lambda: now, now, factor)


def test_on_the_same_boot_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.db") as journal:
        Memory(journal, clock_at(START))
        fill(journal)
        memory = Memory(journal, clock_at(LATER))
        readings = list(memory.readings([BED], 3600))
        assert len(readings) == 240
        assert readings[7].numerics == message(7, hr=80, spo2=86.0).numerics
        assert readings[7].received_at == START.plus(7)
        assert [alert.rule_id for alert in memory.alerts()] == ["vital.severe_hypoxia"]
        assert len(list(memory.readings([BED], 150))) == 90


@pytest.mark.parametrize("monotonic_ns", [5_000_000_000, 10**15])
def test_after_a_reboot_moments_are_continued_by_utc(tmp_path: Path, monotonic_ns: int) -> None:
    with opened(tmp_path / "journal.db") as journal:
        Memory(journal, clock_at(START))
        fill(journal)
        now = Instant(monotonic_ns, LATER.utc_ns)
        memory = Memory(journal, clock_at(now, factor=2.0))
        newest = list(memory.readings([BED], 3600))[-1]
        assert now.seconds_since(newest.received_at) == 61.0
        assert {now.seconds_since(v.measured_at) for v in newest.vitals} == {61.0}
        (alert,) = memory.alerts()
        assert alert.raised_at is not None
        assert 100 < now.seconds_since(alert.raised_at) < 200
        assert alert.evidence[0].measured_at is not None
        assert now.seconds_since(alert.evidence[0].measured_at) < 200
        assert alert.absorbed_by == ""
        assert replace(alert, evidence=()).acknowledged_at is None


def test_everything_entered_of_patients_comes_back_in_its_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entries = [an_entry("2", "ice", amount=9, entered_utc_ns=7), an_entry("1", "cooling")]
    with opened(tmp_path / "journal.db") as journal:
        for entry in entries:
            body = encode_event(BedEvent(BED, BED, ContextEntered(entry), START))
            journal.append(Lane.EVENTS, BED, START.utc_ns, body, urgent=True)
        spoilt = b'{"event": "context_entered"}'
        journal.append(Lane.EVENTS, BED, START.utc_ns, spoilt, urgent=True)
        journal.flush()
        assert Memory(journal, clock_at(LATER)).entries() == entries
    assert "about a patient: Object missing required field" in caplog.text
