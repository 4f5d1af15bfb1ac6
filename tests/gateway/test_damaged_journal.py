"""A damaged journal costs the damaged rows, and the agent starts and remembers the rest."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.journal_memory import Memory, known_alerts, remember_monitor
from edge_agent.gateway.stored_records import stored_alert
from edge_agent.journal.entries import Lane
from edge_agent.journal.rows import UNREADABLE
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    ContextEntered,
    DevicePlace,
    FromDevice,
    MonitorAccepted,
    MonitorIdentity,
)
from edge_agent.model.measurements import Readings
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.readings import encode_readings
from tests.gateway.test_journal_memory import LATER, agent_at, clock_at, hear
from tests.support.fake_sinks import Stall
from tests.support.gateways import opened
from tests.support.patient_entries import an_entry
from tests.support.samples import an_alert
from tests.ward.test_pipeline import BED, PLACE, START, pipeline, play

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RAISED = replace(an_alert(), bed_id=BED, rule_id="crs.fever", changed_at=START, n=2)
OTHER = replace(RAISED, rule_id="vital.shock", alert_id="other")


def fill(folder: Path) -> None:
    """Keep an alert in two states, another, two entries, a monitor, a snapshot, and readings."""
    line = pipeline()
    outcomes = play(line, range(30), 97.0)
    with opened(folder / "journal.db") as journal:
        memory = Memory(journal, clock_at(START), "maker")
        for outcome in outcomes:
            if isinstance(outcome, Readings):
                at_ns = outcome.received_at.utc_ns
                journal.append(Lane.READINGS, BED, at_ns, encode_readings(outcome))
        for alert in (replace(RAISED, n=1), OTHER, RAISED):
            journal.append(Lane.ALERTS, BED, START.utc_ns, encode_alert(alert))
        for entry in (an_entry("1", "cooling"), an_entry("2", "ice", amount=9)):
            body = encode_event(BedEvent(BED, BED, ContextEntered(entry), START))
            journal.append(Lane.EVENTS, BED, START.utc_ns, body)
        remember_monitor(journal, BED, MonitorAccepted(MonitorIdentity("m", "x", "1"), "", START))
        journal.flush()
        memory.store_snapshot(BED, line.snapshot(BED, START.plus(30)))


def flip(body: bytes) -> bytes:
    """Return a body with a wrong value of a closed choice."""
    for word in (b'"raised"', b'"context_entered"', b'"heart_rate"', b'"serial"'):
        body = body.replace(word, word.replace(b"e", b"3"))
    return body


def without_a_field(body: bytes) -> bytes:
    record = json.loads(body)
    record.pop("bed_id", None)
    record.pop("identity", None)
    return json.dumps(record).encode()


def with_a_huge_number(body: bytes) -> bytes:
    return json.dumps(json.loads(body, parse_int=lambda _: 10**30), default=str).encode()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "wrong choice": flip,
    "cut": lambda body: body[:-7],
    "empty": lambda _: b"",
    "no utf-8": lambda body: body.replace(b"bed-01", b"bed-\xff1").replace(b'"m"', b'"\xff"'),
    "missing field": without_a_field,
    "huge number": with_a_huge_number,
    "NaN": lambda body: (
        body.replace(b":2", b":NaN").replace(b":1", b":NaN").replace(b":8", b":NaN")
    ),
    "another type": lambda _: b"[1,2]",
    "another bed": lambda body: body.replace(b"bed-01", b"bed-02").replace(b'"at"', b'"ta"'),
    "zeros": lambda body: bytes(len(body)),
}


def damage(folder: Path, change: Callable[[bytes], bytes]) -> None:
    """Damage the newest row of an alert, an entry and a reading, and the monitor and snapshot."""
    with closing(sqlite3.connect(folder / "journal.db")) as file:
        newest = file.execute("SELECT lane, max(seq) FROM entry GROUP BY lane").fetchall()
        for lane, seq in newest:
            (body,) = file.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()
            if lane == "readings":
                body = zlib.compress(change(zlib.decompress(body)))
            else:
                body = change(body)
            file.execute("UPDATE entry SET body = ? WHERE seq = ?", (body, seq))
        (text,) = file.execute("SELECT value FROM meta WHERE name LIKE 'monitor:%'").fetchone()
        changed = change(text.encode()).decode(errors="replace")
        file.execute("UPDATE meta SET value = ? WHERE name LIKE 'monitor:%'", (changed,))
        (patient_entries,) = file.execute("SELECT body FROM bed_snapshot").fetchone()
        spoilt = zlib.compress(zlib.decompress(patient_entries)[:-1])
        file.execute("UPDATE bed_snapshot SET body = ?", (spoilt,))
        file.commit()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["wrong choice", "cut", "no utf-8", "huge number", "NaN"])
def test_damage_of_one_kind_is_what_it_says(kind: str) -> None:
    body = encode_alert(RAISED)
    assert DAMAGES[kind](body) != body


@pytest.mark.parametrize("kind", sorted(DAMAGES))
def test_damaged_rows_are_left_out_counted_and_named(tmp_path: Path, kind: str) -> None:
    fill(tmp_path)
    damage(tmp_path, DAMAGES[kind])
    check_what_is_left(tmp_path)


def check_what_is_left(folder: Path) -> None:
    with opened(folder / "journal.db") as journal:
        memory = Memory(journal, clock_at(START.plus(60)), "maker")
        states = {alert.rule_id: (alert.state, alert.n) for alert in memory.alerts()}
        assert states == {
            "crs.fever": (AlertState.RAISED, 1),
            "vital.shock": (AlertState.RAISED, 2),
        }
        assert [entry.entry_id for entry in memory.entries()] == ["1"]
        assert memory.monitors([PLACE, DevicePlace("bed-09", "bed-09")]) == {}
        assert memory.snapshots() == {}
        assert len(list(memory.readings([BED, "bed-09"], 3600, {}))) == 29
        assert journal.has_damage()
        assert journal.health().damaged_rows == 5
        assert journal.health().damage


def test_sound_rows_all_come_back(tmp_path: Path) -> None:
    fill(tmp_path)
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(START.plus(60)), "maker")
        assert {(a.rule_id, a.n) for a in memory.alerts()} == {("crs.fever", 2), ("vital.shock", 2)}
        assert len(memory.entries()) == 2
        assert set(memory.monitors([PLACE])) == {PLACE}
        assert set(memory.snapshots()) == {BED}
        assert len(list(memory.readings([BED], 3600, {}))) == 30
        assert not journal.has_damage()


@pytest.mark.parametrize("far", [2**63, -(2**63), 10**30])
@pytest.mark.parametrize(
    "keys",
    [("measured_at", "monotonic_ns"), ("measured_at", "utc_ns"), ("stored_ns",), ("value",)],
    ids=".".join,
)
def test_a_reading_with_a_number_that_cannot_be_is_left_out(
    tmp_path: Path, keys: tuple[str, ...], far: int
) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        (seq, body) = file.execute(
            "SELECT max(seq), body FROM entry WHERE lane = 'readings'"
        ).fetchone()
        record = json.loads(zlib.decompress(body))
        place = record["vitals"][0]
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = far if keys != ("value",) else "high"
        packed = zlib.compress(json.dumps(record).encode())
        file.execute("UPDATE entry SET body = ? WHERE seq = ?", (packed, seq))
        file.commit()
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(START.plus(60)), "maker")
        assert len(list(memory.readings([BED], 3600, {}))) == 29
        assert journal.has_damage()


@pytest.mark.parametrize(
    ("keys", "far"),
    [
        (("n",), 0),
        (("n",), 2**31),
        (("rule_version",), -1),
        (("rule_version",), 2**31),
        (("present_s",), -0.1),
        (("present_s",), 1e12),
        (("changed_at", "monotonic_ns"), 2**63),
        (("changed_at", "monotonic_ns"), -(2**63)),
        (("raised_at", "utc_ns"), -1),
        (("raised_at", "utc_ns"), 2**64),
        (("evidence", 0, "measured_at", "monotonic_ns"), 2**63),
        (("evidence", 0, "measured_at", "utc_ns"), -1),
    ],
)
def test_an_alert_with_a_number_that_cannot_be_is_left_out(
    keys: tuple[str | int, ...], far: float
) -> None:
    record = json.loads(encode_alert(RAISED))
    place = record
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = far
    with pytest.raises(UNREADABLE):
        stored_alert(json.dumps(record).encode())
    assert stored_alert(encode_alert(RAISED)) == RAISED


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


def test_snapshots_of_two_beds_are_never_mixed_up(tmp_path: Path) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        file.execute("UPDATE bed_snapshot SET bed_id = 'bed-02'")
        file.commit()
    with opened(tmp_path / "journal.db") as journal:
        assert Memory(journal, clock_at(START.plus(60)), "maker").snapshots() == {}
        assert journal.has_damage()
        assert journal.health().damage == f"the snapshot of bed-02 is of {BED}"


def test_readings_and_snapshots_from_the_future_are_left_out(tmp_path: Path) -> None:
    fill(tmp_path)
    with opened(tmp_path / "journal.db") as journal:
        memory = Memory(journal, clock_at(START.plus(20.5)), "maker")
        assert len(list(memory.readings([BED], 3600, {}))) == 21
        assert memory.snapshots() == {}
        assert "ahead" in journal.health().damage


def test_a_damaged_lane_of_an_alert_costs_its_newest_state_only(tmp_path: Path) -> None:
    fill(tmp_path)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        file.execute(
            "UPDATE entry SET lane = 'alertt'"
            " WHERE seq = (SELECT max(seq) FROM entry WHERE lane = 'alerts')"
        )
        file.commit()
    with opened(tmp_path / "journal.db") as journal:
        found = {(alert.rule_id, alert.n) for alert in known_alerts(journal)}
    assert found == {("crs.fever", 1), ("vital.shock", 2)}


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
