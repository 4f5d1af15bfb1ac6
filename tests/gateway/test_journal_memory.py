"""Readings of an earlier run, read back; after a reboot dated by UTC."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.journal_memory import Memory
from edge_agent.journal.entries import Lane
from edge_agent.model.bed_events import BedEvent, ContextEntered, FromDevice
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.measurements import Readings
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.readings import encode_readings
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.gateways import opened
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, pipeline, play

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
        Memory(journal, clock_at(START), "maker")
        fill(journal)
        memory = Memory(journal, clock_at(LATER), "maker")
        readings = list(memory.readings([BED], 3600, {}))
        assert len(readings) == 240
        assert readings[7].numerics == message(7, hr=80, spo2=86.0).numerics
        assert readings[7].received_at == START.plus(7)
        assert [alert.rule_id for alert in memory.alerts()] == ["vital.severe_hypoxia"]
        assert len(list(memory.readings([BED], 150, {}))) == 90


@pytest.mark.parametrize("monotonic_ns", [5_000_000_000, 10**15])
def test_after_a_reboot_moments_are_continued_by_utc(tmp_path: Path, monotonic_ns: int) -> None:
    with opened(tmp_path / "journal.db") as journal:
        Memory(journal, clock_at(START), "maker")
        fill(journal)
        now = Instant(monotonic_ns, LATER.utc_ns)
        memory = Memory(journal, clock_at(now, factor=2.0), "maker")
        newest = list(memory.readings([BED], 3600, {}))[-1]
        assert now.seconds_since(newest.received_at) == 61.0
        assert {now.seconds_since(v.measured_at) for v in newest.vitals} == {61.0}
        (alert,) = memory.alerts()
        assert alert.raised_at is not None
        assert 100 < now.seconds_since(alert.raised_at) < 200
        assert alert.evidence[0].measured_at is not None
        assert now.seconds_since(alert.evidence[0].measured_at) < 200
        assert alert.absorbed_by == ""
        assert replace(alert, evidence=()).acknowledged_at is None


def test_everything_entered_of_patients_comes_back_in_its_order(tmp_path: Path) -> None:
    entries = [an_entry("2", "ice", amount=9, entered_utc_ns=7), an_entry("1", "cooling")]
    with opened(tmp_path / "journal.db") as journal:
        for entry in entries:
            body = encode_event(BedEvent(BED, BED, ContextEntered(entry), START))
            journal.append(Lane.EVENTS, BED, START.utc_ns, body, urgent=True)
        spoilt = b'{"event": "context_entered"}'
        journal.append(Lane.EVENTS, BED, START.utc_ns, spoilt, urgent=True)
        journal.flush()
        assert Memory(journal, clock_at(LATER), "maker").entries() == entries
        assert journal.has_damage()
        assert "of events is damaged: Object missing required field" in journal.health().damage


def test_an_entry_that_no_check_would_pass_is_set_aside_counted_and_named(tmp_path: Path) -> None:
    right = an_entry("e1", "oxygen", "air", by="N12")
    poison = replace(an_entry("e2", "procedure", "pain"), until_utc_ns=2**64)
    with opened(tmp_path / "journal.db") as journal:
        for entry in (poison, right):
            event = encode_event(BedEvent(BED, BED, ContextEntered(entry), START))
            journal.append(Lane.EVENTS, BED, START.utc_ns, event, urgent=True)
        journal.flush()
        assert Memory(journal, clock_at(LATER), "maker").entries() == [right]
        assert journal.has_damage()
        damage = journal.health().damage
    assert "'e2'" in damage
    assert "until_utc_ns 18446744073709551616; want" in damage


def test_a_bed_that_was_kept_comes_back_and_a_damaged_one_begins_anew(tmp_path: Path) -> None:
    line = pipeline()
    play(line, range(60), 97.0)
    at = START.plus(60)
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(at), "maker")
        memory.store_snapshot(BED, line.snapshot(BED, at))
        journal.flush()
        kept = Memory(journal, clock_at(LATER), "maker").snapshots()[BED]
        assert kept.at == at
        assert kept.course is not None
        since = list(memory.readings([BED], 3600, {BED: kept}))
        assert since == []
        other = Memory(journal, clock_at(LATER), "other rules").snapshots()[BED]
        assert other.course is None
        journal.submit(lambda recorder: recorder.store.write_snapshot(BED, b"noise")).result()
        assert memory.snapshots() == {}
        assert journal.has_damage()
        assert f"the snapshot of {BED} is not used" in journal.health().damage


def test_a_bed_is_not_kept_again_while_the_disk_has_not_taken_it(tmp_path: Path) -> None:
    line, at = pipeline(), START.plus(60)
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(at), "maker")
        is_free = threading.Event()
        journal.submit(lambda _: is_free.wait(60))
        for later_s in (0, 1, 2):
            memory.store_snapshot(BED, line.snapshot(BED, at.plus(later_s)))
        is_free.set()
        journal.flush()
        assert memory.snapshots()[BED].at == at
        memory.store_snapshot(BED, line.snapshot(BED, at.plus(3)))
        memory = Memory(journal, clock_at(at.plus(3)), "maker")
        assert memory.snapshots()[BED].at == at.plus(3)


def agent_at(path: Path, hand: list[Instant]) -> Agent:
    """Return an agent without lines whose clock stands where the hand points."""
    bed = BedSection(id=BED, port="none", driver="philips_intellivue")
    gateway = GatewaySection(id="gw-01", site="site", ward="ward")
    config = AgentConfig(gateway, JournalSection(path), (bed,))
    clock = ScaledClock(lambda: hand[0], hand[0])
    return Agent(config, read_rulebook(None), clock, lambda *_: [])


def hear(agent: Agent, hand: list[Instant], seconds: range) -> None:
    for second in seconds:
        hand[0] = START.plus(second)
        agent.pipeline_thread.put(FromDevice(PLACE, (message(second, hr=80, spo2=97.0),), hand[0]))
        agent.pipeline_thread.wait_until_idle()


def test_an_agent_that_was_stopped_or_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    hand = [START]
    agent = agent_at(tmp_path / "journal.db", hand)
    agent.start()
    hear(agent, hand, range(1, 250))
    before = agent.status().beds
    assert before[0].assessment.since < START.plus(60)
    agent.drain(60)
    for path in tmp_path.glob("journal.db*"):
        shutil.copy(path, tmp_path / path.name.replace("journal", "killed"))
    agent.stop()
    for name in ("journal.db", "killed.db"):
        hand = [START.plus(251)]
        again = agent_at(tmp_path / name, hand)
        again.start()
        hear(again, hand, range(251, 275))
        assert again.status().beds == before
        again.stop()
