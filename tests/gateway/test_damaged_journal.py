"""A damaged journal costs the damaged rows, and the rest is remembered."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.journal_memory import Memory, known_alerts
from edge_agent.gateway.stored_records import stored_alert
from edge_agent.journal.rows import UNREADABLE
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import DevicePlace
from edge_agent.payloads.alerts import encode_alert
from tests.gateway.test_journal_memory import clock_at
from tests.support.damaged_journals import RAISED, damage, fill, flip
from tests.support.gateways import opened
from tests.support.pipelines import BED, PLACE, START

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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
        (("signal_n",), -1),
        (("signal_n",), 3),
        (("answer_from_n",), -1),
        (("answer_from_n",), 3),
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
