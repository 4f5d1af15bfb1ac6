"""An agent that starts on a damaged, slow or unreadable journal."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.journal_memory import Memory, known_alerts
from edge_agent.journal.entries import Lane
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.session_events import LinkChanged, LinkState
from tests.gateway.test_journal_memory import LATER, agent_at, clock_at, hear
from tests.support.damaged_journals import damage, fill, flip
from tests.support.fake_sinks import Stall
from tests.support.gateways import opened
from tests.support.pipelines import PLACE, START

if TYPE_CHECKING:
    from pathlib import Path


def test_an_agent_starts_on_a_damaged_journal_and_says_so(tmp_path: Path) -> None:
    fill(tmp_path)
    damage(tmp_path, flip)
    hand = [START.plus(60)]
    agent = agent_at(tmp_path / "journal.db", hand)
    agent.start()
    hear(agent, hand, range(61, 70))
    assert {alert.rule_id for alert in agent.reported_alerts()} >= {"crs.fever", "vital.shock"}
    status = agent.status()
    assert status.journal_damaged_rows >= 4
    assert " is damaged: " in status.journal_damage or "is not used" in status.journal_damage
    assert (status.restarts, status.mishaps, status.unrestored) == (0, 0, "")
    agent.stop()


@pytest.mark.parametrize("years", [300, 600])
def test_a_wall_clock_that_was_centuries_ahead_overflows_nothing(
    tmp_path: Path, years: int
) -> None:
    fill(tmp_path)
    ahead = replace(START, utc_ns=START.utc_ns + years * 365 * 86_400 * 10**9)
    hand = [replace(ahead.plus(60), monotonic_ns=5)]
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(hand[0], factor=2.0), "maker")
        assert {a.rule_id for a in memory.alerts()} == {"crs.fever", "vital.shock"}
        assert all(abs(a.changed_at.monotonic_ns) < 2**63 for a in memory.alerts())
    agent = agent_at(tmp_path / "journal.db", hand)
    agent.start()
    hand[0] = ahead.plus(70)
    agent.supervise()
    lost = LinkChanged(LinkState.LOST, "no answer", hand[0])
    agent.pipeline_thread.put(FromDevice(PLACE, (lost,), hand[0]))
    assert agent.pipeline_thread.wait_until_idle()
    assert any(alert.rule_id.startswith("system.") for alert in agent.reported_alerts())
    assert agent.pipeline_thread.is_alive()
    agent.stop()


def test_judging_and_alerts_go_on_while_the_disk_hangs(tmp_path: Path) -> None:
    hand = [START]
    agent = agent_at(tmp_path / "journal.db", hand)
    agent.start()
    hear(agent, hand, range(1, 30))
    stall = Stall(agent._journal)
    hear(agent, hand, range(30, 60))
    hand[0] = START.plus(200)
    hear(agent, hand, range(200, 203))
    assert "system.feed" in {alert.rule_id for alert in agent.reported_alerts()}
    assert agent.status().journal_pending > 30
    stall.end()
    agent.stop()
    with opened(tmp_path / "journal.db") as journal:
        assert len(journal.read_since(Lane.READINGS, 0)) == 62
        assert "system.feed" in {alert.rule_id for alert in known_alerts(journal)}


def test_an_agent_whose_memory_cannot_be_read_says_so_and_watches(tmp_path: Path) -> None:
    (tmp_path / "journal.db").symlink_to(tmp_path / "gone" / "journal.db")
    hand = [LATER]
    agent = agent_at(tmp_path / "journal.db", hand)
    agent.start()
    hear(agent, hand, range(301, 310))
    assert "unable to open" in agent.status().unrestored or "No such file" in (
        agent.status().unrestored
    )
    assert agent.status().journal_fault
    assert agent.pipeline_thread.is_alive()
    agent.stop()


def test_damage_that_is_found_while_the_journal_is_read_costs_no_alert(tmp_path: Path) -> None:
    fill(tmp_path)
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as file:
        (root,) = file.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'bed_snapshot'"
        ).fetchone()
    whole = bytearray(path.read_bytes())
    whole[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    path.write_bytes(whole)
    hand = [START.plus(60)]
    agent = agent_at(path, hand)
    agent.start()
    hear(agent, hand, range(61, 70))
    assert {alert.rule_id for alert in agent.reported_alerts()} >= {"crs.fever", "vital.shock"}
    status = agent.status()
    assert len(status.journal_set_aside) == 1
    assert status.unrestored == ""
    assert status.mishaps == 0
    agent.stop()
    with opened(path) as journal:
        memory = Memory(journal, clock_at(START.plus(80)), "maker")
        assert len(memory.entries()) == 2
        assert {alert.rule_id for alert in memory.alerts()} >= {"crs.fever", "vital.shock"}
